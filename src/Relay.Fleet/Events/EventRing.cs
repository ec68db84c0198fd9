using Relay.Fleet.Contract;

namespace Relay.Fleet.Events;

/// <summary>
/// The newest events, so many of them. Where there is no room, who has most makes it: actions where they are more than half, which others
/// therefore never push out of the other half; then a node with more than a sixteenth of all, then the kind that has more than half of
/// what is no action; so nobody hides what is told of others.
/// </summary>
internal sealed class EventRing(int capacity)
{
    private const int ShareOfNode = 16;
    // Few events are nobody's flood.
    private const int LeastOfNode = 64;

    private readonly LinkedList<Entry> _kept = new();
    private readonly LinkedList<Entry> _actions = new();
    private readonly LinkedList<Entry> _others = new();
    private readonly Dictionary<FleetEventKind, LinkedList<Entry>> _ofKind = [];
    private readonly Dictionary<string, LinkedList<Entry>> _ofNode = new(StringComparer.Ordinal);
    private readonly HashSet<string> _loud = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _lastOfDrain = new(StringComparer.Ordinal);

    /// <summary>The highest number that had to make room; 0 for none.</summary>
    internal long LastGone { get; private set; }

    private int MostOfNode => Math.Max(LeastOfNode, capacity / ShareOfNode);

    /// <summary>Adds one, with a number above all others'.</summary>
    internal void Add(FleetEvent happened)
    {
        if (_kept.Count >= capacity)
            Drop(OldestOfWhoHasMost(IsAction(happened)));
        Keep(new Entry(happened));
    }

    /// <summary>Some before those that are added are gone.</summary>
    internal void LoseUpTo(long number) => LastGone = Math.Max(LastGone, number);

    /// <summary>Those above a number, in order.</summary>
    internal IEnumerable<FleetEvent> After(long number)
    {
        var first = _kept.Last;
        while (first?.Previous is { } before && before.Value.Event.Number > number)
            first = before;
        for (var entry = first; entry is not null; entry = entry.Next)
        {
            if (entry.Value.Event.Number > number)
                yield return entry.Value.Event;
        }
    }

    /// <summary>All of them, newest first.</summary>
    internal IEnumerable<FleetEvent> NewestFirst()
    {
        for (var entry = _kept.Last; entry is not null; entry = entry.Previous)
            yield return entry.Value.Event;
    }

    /// <summary>An event of a drain that another of the same drain follows.</summary>
    internal static FleetEvent Shorten(FleetEvent followed) => followed.Drain is { Nodes.Count: > EventLog.LargeDrain } drain
        ? followed with { Drain = drain with { Nodes = [] } }
        : followed;

    // Nobody but operators, and who has a link of theirs, makes any.
    private static bool IsAction(FleetEvent happened) => happened.Kind is FleetEventKind.Action or FleetEventKind.User;

    private void Keep(Entry entry)
    {
        var happened = entry.Event;
        entry.Place = _kept.AddLast(entry);
        entry.PlaceOfClass = (IsAction(happened) ? _actions : _others).AddLast(entry);
        if (IsAction(happened))
            return;
        entry.PlaceOfKind = (_ofKind.TryGetValue(happened.Kind, out var kind) ? kind : _ofKind[happened.Kind] = new()).AddLast(entry);
        if (happened.Node is { } node)
        {
            var own = _ofNode.TryGetValue(node, out var known) ? known : _ofNode[node] = new();
            entry.PlaceOfNode = own.AddLast(entry);
            if (own.Count > MostOfNode)
                _loud.Add(node);
        }
        if (happened.Drain is not { } drain)
            return;
        // A drain of a thousand nodes is told of thousands of times: of a large one only the last event says where every
        // node is, those before it keep the counts.
        if (_lastOfDrain.GetValueOrDefault(drain.Id) is { } older)
            older.Event = Shorten(older.Event);
        _lastOfDrain[drain.Id] = entry;
    }

    private Entry OldestOfWhoHasMost(bool isForAction)
    {
        if (_actions.Count + (isForAction ? 1 : 0) > capacity / 2)
            return _actions.First!.Value;
        if (_loud.Count > 0)
            return _loud.Select(node => _ofNode[node]).MaxBy(static own => own.Count)!.First!.Value;
        var kind = _ofKind.Values.MaxBy(static one => one.Count)!;
        return (kind.Count > _others.Count / 2 ? kind : _others).First!.Value;
    }

    private void Drop(Entry entry)
    {
        LoseUpTo(entry.Event.Number);
        _kept.Remove(entry.Place!);
        entry.PlaceOfClass!.List!.Remove(entry.PlaceOfClass);
        entry.PlaceOfKind?.List!.Remove(entry.PlaceOfKind);
        if (entry.PlaceOfNode is { } place && entry.Event.Node is { } node)
        {
            var own = _ofNode[node];
            own.Remove(place);
            if (own.Count <= MostOfNode)
                _loud.Remove(node);
            if (own.Count == 0)
                _ofNode.Remove(node);
        }
        if (entry.Event.Drain is { } drain && _lastOfDrain.GetValueOrDefault(drain.Id) == entry)
            _lastOfDrain.Remove(drain.Id);
    }

    private sealed class Entry(FleetEvent happened)
    {
        public FleetEvent Event { get; set; } = happened;
        public LinkedListNode<Entry>? Place { get; set; }
        public LinkedListNode<Entry>? PlaceOfClass { get; set; }
        public LinkedListNode<Entry>? PlaceOfKind { get; set; }
        public LinkedListNode<Entry>? PlaceOfNode { get; set; }
    }
}
