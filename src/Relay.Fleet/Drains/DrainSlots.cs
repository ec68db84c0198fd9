using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;

namespace Relay.Fleet.Drains;

/// <summary>
/// The budget of all drains: which nodes are out of service because of any. A slot is taken before its node is ordered
/// to drain and is free when the node has been seen to serve after it, or has been gone for too long: so a coordinator
/// that crashes between the two finds the slot taken, and never one too few.
/// </summary>
public sealed class DrainSlots
{
    private readonly SortedDictionary<string, DrainSlot> _slots = new(StringComparer.Ordinal);
    private readonly FleetTimings _timings;
    private DrainCensus? _census;

    /// <summary>Goes on from a state.</summary>
    public DrainSlots(FleetTimings timings, DrainSlotsState? state = null)
    {
        _timings = timings;
        foreach (var slot in state?.Slots ?? [])
            _slots.Add(slot.Node, slot);
    }

    /// <summary>Rises with every change of what <see cref="ToState"/> gives.</summary>
    public long Revision { get; private set; }

    /// <summary>The operation that a node takes part in; null when it is in none, or only returns from one.</summary>
    public string? DrainOf(string node) => _slots.TryGetValue(node, out var slot) ? PartOf(slot) : null;

    /// <summary>Whether a node is in an operation, or returns from one.</summary>
    public bool Has(string node) => _slots.ContainsKey(node);

    /// <summary>Goes on with what another fleet wrote down, for nodes that have no part in anything here.</summary>
    public void Add(IEnumerable<DrainSlot> slots)
    {
        foreach (var slot in slots.Where(slot => !Has(slot.Node)))
            Put(slot);
    }

    /// <summary>Enrols nodes that are in no operation; of the same operation again, it changes nothing.</summary>
    /// <returns>Null; or a node that is in another operation, in which case nothing is changed.</returns>
    public string? Enrol(string drain, IReadOnlyList<string> nodes, DateTimeOffset now)
    {
        if (nodes.FirstOrDefault(node => DrainOf(node) is { } other && other != drain) is { } taken)
            return taken;
        // One that returns is out of service still: it is in the next from now on, and what it returns from is not over.
        foreach (var node in nodes.Where(node => DrainOf(node) is null))
            Put(_slots.TryGetValue(node, out var slot)
                ? slot with { Next = drain }
                : new DrainSlot { Drain = drain, Node = node, Since = now });
        return null;
    }

    /// <summary>Takes a slot for a node of an operation, if the budget allows; once taken, it stays.</summary>
    public SlotAnswer Reserve(
        string drain, NodeInfo node, DrainBudget budget, OnLostNode onLost, NodeRegistry registry, DateTimeOffset now)
    {
        if (_slots.TryGetValue(node.Id, out var slot))
        {
            if (slot.Drain == drain && slot.Phase == DrainSlotPhase.Taken)
                return new SlotAnswer(true, null);
            if (slot.Phase == DrainSlotPhase.Returning)
                return new SlotAnswer(false, $"{node.Id} returns from drain {slot.Drain} first");
            if (slot.Drain != drain)
                return new SlotAnswer(false, $"{node.Id} takes part in drain {slot.Drain}");
        }
        var counts = CensusOf(registry);
        var most = budget.Of(counts.Members);
        if (counts.OutBeside(node.Id) >= most)
            return new SlotAnswer(false, Holdup([.. Out(registry).Where(other => other != node.Id)], most, registry));
        Put(new DrainSlot
        {
            Drain = drain,
            Node = node.Id,
            Phase = DrainSlotPhase.Taken,
            Since = now,
            Incarnation = node.Incarnation,
            OnLostNode = onLost,
        });
        // Counted on, not anew: the turns of a large fleet may all come at once.
        counts.AddOut(node.Id);
        _census = counts;
        return new SlotAnswer(true, null);
    }

    /// <summary>
    /// An operation says which nodes it still has: those that wait and those that are ordered. Others of its slots are
    /// given back: at once where the turn had not come, else when the node serves.
    /// </summary>
    public void Keep(string drain, IEnumerable<string> nodes, DateTimeOffset now)
    {
        var kept = nodes.ToHashSet(StringComparer.Ordinal);
        foreach (var slot in _slots.Values.Where(slot => PartOf(slot) == drain && !kept.Contains(slot.Node)).ToArray())
        {
            if (slot.Phase == DrainSlotPhase.Enrolled)
                Free(slot);
            else if (slot.Phase == DrainSlotPhase.Taken)
                Put(slot with { Phase = DrainSlotPhase.Returning, Since = now });
            else
                Put(slot with { Next = null });
        }
    }

    /// <summary>Looks at the fleet, and frees the slots of nodes that serve again or are gone for good.</summary>
    /// <returns>What was freed.</returns>
    public IReadOnlyList<DrainSlot> Observe(NodeRegistry registry, DateTimeOffset now)
    {
        List<DrainSlot> freed = [];
        foreach (var slot in _slots.Values.Where(slot => slot.Phase != DrainSlotPhase.Enrolled).ToArray())
        {
            var node = registry.Find(slot.Node);
            if (node is null or { State: NodeState.Silent })
            {
                if (slot.GoneAt is null)
                    Put(slot with { GoneAt = now });
                else if (now - slot.GoneAt >= TimeToReturn(slot, node))
                    freed.Add(Return(slot, now));
            }
            else if (HasReturned(slot, node))
            {
                freed.Add(Return(slot, now));
            }
            else if (slot.GoneAt is not null || (!slot.HasObeyed && node.Drain?.Id == slot.Drain))
            {
                Put(slot with { GoneAt = null, HasObeyed = slot.HasObeyed || node.Drain?.Id == slot.Drain });
            }
        }
        return freed;
    }

    /// <summary>The coordinators' clock was set: since when a node is gone, or returns, moves with it.</summary>
    /// <param name="by">By how much, back where negative.</param>
    public void OnClockStep(TimeSpan by)
    {
        foreach (var slot in _slots.Values.Where(static slot => slot.Phase != DrainSlotPhase.Enrolled).ToArray())
            Put(slot with { Since = slot.Since + by, GoneAt = slot.GoneAt + by });
    }

    /// <summary>
    /// The nodes that are out of service because of drains, or about to be, by name; and others that say they drain.
    /// </summary>
    public IReadOnlyList<string> Out(NodeRegistry registry) =>
        [.. _slots.Values.Where(slot => slot.Phase != DrainSlotPhase.Enrolled).Select(slot => slot.Node)
            .Union(registry.Nodes.Where(DrainCensus.SaysItDrains).Select(node => node.Id)).Order(StringComparer.Ordinal)];

    /// <summary>What has to be stored.</summary>
    public DrainSlotsState ToState() => new() { Slots = [.. _slots.Values] };

    // A process that began anew never had the order. The same one has processed a directive without it if it had said
    // that it obeyed; if it never said so, it may have the order, or an order may be on its way to it, until it has
    // said for a while that it serves.
    private bool HasReturned(DrainSlot slot, NodeInfo node)
    {
        if (node.State != NodeState.Serving)
            return false;
        if (node.Incarnation != slot.Incarnation)
            return true;
        return slot.Phase == DrainSlotPhase.Returning && node.Drain?.Id != slot.Drain
            && (slot.HasObeyed || node.LastReportAt - slot.Since >= _timings.NodeTimeout);
    }

    // One that was drained is restarted or maintained. One that is ordered nothing any more was lost before it was
    // drained, or undrained: the next is not to wait for it for long, unless that was asked for.
    private TimeSpan TimeToReturn(DrainSlot slot, NodeInfo? silent) =>
        slot is { Phase: DrainSlotPhase.Returning, OnLostNode: OnLostNode.Continue }
            // What is silent has been gone for the node timeout.
            ? silent is null ? _timings.NodeTimeout : TimeSpan.Zero
            : _timings.ReturnTime;

    private static string? PartOf(DrainSlot slot) =>
        slot.Phase == DrainSlotPhase.Returning ? slot.Next : slot.Drain;

    private DrainCensus CensusOf(NodeRegistry registry)
    {
        if (_census?.IsOf(registry) != true)
            _census = new DrainCensus(
                registry, _slots.Values.Where(slot => slot.Phase != DrainSlotPhase.Enrolled).Select(slot => slot.Node));
        return _census;
    }

    private static string Holdup(string[] others, int most, NodeRegistry registry)
    {
        var named = others.Take(3).Select(name => registry.Find(name) switch
        {
            null => $"{name} (has left, and not come back)",
            { State: NodeState.Silent } => $"{name} (silent)",
            { State: NodeState.Drained } => $"{name} (drained: restart or undrain it)",
            { State: NodeState.Lame or NodeState.Draining } => $"{name} (draining)",
            _ => $"{name} (does not serve yet)",
        });
        var more = others.Length > 3 ? $" and {others.Length - 3} more" : "";
        return $"of the nodes that may be out of service at a time ({most}), {others.Length} are: {string.Join(", ", named)}{more}";
    }

    private void Put(DrainSlot slot)
    {
        _slots[slot.Node] = slot;
        _census = null;
        Revision++;
    }

    private DrainSlot Free(DrainSlot slot)
    {
        _slots.Remove(slot.Node);
        _census = null;
        Revision++;
        return slot;
    }

    private DrainSlot Return(DrainSlot slot, DateTimeOffset now)
    {
        Free(slot);
        if (slot is { Phase: DrainSlotPhase.Returning, Next: { } next })
            Put(new DrainSlot { Drain = next, Node = slot.Node, Since = now });
        return slot;
    }
}
