using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Leases;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;
using Relay.Fleet.Users;

namespace Relay.Fleet.State;

/// <summary>What an import adds to a fleet, once nothing speaks against it.</summary>
public sealed record FleetImportPlan
{
    private const int MaxConflicts = 8;
    // More than a fleet of as many nodes as there may be gives up within a quarantine.
    private const int MaxRetired = 1 << 16;

    /// <summary>What the pools wrote down, each with the definition that it has here.</summary>
    public required IReadOnlyList<PrefixPoolState> Pools { get; init; }

    /// <summary>The limits.</summary>
    public required IReadOnlyList<LimitRule> Limits { get; init; }

    /// <summary>Users that are not here.</summary>
    public required IReadOnlyList<StoredUser> Users { get; init; }

    /// <summary>Users who were removed here, by name.</summary>
    public required IReadOnlyList<string> RemovedUsers { get; init; }

    /// <summary>The drains, oldest first.</summary>
    public required IReadOnlyList<DrainPlanState> Drains { get; init; }

    /// <summary>Who is in them.</summary>
    public required IReadOnlyList<DrainSlot> Slots { get; init; }

    /// <summary>Nodes that are not known here.</summary>
    public required IReadOnlyList<NodeInfo> Nodes { get; init; }

    /// <summary>Blocks that nobody may have yet, by this fleet's clock.</summary>
    public required IReadOnlyList<RetiredBlock> Retired { get; init; }

    /// <summary>Quarantines of nodes that are not quarantined here.</summary>
    public required IReadOnlyList<NodeQuarantine> Quarantined { get; init; }

    /// <summary>Whether it adds nothing.</summary>
    public bool IsEmpty => Pools.Count + Limits.Count + Users.Count + Drains.Count + Quarantined.Count == 0;

    /// <summary>What it adds, by name.</summary>
    public FleetImport ToImport() => new()
    {
        Pools = [.. Pools.Select(static pool => pool.Pool.Name)],
        Limits = [.. Limits.Select(static rule => rule.Identity)],
        Users = Users.Count,
        RemovedUsers = RemovedUsers,
        Drains = [.. Drains.Select(static drain => drain.Id)],
        Quarantined = [.. Quarantined.Select(static one => one.Node)],
    };

    /// <summary>Compares a document with a fleet; changes nothing.</summary>
    /// <param name="state">The document.</param>
    /// <param name="pools">The fleet's pools.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="users">Its users; null where somebody else compares them.</param>
    /// <param name="enrolledIn">The drain that a node takes part in here.</param>
    /// <param name="slots">Who is out of service because of its drains.</param>
    /// <param name="drains">Its drains' fingerprints by id.</param>
    /// <param name="quarantine">Which of its nodes are quarantined.</param>
    /// <param name="registry">Its nodes.</param>
    /// <param name="found">What nodes hold of pools that it does not define.</param>
    /// <param name="timings">Its times.</param>
    /// <param name="now">Its clock.</param>
    public static FleetResult<FleetImportPlan> Of(
        FleetState state, CatalogDecider pools, LimitDecider limits, UserBook? users, Func<string, string?> enrolledIn, DrainSlots slots,
        IReadOnlyDictionary<string, string?> drains, QuarantineDecider quarantine, NodeRegistry registry, IReadOnlyCollection<LeaseInfo> found,
        FleetTimings timings, DateTimeOffset now)
    {
        var conflicts = new List<string>();
        var added = DrainsOf(state, drains, conflicts);
        var compared = users?.Compare(state.Users?.Users ?? [], conflicts);
        var plan = new FleetImportPlan
        {
            Pools = PoolsOf(state, pools, found, now, conflicts),
            Limits = LimitsOf(state, limits, conflicts),
            Users = compared?.Added ?? [],
            RemovedUsers = compared?.Removed ?? [],
            Drains = added,
            Slots = SlotsOf(state, added, enrolledIn, slots, now, conflicts),
            Quarantined = [.. state.Quarantine.Nodes.Where(one => !quarantine.Has(one.Node))],
            Nodes = [.. state.Nodes.Where(node => registry.Find(node.Id) is null).Select(Unheard)],
            Retired = [.. state.ToCatalog().CountedFrom(now, timings).Retired
                .OrderByDescending(static block => block.Until).Take(MaxRetired)],
        };
        if (plan.Nodes.Count > NodeRegistry.MaxNodes - registry.Count)
            conflicts.Add($"there are {registry.Count} nodes here, and {plan.Nodes.Count} more would be too many");
        if (plan.Quarantined.Count > QuarantineDecider.MaxNodes - quarantine.Nodes.Count)
            conflicts.Add($"{quarantine.Nodes.Count} nodes are quarantined here, and {plan.Quarantined.Count} more would be too many");
        if (conflicts.Count == 0)
            return FleetResult.Ok(plan);
        var more = conflicts.Count > MaxConflicts ? $"; and {conflicts.Count - MaxConflicts} more" : "";
        return FleetResult.Conflict<FleetImportPlan>(
            $"nothing was imported: {string.Join("; ", conflicts.Take(MaxConflicts))}{more}");
    }

    private static List<PrefixPoolState> PoolsOf(
        FleetState state, CatalogDecider pools, IReadOnlyCollection<LeaseInfo> found, DateTimeOffset now, List<string> conflicts)
    {
        var added = new List<PrefixPoolState>();
        var names = state.Pools.Select(static pool => pool.Pool.Name).ToHashSet(StringComparer.Ordinal);
        // What the document defines as well is no pool's that is not defined.
        LeaseInfo[] foreign = [.. found.Where(lease => !names.Contains(lease.Pool))];
        foreach (var pool in state.Pools)
        {
            if (pools.Find(pool.Pool.Name) is { } known)
            {
                if (known with { Version = "" } != pool.Pool with { Version = "" })
                    conflicts.Add($"pool {known.Name} is {known.Prefix} in blocks of /{known.BlockLength} here");
                continue;
            }
            var check = pools.Check(pool.Pool, "", foreign, now);
            if (check.Value is not { } defined)
                conflicts.Add($"pool {pool.Pool.Name}: {check.Detail}");
            else if (PrefixAllocator.MisfitOf(defined, found.Where(lease => lease.Pool == defined.Name)) is { } misfit)
                conflicts.Add(misfit);
            else if (pool.NextEpoch > now.ToUnixTimeMilliseconds() + PrefixAllocator.MaxEpochLead)
                conflicts.Add($"pool {defined.Name}: its next grant is numbered by a clock that is more than a day ahead of this one");
            else
                added.Add(pool with { Pool = defined });
        }
        if (pools.Pools.Count + added.Count > CatalogDecider.MaxPools)
            conflicts.Add($"there are {pools.Pools.Count} pools here, and {added.Count} more would be too many");
        return added;
    }

    private static List<LimitRule> LimitsOf(FleetState state, LimitDecider limits, List<string> conflicts)
    {
        var known = limits.Rules.ToDictionary(static rule => rule.Identity, StringComparer.Ordinal);
        var added = new List<LimitRule>();
        foreach (var rule in state.Limits.Rules)
        {
            if (!known.TryGetValue(rule.Identity, out var here))
                added.Add(rule);
            else if (here.Limit != rule.Limit)
                conflicts.Add($"the limit of {rule.Identity} is another one here");
        }
        if (known.Count + added.Count > LimitDecider.MaxRules)
            conflicts.Add($"there are {known.Count} limits here, and {added.Count} more would be too many");
        return added;
    }

    // Of those that are over, the newest that there is room for.
    private static List<DrainPlanState> DrainsOf(
        FleetState state, IReadOnlyDictionary<string, string?> drains, List<string> conflicts)
    {
        conflicts.AddRange(state.Drains
            .Where(drain => drains.TryGetValue(drain.Id, out var here) && here is not null && drain.Fingerprint is not null
                && here != drain.Fingerprint)
            .Select(static drain => $"drain {drain.Id} was begun by another request here"));
        List<DrainPlanState> added = [.. state.Drains.Where(drain => !drains.ContainsKey(drain.Id))];
        var active = added.Count(DrainPlan.IsActiveIn);
        var room = DrainPlan.MaxDrains - drains.Count - active;
        if (room < 0)
            conflicts.Add($"there are {drains.Count} drains here, and {active} more that are not over would be too many");
        var tooOld = added.Where(static drain => !DrainPlan.IsActiveIn(drain)).SkipLast(Math.Max(0, room)).ToHashSet();
        added.RemoveAll(tooOld.Contains);
        return added;
    }

    // Made of the drains, which say who takes part; what the document has of them says how far each is.
    private static List<DrainSlot> SlotsOf(
        FleetState state, IReadOnlyList<DrainPlanState> added, Func<string, string?> enrolledIn, DrainSlots here, DateTimeOffset now,
        List<string> conflicts)
    {
        var known = state.Slots.Slots.ToDictionary(static slot => slot.Node, StringComparer.Ordinal);
        var made = new Dictionary<string, DrainSlot>(StringComparer.Ordinal);
        foreach (var (drain, node) in added.SelectMany(static drain => drain.Nodes.Where(DrainPlan.TakesPart).Select(node => (drain, node))))
        {
            if (enrolledIn(node.Node) is { } other)
                conflicts.Add($"{node.Node} takes part in drain {other} here, and in drain {drain.Id}");
            else if (!made.TryAdd(node.Node, SlotOf(drain, node, known.GetValueOrDefault(node.Node), now)))
                conflicts.Add($"{node.Node} takes part in drain {made[node.Node].Drain}, and in drain {drain.Id}");
        }
        foreach (var drain in added)
        {
            foreach (var slot in state.Slots.Slots.Where(slot => slot.Drain == drain.Id && slot.Phase == DrainSlotPhase.Returning))
                made.TryAdd(slot.Node, slot with { Next = null });
        }
        return [.. made.Values.Where(slot => !here.Has(slot.Node) && !IsGone(slot, added))];

        // One that was drained, and away for so long that its place was given back.
        bool IsGone(DrainSlot slot, IReadOnlyList<DrainPlanState> drains) => !known.ContainsKey(slot.Node)
            && drains.Any(drain => drain.Id == slot.Drain && drain.Nodes.Any(node => node.Node == slot.Node && node.Step == DrainStep.Drained));
    }

    private static DrainSlot SlotOf(DrainPlanState drain, DrainNodeState node, DrainSlot? known, DateTimeOffset now)
    {
        var isWaiting = node.Step == DrainStep.Waiting;
        if (known is { Phase: DrainSlotPhase.Returning } && isWaiting && known.Next == drain.Id)
            return known;
        if (known is { Phase: DrainSlotPhase.Taken } && !isWaiting && known.Drain == drain.Id)
            return known;
        return new DrainSlot
        {
            Drain = drain.Id,
            Node = node.Node,
            Phase = isWaiting ? DrainSlotPhase.Enrolled : DrainSlotPhase.Taken,
            Since = now,
            Incarnation = node.Incarnation,
            OnLostNode = drain.OnLostNode,
        };
    }

    // It may be gone for long: a share of the nodes that serve is not of such.
    private static NodeInfo Unheard(NodeInfo node) =>
        FleetState.Remember(node) with { State = node.State == NodeState.Serving ? NodeState.Starting : node.State };
}
