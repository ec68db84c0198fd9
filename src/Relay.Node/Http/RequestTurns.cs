using Relay.Node.Io;
using Relay.Node.Options;

namespace Relay.Node.Http;

/// <summary>
/// Requests that a loop begins in one turn, whatever carries them: each costs a socket and more, and many connections must not do
/// together what one may not. Sources that wait have a turn each, and so have the connections of a source: many connections get one no
/// more than one does. Nobody waits longer than others have a share of the turn's time; who only carries what its tunnels have waits for
/// nothing.
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

    private readonly RequestLines _lines = new();
    private readonly TurnShare _share = new(loop);
    private Action? _goOn;
    private ulong _turn;
    private int _begun;
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
        var isFull = _begun >= most && _turn == loop.Now;
        return (isFull || (!_isGoingOn && _lines.Sources > 1 && _lines.Has(client.Source)))
            && (client.TunnelCount == 0 || loop.Now < client.AsksUntil);
    }

    /// <summary>Requests of a connection begin, or what costs as much.</summary>
    internal void OnRequests(ClientConnection client, int count)
    {
        var now = loop.Now;
        // A turn is known by its time.
        _begun = _turn == now ? _begun + count : count;
        _turn = now;
        if (_isGoingOn)
            loop.Counters.RequestsDelayed += count;
        client.AsksUntil = now + (_begun > most ? LatelyWhereFull : Lately);
    }

    /// <summary>Does something in a turn that has room for requests, after what has waited for longer.</summary>
    /// <param name="client">Whose it is: where it fails, it costs that one.</param>
    /// <param name="goOn">What to do.</param>
    internal void Wait(ClientConnection client, Action goOn)
    {
        _lines.Add(client, goOn);
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
        var before = _begun;
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
            _lines.Charge(Math.Max(1, _begun - before), ofConnection);
        }
    }
}
