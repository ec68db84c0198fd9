using Relay.Fleet.Contract;

namespace Relay.Fleet.Usage;

/// <summary>
/// Users of one node that have used up their month, as far as what they used there has shown. Each look compares with the limits of
/// that moment, so that a limit which is raised or lifted lets them in again.
/// </summary>
public sealed class SpentUsers
{
    /// <summary>The most that a node is told of: those who used something last.</summary>
    public const int Max = 4096;

    private readonly Dictionary<string, LinkedListNode<UserTotal>> _users = new(StringComparer.Ordinal);
    private readonly LinkedList<UserTotal> _byUse = [];
    private Month _month;

    /// <summary>Takes what users have used by now.</summary>
    /// <param name="totals">What they have used in the month.</param>
    /// <param name="month">
    /// Which month that is. Around its end, and by another coordinator's clock, it may not be this one, of which it then says nothing.
    /// </param>
    /// <param name="quotaOf">What a user may use in a month; null for anything.</param>
    /// <param name="now">The coordinator's clock.</param>
    public void Learn(IEnumerable<UserTotal> totals, Month month, Func<string, long?> quotaOf, DateTimeOffset now)
    {
        Turn(now);
        if (month != _month)
            return;
        foreach (var total in totals)
        {
            if (!(total.Bytes >= quotaOf(total.Name)))
                Remove(total.Name);
            else if (!_users.TryGetValue(total.Name, out var known) || known.Value != total)
                Add(total);
        }
    }

    /// <summary>Those that have.</summary>
    public IReadOnlyList<string> Read(Func<string, long?> quotaOf, DateTimeOffset now)
    {
        Turn(now);
        if (_users.Count == 0)
            return [];
        foreach (var (user, known) in _users)
        {
            if (!(known.Value.Bytes >= quotaOf(user)))
                Remove(user);
        }
        return [.. _users.Keys];
    }

    /// <summary>A directive that names them, and says when the month ends.</summary>
    public NodeDirective Tell(NodeDirective directive, Func<string, long?> quotaOf, DateTimeOffset now) =>
        Read(quotaOf, now) is { Count: > 0 } spent
            ? directive with { SpentUsers = spent, MonthEndsInSeconds = _month.SecondsLeft(now) } : directive;

    private void Add(UserTotal total)
    {
        Remove(total.Name);
        if (_users.Count >= Max)
            Remove(_byUse.First!.Value.Name);
        _users.Add(total.Name, _byUse.AddLast(total));
    }

    private void Remove(string user)
    {
        if (_users.Remove(user, out var known))
            _byUse.Remove(known);
    }

    private void Turn(DateTimeOffset now)
    {
        if (Month.Of(now) is var month && month == _month)
            return;
        _month = month;
        _users.Clear();
        _byUse.Clear();
    }
}
