using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>What an operator should know of a fleet, from its nodes and pools.</summary>
public static class FleetWarnings
{
    private const int MaxOfKind = 32;
    private const int MaxTextsOfNode = 4;

    private static readonly FleetWarning Recovering = new(
        "fleet-recovering",
        "the fleet's state has begun anew, or a part of it may be lost: a pool that is defined now grants nothing for a lease time");

    /// <summary>
    /// The warnings, at most 32 of a kind with a last one that counts the others, and four that a node wrote itself: no node
    /// hides what is told of others. What is known of pools comes first, and then who is silent.
    /// </summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="pools">The pools.</param>
    /// <param name="live">The live leases; empty where they are not at hand.</param>
    /// <param name="isRecovering">Blocks may be held that no pool knows of.</param>
    /// <param name="users">How the store of users stands; null where that is not known.</param>
    public static IReadOnlyList<FleetWarning> Of(
        IEnumerable<NodeInfo> nodes, IEnumerable<PrefixPoolInfo> pools, IEnumerable<LeaseInfo> live, bool isRecovering,
        UserStanding? users = null)
    {
        NodeInfo[] all = [.. nodes];
        PrefixPoolInfo[] defined = [.. pools];
        FleetWarning[] ofAll = isRecovering ? [Recovering] : [];
        var believed = Array.FindAll(all, static node => node.Quarantine is null);
        var ofPools = new PrefixSearch<PrefixPoolInfo>(defined.Where(static pool => !pool.IsFound), static pool => pool.Pool.Prefix);
        var leased = new PrefixSearch<LeaseInfo>(live, static lease => lease.Prefix);
        return [.. ofAll.Concat(Unconfirmed(believed, users)).Concat(defined.SelectMany(OfPool)).Concat(all.Select(Quarantined).OfType<FleetWarning>())
            .Concat(believed.Where(static node => node.State == NodeState.Silent).Select(Silent))
            .Concat(believed.SelectMany(node => Overlaps(node, ofPools))).Concat(believed.SelectMany(node => Overlaps(node, leased)))
            .Concat(believed.SelectMany(OfNode))
            .GroupBy(static warning => warning.Kind).SelectMany(Bounded)];
    }

    private static IEnumerable<FleetWarning> Unconfirmed(NodeInfo[] nodes, UserStanding? users)
    {
        if (users is not null && UserStoreInfo.Of(users, nodes).Waiting is [var first, ..] waiting)
            yield return new FleetWarning(
                "users-unconfirmed",
                $"{first}{(waiting.Count > 1 ? $" and {waiting.Count - 1} more" : "")} "
                + $"{(waiting.Count > 1 ? "keep" : "keeps")} users of another store than this one, which has {users.Users}: "
                + "import what was lost, or look at this one, and confirm it");
    }

    private static IEnumerable<FleetWarning> Bounded(IGrouping<string, FleetWarning> kind)
    {
        FleetWarning[] warnings = [.. kind];
        return warnings.Length <= MaxOfKind ? warnings : warnings.Take(MaxOfKind)
            .Append(new FleetWarning(kind.Key, $"{warnings.Length - MaxOfKind} more warnings of this kind"));
    }

    private static FleetWarning? Quarantined(NodeInfo node) => node.Quarantine is not { } quarantine ? null : new(
        "node-quarantined", $"{node.Id} is quarantined since {quarantine.Since:u}: its reports are refused, and its leases run out", node.Id);

    private static FleetWarning Silent(NodeInfo node) =>
        new("node-silent", $"{node.Id} has not been heard of since {node.LastReportAt:u}", node.Id);

    private static IEnumerable<FleetWarning> OfNode(NodeInfo node)
    {
        if (node.IsOpenRelay)
            yield return new FleetWarning(
                "open-relay", $"{node.Id} asks clients for no credential: anybody can use it", node.Id);
        if (node.Contender is { } other)
            yield return new FleetWarning(
                "node-name-taken",
                $"two processes report as {node.Id}: the one at {string.Join(", ", node.Addresses)} keeps the name, the one at "
                + $"{string.Join(", ", other.Addresses)} is not ready; give each a name of its own, or end one", node.Id);
        if (node.SessionsNotKept > 0)
            yield return new FleetWarning(
                "sessions-not-kept",
                $"{node.Id} tells of more sessions than are kept of it: the others are in no list, and cannot be ended", node.Id);
        foreach (var text in node.Warnings.Take(MaxTextsOfNode))
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
        foreach (var refusal in pool.SharedOut)
            yield return new FleetWarning("pool-shared-out", refusal);
        if (!pool.IsFound && pool.Free == 0)
            yield return new FleetWarning("pool-exhausted", $"no block of pool {pool.Pool.Name} is free");
    }

    // What an operator defined counts: a node that names more than a block takes nothing from the pool.
    private static IEnumerable<FleetWarning> Overlaps(NodeInfo node, PrefixSearch<PrefixPoolInfo> pools) =>
        from prefix in node.StaticPrefixes
        from pool in pools.Overlapping(prefix)
        select new FleetWarning(
            "prefix-overlap",
            $"{node.Id} has {prefix} in its own configuration, "
            + (prefix.Length < pool.Pool.BlockLength
                ? $"and pool {pool.Pool.Name} grants blocks of /{pool.Pool.BlockLength} of it all the same"
                : $"and pool {pool.Pool.Name} grants it to nobody meanwhile"), node.Id);

    // A lease that was granted before a node came with the same addresses in its configuration: nothing can take either
    // away without breaking tunnels, so an operator decides.
    private static IEnumerable<FleetWarning> Overlaps(NodeInfo node, PrefixSearch<LeaseInfo> live) =>
        from prefix in node.StaticPrefixes
        from lease in live.Overlapping(prefix)
        where lease.Node != node.Id
        select new FleetWarning(
            "prefix-overlap",
            $"{node.Id} has {prefix} in its own configuration, and {lease.Node} leases {lease.Prefix}", node.Id);
}
