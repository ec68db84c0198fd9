namespace Relay.Fleet.Usage;

/// <summary>
/// Users of one node that have used up their month, as far as what they used there has shown. Each look compares with the limits of
/// that moment, so that a limit which is raised or lifted lets them in again.
/// </summary>
public sealed class SpentUsers
{
    /// <summary>The most that a node is told of; of others it is told when they use something again.</summary>
    public const int Max = 4096;

    private readonly Dictionary<string, long> _bytes = new(StringComparer.Ordinal);
    private Month _month;

    /// <summary>Takes what users have used by now.</summary>
    /// <param name="totals">What they have used in the month.</param>
    /// <param name="quotaOf">What a user may use in a month; null for anything.</param>
    /// <param name="now">The coordinator's clock.</param>
    public void Learn(IReadOnlyList<UserTotal> totals, Func<string, long?> quotaOf, DateTimeOffset now)
    {
        Turn(now);
        foreach (var total in totals)
        {
            if (!(total.Bytes >= quotaOf(total.Name)))
                _bytes.Remove(total.Name);
            else if (_bytes.Count < Max || _bytes.ContainsKey(total.Name))
                _bytes[total.Name] = total.Bytes;
        }
    }

    /// <summary>Those that have.</summary>
    public IReadOnlyList<string> Read(Func<string, long?> quotaOf, DateTimeOffset now)
    {
        Turn(now);
        if (_bytes.Count == 0)
            return [];
        foreach (var (user, bytes) in _bytes)
        {
            if (!(bytes >= quotaOf(user)))
                _bytes.Remove(user);
        }
        return [.. _bytes.Keys];
    }

    private void Turn(DateTimeOffset now)
    {
        if (Month.Of(now) is var month && month == _month)
            return;
        _month = month;
        _bytes.Clear();
    }
}
