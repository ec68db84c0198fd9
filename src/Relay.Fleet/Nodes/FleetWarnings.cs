using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>What an operator should know of a fleet, from its nodes and pools.</summary>
public static class FleetWarnings
{
    private const int MaxWarnings = 100;

    private static readonly FleetWarning Recovering = new(
        "fleet-recovering",
        "the fleet's state has begun anew, or a part of it may be lost: a pool that is defined now grants nothing for a lease time");

    /// <summary>The warnings, at most a hundred.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="pools">The pools.</param>
    /// <param name="live">The live leases; empty where they are not at hand.</param>
    /// <param name="isRecovering">Blocks may be held that no pool knows of.</param>
    public static IReadOnlyList<FleetWarning> Of(
        IEnumerable<NodeInfo> nodes, IEnumerable<PrefixPoolInfo> pools, IEnumerable<LeaseInfo> live, bool isRecovering)
    {
        NodeInfo[] all = [.. nodes];
        FleetWarning[] ofAll = isRecovering ? [Recovering] : [];
        return [.. ofAll.Concat(all.SelectMany(OfNode)).Concat(pools.SelectMany(OfPool)).Concat(Overlaps(all, [.. live]))
            .Take(MaxWarnings)];
    }

    private static IEnumerable<FleetWarning> OfNode(NodeInfo node)
    {
        if (node.State == NodeState.Silent)
            yield return new FleetWarning(
                "node-silent", $"{node.Id} has not been heard of since {node.LastReportAt:u}", node.Id);
        if (node.IsOpenRelay)
            yield return new FleetWarning(
                "open-relay", $"{node.Id} asks clients for no credential: anybody can use it", node.Id);
        if (node.Contender is { } other)
            yield return new FleetWarning(
                "node-name-taken",
                $"two processes report as {node.Id}: the one at {string.Join(", ", node.Addresses)} keeps the name, the one at "
                + $"{string.Join(", ", other.Addresses)} is not ready; give each a name of its own, or end one", node.Id);
        foreach (var text in node.Warnings)
            yield return new FleetWarning("node-warning", $"{node.Id}: {text}", node.Id);
    }

    private static IEnumerable<FleetWarning> OfPool(PrefixPoolInfo pool)
    {
        if (pool.IsFound)
            yield return new FleetWarning(
                "pool-found",
                $"nodes hold {pool.Held} block{(pool.Held == 1 ? "" : "s")} of pool {pool.Pool.Name}, which is not defined: they keep "
                + $"what they have, and nobody gets another until it is, with {pool.Pool.Prefix} in it");
        else if (pool.GrantsFrom is { } from)
            yield return new FleetWarning(
                "pool-recovering",
                $"pool {pool.Pool.Name} grants nothing until {from:u}: its coordinators have begun anew, or may have lost what they "
                + "knew; blocks that are held are renewed");
        foreach (var conflict in pool.Conflicts)
            yield return new FleetWarning("lease-conflict", conflict);
        if (!pool.IsFound && pool.Free == 0)
            yield return new FleetWarning("pool-exhausted", $"no block of pool {pool.Pool.Name} is free");
    }

    // A lease that was granted before a node came with the same addresses in its configuration: nothing can take either
    // away without breaking tunnels, so an operator decides.
    private static IEnumerable<FleetWarning> Overlaps(NodeInfo[] nodes, LeaseInfo[] live) =>
        from node in nodes
        from prefix in node.StaticPrefixes
        from lease in live
        where lease.Node != node.Id && lease.Prefix.Overlaps(prefix)
        select new FleetWarning(
            "prefix-overlap",
            $"{node.Id} has {prefix} in its own configuration, and {lease.Node} leases {lease.Prefix}", node.Id);
}
