using System.Globalization;
using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Leases;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;
using Relay.Fleet.Users;

namespace Relay.Fleet.State;

/// <summary>
/// Says what is wrong with a document: everything that goes on from one relies on the bounds that the usual ways in have.
/// </summary>
public static class FleetStateFaults
{
    /// <summary>At most so many faults are told.</summary>
    public const int MaxFaults = 16;

    private const int MaxFound = 64;
    // What a fleet holds must never be more than it reads again: bounds that follow from others are wide.
    private const int MaxRetired = 16 << PrefixPool.MaxBlockBits;
    private const int MaxSlots = 10 * NodeRegistry.MaxNodes;
    // With as many that are removed, and some whose removal is not written yet.
    private const int MaxStoredUsers = 4 * UserBook.MaxUsers;
    private const int MaxPrefixes = 64;
    private const int MaxText = 512;

    // As far as JSON's numbers are exact.
    private const long MaxNumber = 1L << 53;

    /// <summary>What is wrong, each with its place in the document, as <c>pools[0].leases[3]</c>; at most 16.</summary>
    public static IReadOnlyList<(string Place, string Detail)> Of(FleetState state) => [.. Find(state).Take(MaxFaults)];

    /// <summary>The refusal of a document of another version.</summary>
    internal static string UnknownVersion(int version) => string.Create(
        CultureInfo.InvariantCulture, $"{version} is unknown to this program, which knows {FleetState.CurrentVersion}");

    private static IEnumerable<(string Place, string Detail)> Find(FleetState state)
    {
        if (state.Version != FleetState.CurrentVersion)
            yield return ("version", UnknownVersion(state.Version));
        if (!Names.IsOperation(state.Generation))
            yield return ("generation", "1 to 64 of A-Z, a-z, 0-9, - and _ are wanted");
        if (!IsNumber(state.PoolVersion))
            yield return ("poolVersion", "it is negative or too large");
        foreach (var fault in Pools(state).Concat(Found(state)).Concat(Limits(state.Limits)).Concat(Users(state.Users)).Concat(Slots(state.Slots))
            .Concat(Drains(state.Drains)).Concat(Nodes(state.Nodes)).Concat(Quarantined(state.Quarantine)))
            yield return fault;
        foreach (var fault in Items("retired", state.Retired, MaxRetired, static block => block.Prefix, static block =>
            IsTime(block.Until) && block.Prefix.Length > 0 ? null : "its prefix is empty, or its time is none"))
            yield return fault;
    }

    private static IEnumerable<(string, string)> Pools(FleetState state)
    {
        foreach (var fault in Items("pools", state.Pools, CatalogDecider.MaxPools, static pool => pool.Pool?.Name ?? "", FaultOf))
            yield return fault;
        var defined = state.Pools.Where(static pool => pool?.Pool is not null).Select(static pool => pool.Pool)
            .OrderBy(static pool => pool.Prefix).ToArray();
        // In order of address, what overlaps has its neighbour within it.
        foreach (var (one, next) in defined.Zip(defined.Skip(1)))
        {
            if (one.Prefix.Overlaps(next.Prefix))
                yield return ("pools", $"{next.Prefix} of {next.Name} overlaps {one.Prefix} of {one.Name}");
        }
        foreach (var (i, pool) in state.Pools.Index())
        {
            // Of what is no pool, blocks say nothing.
            if (pool is null || FaultOf(pool) is not null)
                continue;
            var table = new BlockTable(pool.Pool);
            foreach (var fault in Items($"pools[{i}].leases", pool.Leases, 1 << PrefixPool.MaxBlockBits,
                static lease => lease.Prefix, lease => !table.Has(lease.Prefix) ? $"{lease.Prefix} is no block of pool {pool.Pool.Name}"
                    : lease.IsLive && lease.Epoch >= pool.NextEpoch ? "epoch: it is not below the pool's nextEpoch" : FaultOf(lease)))
                yield return fault;
            foreach (var fault in Items($"pools[{i}].recoveries", pool.Recoveries, PrefixAllocator.MaxRecoveriesPerHour,
                static start => start.Node, static start => Names.IsNode(start.Node) && IsTime(start.At) ? null : "no node, or no time"))
                yield return fault;
        }
    }

    private static string? FaultOf(PrefixPoolState pool)
    {
        if (pool.Pool is null)
            return "pool: required";
        if (CatalogDecider.FaultOf(pool.Pool) is var (field, detail))
            return $"pool.{field}: {detail}";
        if (!IsVersion(pool.Pool.Version))
            return "pool.version: a version as the fleet gives it is wanted";
        return pool.NextEpoch >= 1
            && IsNumber(pool.NextEpoch) && IsNumber(pool.FirstEpoch) && IsNumber(pool.UnknownFrom) && IsNumber(pool.UnknownTo)
            && IsNumber(pool.NextBlock) && IsTime(pool.RecoveringUntil)
            ? null : "an epoch, a block's number or a time is negative or too large";
    }

    private static string? FaultOf(PrefixLease lease) =>
        !Names.IsNode(lease.Node) ? "node: a name is " + Names.NodeRule
        : lease.Incarnation == Guid.Empty ? "incarnation: it is empty"
        : lease.Epoch is < 1 or > MaxNumber ? "epoch: it is not a number from 1 on"
        : !Enum.IsDefined(lease.State) ? "state: there is no such state"
        : !IsTime(lease.ExpiresAt) ? "expiresAt: it is no time"
        : lease.Sender is { } sender && !(Names.IsText(sender.Token, 128) && Names.IsText(sender.Source, 64))
            ? "sender: no token's name, or no address"
        : null;

    private static IEnumerable<(string, string)> Found(FleetState state)
    {
        var defined = state.Pools.Select(static pool => pool?.Pool?.Name).ToHashSet();
        foreach (var fault in Items("found", state.Found, MaxFound, static pool => pool.Name, pool =>
            !Names.IsPool(pool.Name) ? "name: a pool's name is " + Names.PoolRule
            : defined.Contains(pool.Name) ? $"name: pool {pool.Name} is defined" : null))
            yield return fault;
        foreach (var (i, pool) in state.Found.Index())
        {
            foreach (var fault in Items($"found[{i}].leases", pool?.Leases ?? [], FoundPool.MaxBlocksPerNode * NodeRegistry.MaxNodes,
                static lease => lease.Prefix, static lease => ReportValidator.IsSmallEnough(lease.Prefix)
                    ? FaultOf(lease) : "prefix: shorter than /8 of IPv4 or /16 of IPv6"))
                yield return fault;
        }
    }

    private static IEnumerable<(string, string)> Limits(LimitBookState limits)
    {
        if (!IsNumber(limits.Version))
            yield return ("limits.version", "it is negative or too large");
        foreach (var fault in Items("limits.rules", limits.Rules, LimitDecider.MaxRules, static rule => rule.Identity, static rule =>
            rule.Limit is null ? "limit: required"
            : LimitDecider.FaultOf(rule) is var (field, detail) ? $"{field}: {detail}"
            : !IsVersion(rule.Version) ? "version: a version as the fleet gives it is wanted" : null))
            yield return fault;
    }

    private static IEnumerable<(string, string)> Users(UserBookState? users)
    {
        if (users is null)
            yield break;
        if (users.Store == Guid.Empty || !IsNumber(users.Version) || !IsNumber(users.Floor))
            yield return ("users.store", "it is empty, or its version or floor is negative or too large");
        if (users.Gaps.Count > MaxPrefixes || users.Buckets.Count is not (0 or UserBucket.Count) || !users.Buckets.All(IsNumber)
            || users.Gaps.Any(static gap => gap is null || !IsNumber(gap.After) || !IsNumber(gap.Before)))
            yield return ("users.gaps", "more than there may be, or a version is negative or too large");
        foreach (var fault in Items(
            "users.enrolments", users.Enrolments, UserBook.MaxEnrolments, static enrolment => enrolment.Sha256, UserFaults.Of))
            yield return fault;
        foreach (var fault in Items("users.users", users.Users, MaxStoredUsers, static user => user.Name, static user =>
            IsNumber(user.Version) ? UserFaults.Of(user) : "version: it is too large"))
            yield return fault;
        if (users.Users.Sum(static user => user?.Devices?.Count ?? 0) > UserBook.MaxDevices)
            yield return ("users.users", $"more than {UserBook.MaxDevices} devices");
    }

    private static IEnumerable<(string, string)> Slots(DrainSlotsState slots) =>
        Items("slots.slots", slots.Slots, MaxSlots, static slot => slot.Node, static slot =>
            !Names.IsNode(slot.Node) ? "node: a name is " + Names.NodeRule
            : !Names.IsOperation(slot.Drain) || (slot.Next is not null && !Names.IsOperation(slot.Next)) ? "drain: it has no id"
            : !Enum.IsDefined(slot.Phase) || !Enum.IsDefined(slot.OnLostNode) ? "phase: there is no such one"
            : !IsTime(slot.Since) || !IsTime(slot.GoneAt) ? "since: it is no time" : null);

    private static IEnumerable<(string, string)> Drains(IReadOnlyList<DrainPlanState> drains)
    {
        foreach (var fault in Items("drains", drains, DrainPlan.MaxDrains, static drain => drain.Id, FaultOf))
            yield return fault;
        foreach (var (i, drain) in drains.Index())
        {
            foreach (var fault in Items($"drains[{i}].nodes", drain?.Nodes ?? [], NodeRegistry.MaxNodes, static node => node.Node, FaultOf))
                yield return fault;
        }
    }

    private static string? FaultOf(DrainPlanState drain) =>
        !Names.IsOperation(drain.Id) ? "id: an id is 1 to 64 of A-Z, a-z, 0-9, - and _"
        : new DrainNodeBody { DeadlineSeconds = drain.DeadlineSeconds, Reason = drain.Reason }.Faults().FirstOrDefault()
            is (not null and var field, var detail) ? $"{field}: {detail}"
        : !Enum.IsDefined(drain.State) || !Enum.IsDefined(drain.Mode) || !Enum.IsDefined(drain.OnLostNode) ? "state: there is no such one"
        : drain.MaxConcurrent.Value < 1 ? "maxConcurrent: a number of nodes from 1, or a percentage such as \"25%\", is wanted"
        : drain.Fingerprint is not null && !Names.IsText(drain.Fingerprint, MaxText) ? "fingerprint: too long, or not plain text"
        : !IsTime(drain.CreatedAt) || !IsTime(drain.EndedAt) ? "createdAt: it is no time" : null;

    private static string? FaultOf(DrainNodeState node) =>
        !Names.IsNode(node.Node) ? "node: a name is " + Names.NodeRule
        : !Enum.IsDefined(node.Step) ? "step: there is no such step"
        : !IsTime(node.StartedAt) || !IsTime(node.LameUntil) || !IsTime(node.DeadlineAt) || !IsTime(node.EndedAt) ? "startedAt: it is no time"
        // Sums of what a node has said, which are no numbers of its own.
        : node.TunnelsOpen is < 0 or > 2 * MaxNumber || node.Lost is < 0 or > 2 * MaxNumber || IsUnfit(node.Progress) ? "progress: a number is negative or too large"
        : null;

    private static IEnumerable<(string, string)> Nodes(IReadOnlyList<NodeInfo> nodes) =>
        Items("nodes", nodes, NodeRegistry.MaxNodes, static node => node.Id, static node =>
            !Names.IsNode(node.Id) ? "id: a name is " + Names.NodeRule
            : !Enum.IsDefined(node.State) ? "state: there is no such state"
            : !Names.IsText(node.Version, 64) ? "version: too long, or not plain text"
            : node.Addresses.Count > MaxPrefixes || !node.Addresses.All(static text => Names.IsText(text, MaxText)) ? "addresses: too many, or not plain text"
            : node.StaticPrefixes.Count > MaxPrefixes || !node.StaticPrefixes.All(ReportValidator.IsSmallEnough)
                ? "staticPrefixes: too many, or one shorter than /8 of IPv4 or /16 of IPv6"
            : node.Sender is { } sender && !(Names.IsText(sender.Token, MaxText) && Names.IsText(sender.Source, MaxText))
                ? "sender: too long, or not plain text"
            // Its times are for people: it is the node that says when it began.
            : IsUnfit(node.Drain) ? "drain: it has no id, or a number is negative or too large" : null);

    private static IEnumerable<(string, string)> Quarantined(QuarantineState quarantine)
    {
        if (!IsNumber(quarantine.Version))
            yield return ("quarantine.version", "it is negative or too large");
        foreach (var fault in Items("quarantine.nodes", quarantine.Nodes, QuarantineDecider.MaxNodes, static one => one.Node, static one =>
            !Names.IsNode(one.Node) ? "node: a name is " + Names.NodeRule
            : !IsTime(one.Since) ? "since: it is no time"
            : !IsVersion(one.Version) ? "version: a version as the fleet gives it is wanted" : null))
            yield return fault;
    }

    private static IEnumerable<(string, string)> Items<T, TKey>(
        string place, IReadOnlyList<T> items, int most, Func<T, TKey> keyOf, Func<T, string?> faultOf)
        where T : class
    {
        if (items.Count > most)
        {
            yield return (place, $"more than {most}");
            yield break;
        }
        var seen = new HashSet<TKey>();
        foreach (var (i, item) in items.Index())
        {
            if (item is null)
                yield return ($"{place}[{i}]", "null");
            else if (faultOf(item) is { } fault)
                yield return ($"{place}[{i}]", fault);
            else if (!seen.Add(keyOf(item)))
                yield return ($"{place}[{i}]", $"{keyOf(item)} is there twice");
        }
    }

    private static bool IsUnfit(NodeDrainProgress? drain) => drain is not null && (!Names.IsOperation(drain.Id)
        || !IsNumber(drain.TunnelsAtStart) || !IsNumber(drain.TunnelsLeft) || !IsNumber(drain.Finished) || !IsNumber(drain.ForceClosed));

    private static bool IsVersion(string? version) =>
        long.TryParse(version, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && IsNumber(number);

    private static bool IsNumber(long number) => number is >= 0 and <= MaxNumber;

    // What clocks may be off by, and sums of times with it, stay within what a date can be.
    private static bool IsTime(DateTimeOffset? time) => time is null or { Year: >= 1970 and < 9000 };
}
