namespace Relay.Fleet.Leases;

/// <summary>Who claims a block that another has by a later grant: shown for a lease time after it was last said.</summary>
/// <param name="pool">The pool's name.</param>
/// <param name="leaseTime">How long each is shown.</param>
internal sealed class LeaseConflicts(string pool, TimeSpan leaseTime)
{
    private const int Most = 100;
    // Of one claimant, so that it does not hide others.
    private const int MostOfNode = 8;

    private readonly Dictionary<string, (string Node, DateTimeOffset Until)> _shown = new(StringComparer.Ordinal);

    /// <summary>What is shown, one sentence each.</summary>
    internal IReadOnlyList<string> Texts => [.. _shown.Keys];

    /// <summary>Forgets what was not said for a lease time.</summary>
    internal void Expire(DateTimeOffset now)
    {
        foreach (var (old, _) in _shown.Where(conflict => conflict.Value.Until <= now).ToArray())
            _shown.Remove(old);
    }

    /// <summary>A node claims what another has.</summary>
    /// <returns>The sentence, where it is news; else null.</returns>
    internal string? Add(string node, PrefixLease other, DateTimeOffset now)
    {
        var text = $"{node} claims {other.Prefix} of pool {pool}, which {other.Node} has by a later grant: {node} is told to release it";
        var isNews = !_shown.ContainsKey(text);
        if (isNews && (_shown.Count >= Most || _shown.Values.Count(shown => shown.Node == node) >= MostOfNode))
            return null;
        _shown[text] = (node, now + leaseTime);
        return isNews ? text : null;
    }
}
