using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Events;

/// <summary>
/// The newest events of the fleet, numbered within a run. Who reads on from a position learns when some between are
/// gone. A position is opaque; the id of an event is one too.
/// </summary>
public sealed class EventLog
{
    private readonly FleetEvent[] _ring;
    private readonly string _run;
    private readonly Dictionary<string, long> _lastOfDrain = new(StringComparer.Ordinal);
    private long _next;
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
    public EventLog(string run, int capacity = DefaultCapacity) => (_run, _ring) = (run, new FleetEvent[capacity]);

    /// <summary>The position after the last event.</summary>
    public string Position => ToPosition(_next, _rates);

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
        var numbered = happened with { Id = string.Create(CultureInfo.InvariantCulture, $"{_run}-{_next + 1}") };
        Forget(_ring[_next % _ring.Length]);
        _ring[_next % _ring.Length] = numbered;
        if (numbered.Drain is { } drain)
            Thin(drain.Id);
        _next++;
        return numbered;
    }

    /// <summary>What came after a position, at most 256 at a time; empty when nothing did.</summary>
    /// <param name="position">From a batch, or an event's id; null for the end of the log.</param>
    public EventBatch Read(string? position)
    {
        if (position is null)
            return new EventBatch([], Position, HasGap: false);
        var oldest = Math.Max(0, _next - _ring.Length);
        var isKnown = TryParse(position, out var from, out var seenRates);
        var hasGap = !isKnown || from < oldest;
        from = hasGap ? oldest : from;
        var to = Math.Min(_next, from + 256);
        var events = new List<FleetEvent>((int)(to - from) + 1);
        for (var number = from; number < to; number++)
            events.Add(_ring[number % _ring.Length]);
        if (to == _next && seenRates < _rates && _lastRate is { } rate)
            events.Add(rate);
        return new EventBatch(events, ToPosition(to, to == _next ? _rates : seenRates), hasGap);
    }

    // A drain of a thousand nodes is told of thousands of times: of a large one only the last event says where every
    // node is, those before it keep the counts.
    private void Thin(string drain)
    {
        if (_lastOfDrain.TryGetValue(drain, out var number) && number >= _next - _ring.Length + 1
            && _ring[number % _ring.Length] is { Drain: { Nodes.Count: > LargeDrain } before } older)
            _ring[number % _ring.Length] = older with { Drain = before with { Nodes = [] } };
        _lastOfDrain[drain] = _next;
    }

    private void Forget(FleetEvent? overwritten)
    {
        if (overwritten?.Drain is { } drain && _lastOfDrain.TryGetValue(drain.Id, out var number)
            && number == _next - _ring.Length)
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
}
