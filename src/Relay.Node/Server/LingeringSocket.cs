using Relay.Native.Linux;
using Relay.Node.Io;

namespace Relay.Node.Server;

/// <summary>
/// The socket of a connection that the relay has ended: it says so, and waits for the client's end, since a socket that
/// is closed with bytes unread takes from the client what was said last (RFC 9112 §9.6). What comes is thrown away.
/// </summary>
internal sealed class LingeringSocket : LoopTimer, IReadiness, ITurnOwner
{
    /// <summary>How long the client has to end its side, in nanoseconds.</summary>
    internal const ulong Patience = 2_000_000_000;

    /// <summary>How often it has so long where it has yet to acknowledge what it was sent.</summary>
    private const int MaxWaits = 15;

    /// <summary>Bytes that are thrown away at most.</summary>
    private const int MaxIgnored = 256 * 1024;

    private readonly EventLoop _loop;
    private readonly StreamSocket _socket;
    private readonly Action<LingeringSocket> _onClosed;
    private readonly ulong _token;
    private int _ignored;
    private int _waits;

    internal LingeringSocket(EventLoop loop, StreamSocket socket, Action<LingeringSocket> onClosed)
    {
        (_loop, _socket, _onClosed) = (loop, socket, onClosed);
        _ = socket.ShutdownWrite();
        _token = loop.Watch(socket.Fd, EpollInterest.In | EpollInterest.RdHup | EpollInterest.EdgeTriggered, this);
        loop.Timers.Set(this, loop.Now + Patience);
    }

    /// <inheritdoc/>
    public override ITurnOwner? Owner => this;

    /// <inheritdoc/>
    public void OnReady(EpollInterest events)
    {
        int received;
        while ((received = _socket.Discard(MaxIgnored)) > 0 && _ignored < MaxIgnored)
            _ignored += received;
        if (received != -Errno.EAGAIN)
            Close();
    }

    /// <inheritdoc/>
    public void OnDefect(Exception exception)
    {
        _loop.OnFailure(exception);
        Close();
    }

    /// <summary>Waits no more.</summary>
    internal void Close()
    {
        _loop.Timers.Clear(this);
        _loop.Unwatch(_socket.Fd, _token);
        _socket.Dispose();
        _onClosed(this);
    }

    internal override void Fire()
    {
        if (_socket.IsAcknowledged || ++_waits == MaxWaits)
            Close();
        else
            _loop.Timers.Set(this, _loop.Now + Patience);
    }
}
