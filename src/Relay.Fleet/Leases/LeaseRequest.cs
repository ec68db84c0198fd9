using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>What one report asks of one pool.</summary>
/// <param name="Node">Who.</param>
/// <param name="Incarnation">Which run of its process.</param>
/// <param name="IsWanted">It wants one block.</param>
/// <param name="Claims">The blocks of this pool that it uses.</param>
/// <param name="Released">The blocks of this pool that it has stopped to use.</param>
public sealed record LeaseRequest(
    string Node, Guid Incarnation, bool IsWanted, IReadOnlyList<LeaseClaim> Claims, IReadOnlyList<LeaseClaim> Released)
{
    /// <summary>Who sent it, where the token is one of many nodes; null of others.</summary>
    public ReportSender? Sender { get; init; }

    private static readonly IReadOnlyDictionary<string, LeaseRequest> None = new Dictionary<string, LeaseRequest>();

    /// <summary>The pools that a report concerns, each with what it asks of it.</summary>
    public static IReadOnlyDictionary<string, LeaseRequest> Of(NodeReport report)
    {
        if (report.Pools.Count + report.Leases.Count + report.Released.Count == 0)
            return None;
        var requests = new SortedDictionary<string, LeaseRequest>(StringComparer.Ordinal);
        foreach (var pool in report.Pools
            .Concat(report.Leases.Select(claim => claim.Pool)).Concat(report.Released.Select(claim => claim.Pool)))
        {
            if (!requests.ContainsKey(pool))
                requests.Add(pool, Of(report, pool));
        }
        return requests;
    }

    private static LeaseRequest Of(NodeReport report, string pool) => new(
        report.Node, report.Incarnation, report.Pools.Contains(pool) && !report.IsLeaving,
        [.. report.Leases.Where(claim => claim.Pool == pool)], [.. report.Released.Where(claim => claim.Pool == pool)])
    {
        Sender = report.Sender,
    };
}

/// <summary>What a pool answers to a report.</summary>
/// <param name="Grants">The blocks that the node may use, and those that it shall stop to use.</param>
/// <param name="Fault">Why it gets no block though it wants one, one sentence; null when it has one.</param>
/// <param name="Changed">Leases that are new or in another state, as they are now; for the log.</param>
/// <param name="Expired">What had run out when it was asked; for the log.</param>
public sealed record LeaseAnswer(
    IReadOnlyList<LeaseGrant> Grants, string? Fault, IReadOnlyList<PrefixLease> Changed, LeaseExpiry Expired)
{
    /// <summary>Who claims what another has, one sentence each, where that is news; for the log.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];
}
