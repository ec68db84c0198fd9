using Relay.Fleet.Contract;

namespace Relay.Fleet.Events;

/// <summary>
/// Events that wait to be told, oldest first: as many of the newest as a log keeps, and of a large drain only the last one with its
/// nodes, as in <see cref="EventLog"/>.
/// </summary>
public sealed class UntoldEvents
{
    private List<FleetEvent> _events = [];
    private long _lost;

    /// <summary>How many wait.</summary>
    public int Count => _events.Count;

    /// <summary>Adds one that has happened.</summary>
    public void Add(FleetEvent happened)
    {
        if (happened.Drain is { } drain)
        {
            var last = _events.FindLastIndex(one => one.Drain?.Id == drain.Id);
            if (last >= 0)
                _events[last] = EventRing.Shorten(_events[last]);
        }
        if (_events.Count == EventLog.DefaultCapacity)
        {
            _events.RemoveAt(0);
            _lost++;
        }
        _events.Add(happened);
    }

    /// <summary>Takes all that wait, to tell them, and how many there was no room for.</summary>
    public (List<FleetEvent> Events, long Lost) Take()
    {
        var taken = (_events, _lost);
        (_events, _lost) = ([], 0);
        return taken;
    }

    /// <summary>Puts back what could not be told, before what has happened since.</summary>
    public void PutBack(IReadOnlyList<FleetEvent> taken, long lost)
    {
        var since = Take();
        (_events, _lost) = ([.. taken], lost + since.Lost);
        since.Events.ForEach(Add);
    }
}
