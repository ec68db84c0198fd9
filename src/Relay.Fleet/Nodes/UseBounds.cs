using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>
/// What is believed of a node's word on what users have used there: no more than a machine can carry in the time, all of them together,
/// nor than each was allowed there. What is believed is refused to them everywhere. It is of the name, whichever process has that, and by
/// the time that passes here: a node makes none pass, however often it reports or begins anew.
/// </summary>
/// <param name="time">The coordinator's clocks, of which none that can be set is read.</param>
internal sealed class UseBounds(TimeProvider time)
{
    /// <summary>A card of 400 Gbit/s.</summary>
    internal const long MaxBytesPerSecond = 50_000_000_000;

    /// <summary>Tunnels of a node that begin in a second.</summary>
    internal const long MaxTunnelsPerSecond = 1 << 20;

    /// <summary>Users with a rate who are remembered; who has used least of late is forgotten first.</summary>
    internal const int MaxUsers = 1 << 14;

    // Of before it was heard of: what it had not told the coordinator before this one.
    private static readonly UseCredit AtFirst = new(TimeSpan.FromMinutes(-1));

    private readonly long _began = time.GetTimestamp();
    private readonly Dictionary<string, UseCredit> _users = new(StringComparer.Ordinal);
    private UseCredit _bytes = AtFirst;
    private UseCredit _tunnels = AtFirst;
    private UseCredit _others = AtFirst;

    /// <summary>How many users are remembered.</summary>
    internal int Users => _users.Count;

    /// <summary>What users have used as far as it is believed.</summary>
    /// <param name="uses">As the node says, each user once.</param>
    /// <param name="rateOf">What a user was allowed there in a second; the most that there is for anything.</param>
    internal IReadOnlyList<UserUse> Of(IReadOnlyList<UserUse> uses, Func<string, long> rateOf)
    {
        var now = time.GetElapsedTime(_began);
        List<UserUse> believed = [];
        foreach (var use in uses)
        {
            var (rate, credit) = (rateOf(use.Name), _users.GetValueOrDefault(use.Name, _others));
            var most = Math.Min(_bytes.Left(MaxBytesPerSecond, now), rate == long.MaxValue ? rate : credit.Left(rate, now));
            var up = Math.Min(use.UpstreamBytes, most);
            var down = Math.Min(use.DownstreamBytes, most - up);
            var tunnels = Math.Min(use.Tunnels, _tunnels.Left(MaxTunnelsPerSecond, now));
            _bytes = _bytes.Less(up + down, MaxBytesPerSecond, now);
            _tunnels = _tunnels.Less(tunnels, MaxTunnelsPerSecond, now);
            if (rate != long.MaxValue && up + down > 0)
                Remember(use.Name, credit.Less(up + down, rate, now));
            believed.Add(new UserUse(use.Name, up, down, tunnels));
        }
        return believed;
    }

    private void Remember(string user, UseCredit credit)
    {
        if (_users.Count >= MaxUsers && !_users.ContainsKey(user))
        {
            // Who is forgotten has no more afterwards than any of them had.
            var least = _users.OrderBy(static one => one.Value.UsedUpTo).Take(MaxUsers / 2).ToList();
            foreach (var (name, _) in least)
                _users.Remove(name);
            _others = least[^1].Value;
        }
        _users[user] = credit;
    }
}
