using System.Runtime.InteropServices;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Usage;

/// <summary>
/// What users have used, by calendar month (UTC), of the last twelve, or for a while more where a clock jumped. A batch of a node counts
/// once, however often it comes: how far nodes were heard is stored together with what they told.
/// </summary>
public sealed class UsageBook
{
    /// <summary>How many months are kept, this one among them.</summary>
    public const int MaxMonths = 12;

    // With those that a clock which is set wrongly has made, or would have ended.
    private const int MaxMonthsOfClocks = 2 * MaxMonths;

    /// <summary>Of so many nodes it is known how far they were heard; more than a fleet has.</summary>
    public const int MaxNodes = 16_384;

    // The year 9999.
    private const long MaxSeconds = 253_402_300_799;

    private readonly SortedDictionary<Month, MonthSums> _months =
        new(Comparer<Month>.Create(static (a, b) => a.Number.CompareTo(b.Number)));
    private readonly Dictionary<string, HeardUse> _heard = new(StringComparer.Ordinal);
    private Month? _latest;

    /// <summary>Goes on from what was stored.</summary>
    public UsageBook(IEnumerable<UsageMonth> months)
    {
        foreach (var stored in months.OrderBy(static month => month.Month, StringComparer.Ordinal))
        {
            if (!Month.TryParse(stored.Month, out var month))
                continue;
            var sums = _months[month] = new MonthSums();
            foreach (var user in stored.Users)
                sums.Users[user.Name] = new Used(user.Up, user.Down, user.Tunnels, user.Seen);
            foreach (var node in stored.Nodes)
                _heard[node.Node] = node;
        }
    }

    /// <summary>What is wrong with what was stored; null for nothing.</summary>
    public static string? FaultOf(UsageMonth month) =>
        !Month.TryParse(month.Month, out _) ? "month: it is none"
        : month.Users.Any(static user => !Names.IsUser(user?.Name) || user!.Up < 0 || user.Down < 0 || user.Tunnels < 0 || user.Seen is < 0 or > MaxSeconds)
            ? "users: one has no name, or a negative number"
        : month.Nodes.Any(static node => !Names.IsNode(node?.Node) || node!.Number < 0 || node.At < 0) ? "nodes: one has no name, or a negative number"
        : null;

    /// <summary>The months of which there is something, oldest first.</summary>
    public IReadOnlyCollection<Month> Months => _months.Keys;

    /// <summary>Whether anything is known of a user.</summary>
    public bool Has(string user) => _months.Values.Any(month => month.Users.ContainsKey(user));

    /// <summary>Takes a batch of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="incarnation">Its process.</param>
    /// <param name="number">The batch's number; one that was heard before, or of a process before this one, adds nothing.</param>
    /// <param name="uses">What is believed of it, of users that there are.</param>
    /// <param name="now">The coordinator's clock, which says what month it is.</param>
    /// <returns>What those users have used in this month, both ways together.</returns>
    public IReadOnlyList<UserTotal> Add(string node, Guid incarnation, long number, IReadOnlyList<UserUse> uses, DateTimeOffset now)
    {
        var month = Current(now);
        if (Hear(node, incarnation, number, now))
        {
            foreach (var use in uses)
            {
                ref var used = ref CollectionsMarshal.GetValueRefOrAddDefault(month.Users, use.Name, out _);
                used = used.With(use, now.ToUnixTimeSeconds());
            }
            month.Revision++;
        }
        return [.. uses.Select(use => new UserTotal(use.Name, month.Users.GetValueOrDefault(use.Name).Bytes))];
    }

    /// <summary>What a user has used, without the limit.</summary>
    public UserUsage Read(string user)
    {
        var months = _months.Where(month => month.Value.Users.ContainsKey(user)).Select(month => (month.Key, Used: month.Value.Users[user])).ToList();
        return new UserUsage
        {
            Name = user,
            LastSeen = months.Count == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(months.Max(static month => month.Used.Seen)),
            Months = [.. Enumerable.Reverse(months).Select(static month =>
                new UserMonth($"{month.Key}", month.Used.Up, month.Used.Down, month.Used.Tunnels))],
        };
    }

    /// <summary>When a user was last seen, and what he has used in this month, both ways together.</summary>
    public UserSeen Glance(string user, DateTimeOffset now)
    {
        var seen = 0L;
        foreach (var month in _months.Values)
            seen = Math.Max(seen, month.Users.GetValueOrDefault(user).Seen);
        return new UserSeen(user, seen == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(seen), TotalOf(user, now).Bytes);
    }

    /// <summary>What a user has used in this month.</summary>
    public UserTotal TotalOf(string user, DateTimeOffset now) => new(
        user, _months.TryGetValue(Month.Of(now), out var current) ? current.Users.GetValueOrDefault(user).Bytes : 0);

    /// <summary>A user is none any more: who has the name later has used nothing.</summary>
    public void Forget(string user)
    {
        foreach (var month in _months.Values)
            month.Revision += month.Users.Remove(user) ? 1 : 0;
    }

    /// <summary>What is to be stored, since it has changed.</summary>
    public IReadOnlyList<UsageMonth> Unsaved() => [.. _months.Where(static month => month.Value.Revision != month.Value.Saved).Select(month =>
        new UsageMonth
        {
            Month = $"{month.Key}",
            Revision = month.Value.Revision,
            Users = [.. month.Value.Users.Select(static user =>
                new UsedMonth(user.Key, user.Value.Up, user.Value.Down, user.Value.Tunnels, user.Value.Seen))],
            Nodes = [.. _heard.Values],
        })];

    /// <summary>What <see cref="Unsaved"/> gave is stored.</summary>
    public void Save(IReadOnlyList<UsageMonth> months)
    {
        foreach (var saved in months)
        {
            if (Month.TryParse(saved.Month, out var month) && _months.TryGetValue(month, out var sums))
                sums.Saved = saved.Revision;
        }
    }

    /// <summary>Nothing is known to be stored any more.</summary>
    public void Unsave()
    {
        foreach (var month in _months.Values)
            month.Saved = -1;
    }

    private MonthSums Current(DateTimeOffset now)
    {
        var month = Month.Of(now);
        var isNext = _latest?.Number + 1 == month.Number;
        _latest = month;
        if (_months.TryGetValue(month, out var sums))
            return sums;
        _months.Add(month, sums = new MonthSums());
        // A clock that jumps ends no month: those that are over go with the next that begins when it should.
        while (isNext && _months.First().Key.Number <= month.Number - MaxMonths)
            _months.Remove(_months.First().Key);
        while (_months.Count > MaxMonthsOfClocks)
            _months.Remove(_months.Keys.MaxBy(one => Math.Abs(one.Number - month.Number)));
        return sums;
    }

    private bool Hear(string node, Guid incarnation, long number, DateTimeOffset now)
    {
        var heard = _heard.GetValueOrDefault(node);
        if (heard is not null && (heard.Incarnation == incarnation ? number <= heard.Number : heard.Before == incarnation))
            return false;
        if (heard is null && _heard.Count >= MaxNodes)
            _heard.Remove(_heard.MinBy(static one => one.Value.At).Key);
        var before = heard is null ? Guid.Empty : heard.Incarnation == incarnation ? heard.Before : heard.Incarnation;
        _heard[node] = new HeardUse(node, incarnation, number, before, now.ToUnixTimeSeconds());
        return true;
    }

    private sealed class MonthSums
    {
        public Dictionary<string, Used> Users { get; } = new(StringComparer.Ordinal);

        public long Revision { get; set; }

        public long Saved { get; set; }
    }

    private readonly record struct Used(long Up, long Down, long Tunnels, long Seen)
    {
        public long Bytes => Sums.Saturating(Up, Down);

        public Used With(UserUse use, long at) => new(
            Sums.Saturating(Up, use.UpstreamBytes), Sums.Saturating(Down, use.DownstreamBytes),
            Sums.Saturating(Tunnels, use.Tunnels), Math.Max(Seen, at));
    }
}

/// <summary>What a user has used in this month.</summary>
/// <param name="Name">The user.</param>
/// <param name="Bytes">Both ways together.</param>
public sealed record UserTotal(string Name, long Bytes);

/// <summary>A user at a glance.</summary>
/// <param name="Name">The user.</param>
/// <param name="LastSeen">When last; null where that is not known.</param>
/// <param name="BytesThisMonth">Both ways together.</param>
public sealed record UserSeen(string Name, DateTimeOffset? LastSeen, long BytesThisMonth);
