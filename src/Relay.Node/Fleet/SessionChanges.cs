using Relay.Fleet.Contract;

namespace Relay.Node.Fleet;

/// <summary>
/// The changes of sessions that the fleet has not confirmed, in the order of their numbers. A session has one place:
/// what changes again before it is told moves to the end, so that memory is bounded by the sessions that live, and by
/// <paramref name="maxEnded"/> that have ended. Not thread-safe.
/// </summary>
/// <param name="maxEnded">
/// Ended sessions that are kept to be told; beyond that the whole account begins anew, which needs none.
/// </param>
internal sealed class SessionChanges(int maxEnded = 65_536)
{
    private readonly LinkedList<SessionEntry> _changes = new();
    private readonly HashSet<SessionEntry> _live = [];
    private long _last;
    private long _confirmed;
    private long _restartedAt;
    private int _ended;
    private bool _restart = true;

    /// <summary>Sessions that live.</summary>
    public int Live => _live.Count;

    /// <summary>Places that are in use; for tests.</summary>
    public int Pending => _changes.Count;

    /// <summary>Whether there is more to tell than one delta holds.</summary>
    public bool HasBacklog => _changes.Count > SessionDelta.MaxChanges;

    /// <summary>A session began or changed.</summary>
    public void Add(SessionEntry entry)
    {
        _live.Add(entry);
        Move(entry);
    }

    /// <summary>A session ended.</summary>
    public void End(SessionEntry entry)
    {
        if (!_live.Remove(entry))
            return;
        entry.IsEnded = true;
        if (!entry.WasTold)
        {
            Remove(entry);
            return;
        }
        Move(entry);
        if (++_ended > maxEnded)
            Restart();
    }

    /// <summary>What to tell next: the same again, and what came since, until it is confirmed.</summary>
    public SessionDelta Build()
    {
        if (_restart)
            ForgetEnded();
        var changed = new List<SessionRecord>();
        var ended = new List<string>();
        var to = _last;
        foreach (var entry in _changes)
        {
            if (changed.Count + ended.Count == SessionDelta.MaxChanges)
            {
                to = entry.Number - 1;
                break;
            }
            if (entry.IsEnded)
                ended.Add(entry.Id);
            else
                changed.Add(entry.ToRecord());
            entry.WasTold = true;
        }
        return new SessionDelta
        {
            From = _restart ? 0 : _confirmed,
            To = to,
            IsRestart = _restart,
            Changed = changed,
            Ended = ended,
        };
    }

    /// <summary>A delta was answered.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="acknowledged">The number up to which every change has arrived.</param>
    /// <param name="resync">The fleet wants the whole account.</param>
    public void Confirm(SessionDelta delta, long acknowledged, bool resync)
    {
        if (resync || (acknowledged != delta.To && (_restart || acknowledged < _confirmed || acknowledged > delta.To)))
        {
            // It has lost what it had, or has what this account never told.
            if (!_restart || resync)
                Restart();
            return;
        }
        // An account that began anew since this delta was built is not confirmed by it.
        if (_restart && (!delta.IsRestart || delta.To < _restartedAt))
            return;
        _restart = false;
        _confirmed = acknowledged;
        while (_changes.First is { } first && first.Value.Number <= acknowledged)
            Remove(first.Value);
    }

    /// <summary>
    /// Changes up to a number have arrived, as somebody knows who says nothing of later ones, and cannot ask for the whole
    /// account.
    /// </summary>
    public void ConfirmUpTo(long acknowledged)
    {
        // Where the account has begun anew, whatever is known is of the one before.
        if (_restart || acknowledged <= _confirmed || acknowledged > _last)
            return;
        _confirmed = acknowledged;
        while (_changes.First is { } first && first.Value.Number <= acknowledged)
            Remove(first.Value);
    }

    private void Restart()
    {
        _restart = true;
        _restartedAt = _last;
        ForgetEnded();
        foreach (var entry in _live)
            Move(entry);
    }

    /// <summary>Who begins anew forgets first: no end has to be told.</summary>
    private void ForgetEnded()
    {
        if (_ended == 0)
            return;
        for (var node = _changes.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.IsEnded)
                Remove(node.Value);
            node = next;
        }
    }

    private void Move(SessionEntry entry)
    {
        entry.Number = ++_last;
        if (entry.Place is { } place)
        {
            _changes.Remove(place);
            _changes.AddLast(place);
            return;
        }
        entry.Place = _changes.AddLast(entry);
    }

    private void Remove(SessionEntry entry)
    {
        if (entry.Place is not { } place)
            return;
        _changes.Remove(place);
        entry.Place = null;
        if (entry.IsEnded && entry.WasTold)
            _ended--;
    }
}
