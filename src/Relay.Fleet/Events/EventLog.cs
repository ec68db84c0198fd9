using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Events;

/// <summary>
/// The newest events of the fleet, numbered within a run. Who reads on from a position learns when some between are
/// gone. A position is opaque; the id of an event is one too.
/// </summary>
public sealed class EventLog
{
    private readonly FleetEvent[] ring;
    private readonly string run;
    private readonly Dictionary<string, long> lastOfDrain = new(StringComparer.Ordinal);
    private long next;
    private long rates;
    private FleetEvent? lastRate;

    /// <summary>How many events are kept unless another number is given.</summary>
    public const int DefaultCapacity = 4096;

    /// <summary>Of a drain with more nodes, only the last event has them.</summary>
    public const int LargeDrain = 64;

    /// <summary>An empty log.</summary>
    /// <param name="run">
    /// Names this run of the log: letters and digits, another text after every loss of its events.
    /// </param>
    /// <param name="capacity">How many events are kept.</param>
    public EventLog(string run, int capacity = DefaultCapacity) => (this.run, ring) = (run, new FleetEvent[capacity]);

    /// <summary>The position after the last event.</summary>
    public string Position => ToPosition(next, rates);

    /// <summary>
    /// Adds an event and gives it its id. One of <see cref="FleetEventKind.Rate"/> has none: only the last is kept.
    /// </summary>
    public FleetEvent Append(FleetEvent happened)
    {
        if (happened.Kind == FleetEventKind.Rate)
        {
            rates++;
            return lastRate = happened with { Id = "" };
        }
        var numbered = happened with { Id = string.Create(CultureInfo.InvariantCulture, $"{run}-{next + 1}") };
        Forget(ring[next % ring.Length]);
        ring[next % ring.Length] = numbered;
        if (numbered.Drain is { } drain)
            Thin(drain.Id);
        next++;
        return numbered;
    }

    /// <summary>What came after a position, at most 256 at a time; empty when nothing did.</summary>
    /// <param name="position">From a batch, or an event's id; null for the end of the log.</param>
    public EventBatch Read(string? position)
    {
        if (position is null)
            return new EventBatch([], Position, HasGap: false);
        var oldest = Math.Max(0, next - ring.Length);
        var isKnown = TryParse(position, out var from, out var seenRates);
        var hasGap = !isKnown || from < oldest;
        from = hasGap ? oldest : from;
        var to = Math.Min(next, from + 256);
        var events = new List<FleetEvent>((int)(to - from) + 1);
        for (var number = from; number < to; number++)
            events.Add(ring[number % ring.Length]);
        if (to == next && seenRates < rates && lastRate is { } rate)
            events.Add(rate);
        return new EventBatch(events, ToPosition(to, to == next ? rates : seenRates), hasGap);
    }

    // A drain of a thousand nodes is told of thousands of times: of a large one only the last event says where every
    // node is, those before it keep the counts.
    private void Thin(string drain)
    {
        if (lastOfDrain.TryGetValue(drain, out var number) && number >= next - ring.Length + 1
            && ring[number % ring.Length] is { Drain: { Nodes.Count: > LargeDrain } before } older)
            ring[number % ring.Length] = older with { Drain = before with { Nodes = [] } };
        lastOfDrain[drain] = next;
    }

    private void Forget(FleetEvent? overwritten)
    {
        if (overwritten?.Drain is { } drain && lastOfDrain.TryGetValue(drain.Id, out var number)
            && number == next - ring.Length)
            lastOfDrain.Remove(drain.Id);
    }

    private string ToPosition(long number, long rate) =>
        string.Create(CultureInfo.InvariantCulture, $"{run}-{number}-{rate}");

    // "RUN-NUMBER", an event's id, whose reader has seen every rate so far; or "RUN-NUMBER-RATES".
    private bool TryParse(string position, out long number, out long seenRates)
    {
        (number, seenRates) = (0, rates);
        var parts = position.Split('-');
        return parts.Length is 2 or 3 && parts[0] == run && TryNumber(parts[1], next, out number)
            && (parts.Length == 2 || TryNumber(parts[2], rates, out seenRates));
    }

    private static bool TryNumber(string text, long most, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
