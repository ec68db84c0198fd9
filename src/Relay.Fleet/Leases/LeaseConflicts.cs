namespace Relay.Fleet.Leases;

/// <summary>Who claims a block that another has by a later grant: shown for a lease time after it was last said.</summary>
/// <param name="pool">The pool's name.</param>
/// <param name="leaseTime">How long each is shown.</param>
internal sealed class LeaseConflicts(string pool, TimeSpan leaseTime)
{
    private const int Most = 100;

    // Until when each is shown.
    private readonly Dictionary<string, DateTimeOffset> _shown = new(StringComparer.Ordinal);

    /// <summary>What is shown, one sentence each.</summary>
    internal IReadOnlyList<string> Texts => [.. _shown.Keys];

    /// <summary>Forgets what was not said for a lease time.</summary>
    internal void Expire(DateTimeOffset now)
    {
        foreach (var (old, _) in _shown.Where(conflict => conflict.Value <= now).ToArray())
            _shown.Remove(old);
    }

    /// <summary>A node claims what another has.</summary>
    /// <returns>The sentence, where it is news; else null.</returns>
    internal string? Add(string node, PrefixLease other, DateTimeOffset now)
    {
        var text = $"{node} claims {other.Prefix} of pool {pool}, which {other.Node} has by a later grant: {node} is told to release it";
        var isNews = !_shown.ContainsKey(text);
        if (isNews && _shown.Count >= Most)
            return null;
        _shown[text] = now + leaseTime;
        return isNews ? text : null;
    }
}
