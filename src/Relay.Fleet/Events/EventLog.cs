using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Events;

/// <summary>
/// The newest events of the fleet, numbered on from what its history has. Who reads on from a position learns when some between are
/// gone. A position is opaque; the id of an event is one too.
/// </summary>
public sealed class EventLog
{
    private readonly EventRing _recent;
    private readonly string _run;
    private long _next;
    private long _rates;
    private FleetEvent? _lastRate;

    /// <summary>How many events are kept for who reads on unless another number is given.</summary>
    public const int DefaultCapacity = 4096;

    /// <summary>Of a drain with more nodes, only the last event has them.</summary>
    public const int LargeDrain = 64;

    /// <summary>A log that goes on from a history, or begins.</summary>
    /// <param name="run">
    /// Names this run of the log: letters and digits, another text after every loss of its events.
    /// </param>
    /// <param name="capacity">How many events are kept for who reads on.</param>
    /// <param name="stored">The history as it was stored; null for none.</param>
    public EventLog(string run, int capacity = DefaultCapacity, EventHistoryState? stored = null)
    {
        (_run, _recent, History) = (run, new EventRing(capacity), new EventHistory(run, stored));
        _next = History.Last;
        _recent.LoseUpTo(stored?.LastGone ?? 0);
        foreach (var happened in History.After(0))
            _recent.Add(happened);
    }

    /// <summary>The position after the last event.</summary>
    public string Position => ToPosition(_next, _rates);

    /// <summary>What of it is kept over restarts.</summary>
    public EventHistory History { get; }

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
        var number = ++_next;
        var numbered = happened with { Id = string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}"), Number = number };
        _recent.Add(numbered);
        History.Add(numbered);
        return numbered;
    }

    /// <summary>What came after a position, at most 256 at a time; empty when nothing did.</summary>
    /// <param name="position">From a batch, or an event's id; null for the end of the log.</param>
    public EventBatch Read(string? position)
    {
        if (position is null)
            return new EventBatch([], Position, HasGap: false);
        var isWhole = TryParse(position, out var from, out var seenRates);
        var events = _recent.After(from).Take(256).ToList();
        var to = events.Count < 256 ? _next : events[^1].Number;
        if (to == _next && seenRates < _rates && _lastRate is { } rate)
            events.Add(rate);
        return new EventBatch(events, ToPosition(to, to == _next ? _rates : seenRates), !isWhole || from < _recent.LastGone);
    }

    private string ToPosition(long number, long rate) =>
        string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}-{rate}");

    // "RUN-NUMBER", an event's id, whose reader has seen every rate so far; or "RUN-NUMBER-RATES". Whether nothing after it is missing.
    private bool TryParse(string position, out long number, out long seenRates)
    {
        (number, seenRates) = (0, _rates);
        var parts = position.Split('-');
        if (parts.Length is not (2 or 3))
            return false;
        if (parts[0] != _run)
            return TryNumber(parts[1], long.MaxValue, out number) && History.TryFind(parts[0], ref number);
        if (TryNumber(parts[1], _next, out number) && (parts.Length == 2 || TryNumber(parts[2], _rates, out seenRates)))
            return true;
        (number, seenRates) = (0, _rates);
        return false;
    }

    private static bool TryNumber(string text, long most, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
