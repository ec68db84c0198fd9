using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Events;

/// <summary>
/// The newest events of the fleet, numbered within a run. Who reads on from a position learns when some between are
/// gone. A position is opaque; the id of an event is one too. Where there is no room, who has most events makes it: first a node
/// with more than a sixteenth of all, then the kind that has more than half; so nobody hides what is told of others.
/// </summary>
public sealed class EventLog
{
    private const int ShareOfNode = 16;
    // Few events are nobody's flood.
    private const int LeastOfNode = 64;

    private readonly LinkedList<Entry> _kept = new();
    private readonly Dictionary<FleetEventKind, LinkedList<Entry>> _ofKind = [];
    private readonly Dictionary<string, LinkedList<Entry>> _ofNode = new(StringComparer.Ordinal);
    private readonly HashSet<string> _loud = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _lastOfDrain = new(StringComparer.Ordinal);
    private readonly string _run;
    private readonly int _capacity;
    private long _next;
    private long _lastGone;
    private long _rates;
    private FleetEvent? _lastRate;

    /// <summary>How many events are kept unless another number is given.</summary>
    public const int DefaultCapacity = 4096;

    /// <summary>Of a drain with more nodes, only the last event has them.</summary>
    public const int LargeDrain = 64;

    /// <summary>An empty log.</summary>
    /// <param name="run">
    /// Names this run of the log: letters and digits, another text after every loss of its events.
    /// </param>
    /// <param name="capacity">How many events are kept.</param>
    public EventLog(string run, int capacity = DefaultCapacity) => (_run, _capacity) = (run, capacity);

    /// <summary>The position after the last event.</summary>
    public string Position => ToPosition(_next, _rates);

    private int MostOfNode => Math.Max(LeastOfNode, _capacity / ShareOfNode);

    /// <summary>
    /// Adds an event and gives it its id. One of <see cref="FleetEventKind.Rate"/> has none: only the last is kept.
    /// </summary>
    public FleetEvent Append(FleetEvent happened)
    {
        if (happened.Kind == FleetEventKind.Rate)
        {
            _rates++;
            return _lastRate = happened with { Id = "" };
        }
        var numbered = happened with { Id = string.Create(CultureInfo.InvariantCulture, $"{_run}-{++_next}") };
        if (_kept.Count >= _capacity)
            Drop(OldestOfWhoHasMost());
        Keep(new Entry(_next, numbered));
        return numbered;
    }

    /// <summary>What came after a position, at most 256 at a time; empty when nothing did.</summary>
    /// <param name="position">From a batch, or an event's id; null for the end of the log.</param>
    public EventBatch Read(string? position)
    {
        if (position is null)
            return new EventBatch([], Position, HasGap: false);
        var isKnown = TryParse(position, out var from, out var seenRates);
        from = isKnown ? from : 0;
        var first = _kept.Last;
        while (first?.Previous is { } before && before.Value.Number > from)
            first = before;
        var events = new List<FleetEvent>();
        var to = from;
        for (var entry = first; entry is not null && events.Count < 256; entry = entry.Next)
        {
            if (entry.Value.Number <= from)
                continue;
            events.Add(entry.Value.Event);
            to = entry.Value.Number;
        }
        if (events.Count < 256)
            to = _next;
        if (to == _next && seenRates < _rates && _lastRate is { } rate)
            events.Add(rate);
        return new EventBatch(events, ToPosition(to, to == _next ? _rates : seenRates), !isKnown || from < _lastGone);
    }

    private void Keep(Entry entry)
    {
        var happened = entry.Event;
        entry.Place = _kept.AddLast(entry);
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

    /// <summary>An event of a drain that another of the same drain follows.</summary>
    internal static FleetEvent Shorten(FleetEvent followed) => followed.Drain is { Nodes.Count: > LargeDrain } drain
        ? followed with { Drain = drain with { Nodes = [] } }
        : followed;

    private Entry OldestOfWhoHasMost()
    {
        if (_loud.Count > 0)
            return _loud.Select(node => _ofNode[node]).MaxBy(static own => own.Count)!.First!.Value;
        var kind = _ofKind.Values.MaxBy(static one => one.Count)!;
        return (kind.Count > _capacity / 2 ? kind : _kept).First!.Value;
    }

    private void Drop(Entry entry)
    {
        _lastGone = Math.Max(_lastGone, entry.Number);
        _kept.Remove(entry.Place!);
        entry.PlaceOfKind!.List!.Remove(entry.PlaceOfKind);
        if (entry.Event.Node is { } node)
        {
            var own = _ofNode[node];
            own.Remove(entry.PlaceOfNode!);
            if (own.Count <= MostOfNode)
                _loud.Remove(node);
            if (own.Count == 0)
                _ofNode.Remove(node);
        }
        if (entry.Event.Drain is { } drain && _lastOfDrain.GetValueOrDefault(drain.Id) == entry)
            _lastOfDrain.Remove(drain.Id);
    }

    private string ToPosition(long number, long rate) =>
        string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}-{rate}");

    // "RUN-NUMBER", an event's id, whose reader has seen every rate so far; or "RUN-NUMBER-RATES".
    private bool TryParse(string position, out long number, out long seenRates)
    {
        (number, seenRates) = (0, _rates);
        var parts = position.Split('-');
        return parts.Length is 2 or 3 && parts[0] == _run && TryNumber(parts[1], _next, out number)
            && (parts.Length == 2 || TryNumber(parts[2], _rates, out seenRates));
    }

    private static bool TryNumber(string text, long most, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;

    private sealed class Entry(long number, FleetEvent happened)
    {
        public long Number => number;
        public FleetEvent Event { get; set; } = happened;
        public LinkedListNode<Entry>? Place { get; set; }
        public LinkedListNode<Entry>? PlaceOfKind { get; set; }
        public LinkedListNode<Entry>? PlaceOfNode { get; set; }
    }
}
