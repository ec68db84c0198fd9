using Relay.Native.Linux;
using Relay.Node.Io;

namespace Relay.Node.Server;

/// <summary>One TCP address of one loop, on which connections are accepted.</summary>
internal sealed class StreamListener : LoopTimer, IReadiness, IDisposable
{
    /// <summary>Connections accepted in one turn: a handshake costs as much as many packets.</summary>
    private const int AcceptsPerTurn = 16;

    /// <summary>Nanoseconds before another try, where there is no descriptor left for a connection, or all failed.</summary>
    private const ulong Pause = 100_000_000;

    private readonly EventLoop _loop;
    private readonly StreamSocket _socket;
    private readonly Action<StreamSocket> _onAccepted;
    private readonly ulong _token;
    private bool _ready = true;

    /// <summary>Takes over a socket that listens.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="onAccepted">Takes each connection's socket.</param>
    internal StreamListener(EventLoop loop, StreamSocket socket, Action<StreamSocket> onAccepted)
    {
        (_loop, _socket, _onAccepted) = (loop, socket, onAccepted);
        _token = loop.Watch(socket.Fd, EpollInterest.In | EpollInterest.EdgeTriggered, this);
    }

    /// <inheritdoc/>
    public override ITurnOwner? Owner => null;

    /// <summary>Whether a connection may wait.</summary>
    internal bool IsReady => _ready;

    /// <inheritdoc/>
    public void OnReady(EpollInterest events) => _ready = true;

    /// <summary>Accepts what waits, bounded.</summary>
    /// <param name="share">What of the turn it may have.</param>
    /// <returns>Whether there may be more.</returns>
    internal bool Accept(TurnShare share)
    {
        var failures = 0;
        for (var left = AcceptsPerTurn; _ready && left > 0 && share.TryBegin(); left--)
        {
            var result = _socket.Accept(out var accepted);
            if (accepted is not null)
                _onAccepted(accepted);
            else if (result == -Errno.EAGAIN)
                _ready = false;
            // accept(2): any other error is that of a connection which failed before it was accepted; where nothing else comes,
            // it may be the socket's own, and would come for ever.
            else if (result is -Errno.EMFILE or -Errno.ENFILE or -Errno.ENOBUFS or -Errno.ENOMEM || ++failures == AcceptsPerTurn)
            {
                _ready = false;
                _loop.Counters.ConnectionsRefused++;
                _loop.Timers.Set(this, _loop.Now + Pause);
            }
            _ = share.End();
        }
        return _ready;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop.Timers.Clear(this);
        _loop.Unwatch(_socket.Fd, _token);
        _socket.Dispose();
    }

    internal override void Fire() => _ready = true;
}
