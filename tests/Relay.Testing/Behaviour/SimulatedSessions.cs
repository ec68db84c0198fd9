using Relay.Fleet.Contract;

namespace Relay.Testing.Behaviour;

/// <summary>A simulated node's sessions, and what of them the fleet has not acknowledged.</summary>
public sealed class SimulatedSessions
{
    private readonly Dictionary<string, SessionRecord> sessions = [];
    private readonly SortedDictionary<long, string> changes = [];
    private long last;
    private long acknowledged;
    private bool isRestart = true;

    public IReadOnlyCollection<string> Ids => sessions.Keys;

    public SessionRecord Put(SessionRecord session)
    {
        Note(session.Id);
        return sessions[session.Id] = session;
    }

    public void Remove(string id)
    {
        if (sessions.Remove(id))
            Note(id);
    }

    public void Clear()
    {
        sessions.Clear();
        changes.Clear();
        (last, acknowledged, isRestart) = (0, 0, true);
    }

    public SessionDelta Delta()
    {
        var told = changes.Where(change => isRestart || change.Key > acknowledged).Take(SessionDelta.MaxChanges)
            .ToArray();
        return new SessionDelta
        {
            From = acknowledged,
            To = told.Length > 0 ? told[^1].Key : Math.Max(last, acknowledged),
            IsRestart = isRestart,
            Changed = [.. told.Select(change => sessions.GetValueOrDefault(change.Value)).OfType<SessionRecord>()],
            Ended = [.. told.Select(change => change.Value).Where(id => !sessions.ContainsKey(id))],
        };
    }

    public void Acknowledge(NodeDirective directive)
    {
        if (directive.Resync)
        {
            // All of them are news again.
            changes.Clear();
            foreach (var id in sessions.Keys)
                changes.Add(++last, id);
            isRestart = true;
            return;
        }
        isRestart = false;
        acknowledged = directive.AcknowledgedSessions;
        foreach (var known in changes.Keys.TakeWhile(number => number <= acknowledged).ToArray())
            changes.Remove(known);
    }

    private void Note(string id)
    {
        foreach (var older in changes.Where(change => change.Value == id).Select(change => change.Key).ToArray())
            changes.Remove(older);
        changes.Add(++last, id);
    }
}
