using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Events;

/// <summary>
/// The last thousand of what happened and was done, to be kept over restarts: half of them are actions', however much else happens, and
/// what is not needed for that half is others'. Each entry is bounded, whatever names are in it. Who keeps it writes the whole of it now
/// and then (<see cref="Unsaved"/>), and nobody waits for that.
/// </summary>
public sealed class EventHistory
{
    private const int MaxRuns = 16;
    private const int MaxText = 320;
    private const int MaxType = 32;
    private const int MaxName = 256;
    private const int MaxDetail = 256;

    private readonly EventRing _ring = new(Capacity);
    private readonly EventRun[] _earlier;
    private readonly string _run;
    private long _saved;
    private long _lost;
    private long _savedLost;
    private bool _isBegun;
    private bool _isRefused;

    /// <summary>How many entries there are at most.</summary>
    public const int Capacity = 1000;

    internal EventHistory(string run, EventHistoryState? stored)
    {
        _run = run;
        _earlier = [.. (stored?.Runs ?? []).TakeLast(MaxRuns - 1)];
        _saved = Last = stored?.Last ?? 0;
        _lost = _savedLost = stored?.Lost ?? 0;
        _ring.LoseUpTo(stored?.LastGone ?? 0);
        var number = 0L;
        foreach (var happened in stored?.Events ?? [])
        {
            if (happened.Number <= number || happened.Number > Last)
                continue;
            number = happened.Number;
            _ring.Add(happened);
        }
    }

    /// <summary>The last number that was given; 0 for none.</summary>
    public long Last { get; private set; }

    /// <summary>Reads a part of it.</summary>
    public EventPage Read(EventQuery query)
    {
        var limit = Math.Clamp(query.Limit, 1, Capacity);
        var items = _ring.NewestFirst().Where(happened => Fits(happened, query)).Take(limit + 1).ToList();
        var next = items.Count > limit ? items[limit - 1].Number.ToString(CultureInfo.InvariantCulture) : null;
        return new EventPage
        {
            Items = [.. items.Take(limit)],
            Next = next,
            Unwritten = _isRefused ? _ring.After(_saved).LongCount() : 0,
            Lost = _lost,
        };
    }

    /// <summary>Some could not be told.</summary>
    /// <param name="count">How many.</param>
    public void Lose(long count) => _lost += Math.Max(0, count);

    /// <summary>
    /// What is to be written; null where all of it is. That a run has begun is to be written as well: the one before has ended in order,
    /// and what comes after it may yet be lost.
    /// </summary>
    /// <param name="isEnding">Whether nothing comes after it in this run.</param>
    public EventHistoryState? Unsaved(bool isEnding = false) =>
        (_isBegun && _saved == Last && _savedLost == _lost && !isEnding) || (Last == 0 && _lost == 0) ? null : new EventHistoryState
        {
            Last = Last,
            LastGone = _ring.LastGone,
            Lost = _lost,
            Runs = [.. _earlier, new EventRun(_run, Last, isEnding)],
            Events = [.. _ring.After(0)],
        };

    /// <summary>It is written.</summary>
    public void Save(EventHistoryState state) => (_saved, _savedLost, _isBegun, _isRefused) = (state.Last, state.Lost, true, false);

    /// <summary>It was not taken, and is to be written again.</summary>
    public void Refuse() => _isRefused = true;

    internal IEnumerable<FleetEvent> After(long number) => _ring.After(number);

    internal void Add(FleetEvent happened)
    {
        Last = happened.Number;
        _ring.Add(Bounded(happened));
    }

    // Where to read on after a number of an earlier run; whether nothing between is missing. What of that run was not stored is.
    internal bool TryFind(string run, ref long number)
    {
        var index = 0;
        while (index < _earlier.Length && _earlier[index].Name != run)
            index++;
        if (index == _earlier.Length)
        {
            number = 0;
            return false;
        }
        var isStored = number <= _earlier[index].Last;
        number = Math.Min(number, _earlier[index].Last);
        return isStored && _earlier.Skip(index).All(static one => one.IsWhole);
    }

    private static bool Fits(FleetEvent happened, EventQuery query) =>
        (query.Before is not { } before || happened.Number < before)
        && (query.Kinds.Count == 0 || query.Kinds.Contains(happened.Kind))
        && (query.Actor is null || happened.Actor == query.Actor)
        && (query.Subject is null || happened.IsAbout(query.Subject));

    // Where each node of a drain is can be asked for; what a drain says of itself is bounded as it comes in.
    private static FleetEvent Bounded(FleetEvent happened) => happened with
    {
        Text = Cut(happened.Text, MaxText)!,
        Actor = Cut(happened.Actor, MaxName),
        Subject = happened.Subject is { } subject
            ? subject with { Type = Cut(subject.Type, MaxType)!, Name = Cut(subject.Name, MaxName)! } : null,
        Node = Cut(happened.Node, MaxName),
        User = Cut(happened.User, MaxName),
        Source = Cut(happened.Source, MaxName),
        Detail = Cut(happened.Detail, MaxDetail),
        Drain = happened.Drain is { } drain
            ? drain with { Nodes = [], Reason = Cut(drain.Reason, MaxText)!, Holdup = Cut(drain.Holdup, MaxText) } : null,
    };

    private static string? Cut(string? text, int most) => text is null || text.Length <= most ? text : text[..(most - 1)] + "…";
}
