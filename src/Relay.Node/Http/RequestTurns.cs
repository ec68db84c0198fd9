using Relay.Node.Io;
using Relay.Node.Options;

namespace Relay.Node.Http;

/// <summary>
/// Requests that a loop begins in one turn, whatever carries them: each costs a socket and more, and many connections must not do
/// together what one may not: they are so many, and have a share of the turn's time, those that come in it and those that have waited.
/// Sources that wait have a turn each, and so have the connections of a source: many connections get one no more than one does. Who only
/// carries what its tunnels have waits for nothing.
/// </summary>
/// <param name="loop">The loop.</param>
/// <param name="most">Requests of all connections, but for those in the packet, or the bytes, of the last of each.</param>
/// <param name="ofConnection">The same of one connection.</param>
internal sealed class RequestTurns(
    ILoop loop, int most = NodeDefaults.MaxRequestsPerTurn, int ofConnection = NodeDefaults.MaxRequestsPerTurnPerConnection)
{
    /// <summary>Nanoseconds for which a connection that had a request begun may well have the next: it waits where the turn is full.</summary>
    internal const ulong Lately = 1_000_000_000;

    /// <summary>The same for one that had it begun in a turn that was full: who has a tunnel and is silent for a while is no less of a flood.</summary>
    internal const ulong LatelyWhereFull = 10_000_000_000;

    private readonly SourceLines<(ClientConnection Client, Action GoOn)> _lines = new();
    private readonly TurnShare _share = new(loop);
    private Action? _goOn;
    private ulong _turn;
    private ulong _pieceIn;
    private int _begun;
    private int _begunBefore;
    private bool _isPosted;
    private bool _isGoingOn;

    /// <summary>Requests of one connection, but for those in the packet, or the bytes, of the last.</summary>
    internal int OfConnection => ofConnection;

    /// <summary>
    /// Whether a connection is to wait, though it has had less than its own share: all of them have had theirs, or others wait, and of
    /// its source as well, which must not have what is left of the turn before them; unless it is its turn that is going on.
    /// </summary>
    internal bool IsFullFor(ClientConnection client)
    {
        // Of who goes on something is begun in any case.
        if (_isGoingOn && _begun > _begunBefore)
            _share.End();
        var isFull = (_begun >= most && _turn == loop.Now) || _share.IsUsedUp;
        return (isFull || (!_isGoingOn && _lines.Sources > 1 && _lines.Has(client.Source)))
            && (client.TunnelCount == 0 || loop.Now < client.AsksUntil);
    }

    /// <summary>
    /// A packet of a connection, or some of its bytes, are read, in which there may be requests. How long those take is looked at from here
    /// on where it has asked lately, else from the first on.
    /// </summary>
    internal void BeginReading(ClientConnection client)
    {
        if (loop.Now < client.AsksUntil)
            BeginPiece();
    }

    /// <summary>They are read.</summary>
    internal void EndReading()
    {
        if (_pieceIn == 0)
            return;
        // What had no requests has no part in their share.
        if (_pieceIn == loop.Now && _begun > _begunBefore)
            _share.End();
        _pieceIn = 0;
    }

    private void BeginPiece()
    {
        if (_isGoingOn || _pieceIn == loop.Now)
            return;
        (_pieceIn, _begunBefore) = (loop.Now, _turn == loop.Now ? _begun : 0);
        _share.Begin();
    }

    /// <summary>Whether the turn of a connection that has waited is to go on, which has had something of it.</summary>
    internal bool GoesOn
    {
        get
        {
            _share.End();
            return !_share.IsUsedUp;
        }
    }

    /// <summary>Requests of a connection begin, or what costs as much.</summary>
    internal void OnRequests(ClientConnection client, int count)
    {
        BeginPiece();
        var now = loop.Now;
        // A turn is known by its time.
        _begun = _turn == now ? _begun + count : count;
        _turn = now;
        if (_isGoingOn)
            loop.Counters.RequestsDelayed += count;
        client.AsksUntil = now + (_begun > most || _share.IsUsedUp ? LatelyWhereFull : Lately);
    }

    /// <summary>Does something in a turn that has room for requests, after what has waited for longer.</summary>
    /// <param name="client">Whose it is: where it fails, it costs that one.</param>
    /// <param name="goOn">What to do.</param>
    internal void Wait(ClientConnection client, Action goOn)
    {
        _lines.Add(client.Source, (client, goOn));
        Post();
    }

    private void Post()
    {
        if (_isPosted)
            return;
        loop.Post(null, _goOn ??= GoOn);
        _isPosted = true;
    }

    private void GoOn()
    {
        (_isPosted, _isGoingOn) = (false, true);
        (_turn, _begun) = (loop.Now, 0);
        _share.BeginTurn();
        try
        {
            for (var left = _lines.Count; left > 0 && _begun < most && _share.TryBegin(); left--)
            {
                GoOn(_lines.Next());
                _share.End();
            }
        }
        finally
        {
            _isGoingOn = false;
            // Also where there was no memory for one of them: nobody else would go on.
            if (_lines.Count > 0)
                Post();
        }
    }

    private void GoOn((ClientConnection Client, Action GoOn) next)
    {
        _begunBefore = _begun;
        try
        {
            next.GoOn();
        }
        catch (Exception e)
        {
            next.Client.OnDefect(e);
        }
        finally
        {
            // Also what turns out to be none has had its turn.
            _lines.Charge(Math.Max(1, _begun - _begunBefore), ofConnection);
        }
    }
}
