using Relay.Fleet.Contract;

namespace Relay.Testing.Behaviour;

/// <summary>A simulated node's sessions, and what of them the fleet has not acknowledged.</summary>
public sealed class SimulatedSessions
{
    private readonly Dictionary<string, SessionRecord> _sessions = [];
    private readonly SortedDictionary<long, string> _changes = [];
    private long _last;
    private long _acknowledged;
    private bool _isRestart = true;

    public IReadOnlyCollection<string> Ids => _sessions.Keys;

    public SessionRecord Put(SessionRecord session)
    {
        Note(session.Id);
        return _sessions[session.Id] = session;
    }

    public void Remove(string id)
    {
        if (_sessions.Remove(id))
            Note(id);
    }

    public void Clear()
    {
        _sessions.Clear();
        _changes.Clear();
        (_last, _acknowledged, _isRestart) = (0, 0, true);
    }

    public SessionDelta Delta()
    {
        var told = _changes.Where(change => _isRestart || change.Key > _acknowledged).Take(SessionDelta.MaxChanges)
            .ToArray();
        return new SessionDelta
        {
            From = _acknowledged,
            To = told.Length > 0 ? told[^1].Key : Math.Max(_last, _acknowledged),
            IsRestart = _isRestart,
            Changed = [.. told.Select(change => _sessions.GetValueOrDefault(change.Value)).OfType<SessionRecord>()],
            Ended = [.. told.Select(change => change.Value).Where(id => !_sessions.ContainsKey(id))],
        };
    }

    public void Acknowledge(NodeDirective directive)
    {
        if (directive.Resync)
        {
            // All of them are news again.
            _changes.Clear();
            foreach (var id in _sessions.Keys)
                _changes.Add(++_last, id);
            _isRestart = true;
            return;
        }
        _isRestart = false;
        _acknowledged = directive.AcknowledgedSessions;
        foreach (var known in _changes.Keys.TakeWhile(number => number <= _acknowledged).ToArray())
            _changes.Remove(known);
    }

    private void Note(string id)
    {
        foreach (var older in _changes.Where(change => change.Value == id).Select(change => change.Key).ToArray())
            _changes.Remove(older);
        _changes.Add(++_last, id);
    }
}
