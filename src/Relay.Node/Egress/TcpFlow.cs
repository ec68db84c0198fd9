using System.Net;
using Relay.Native.Linux;
using Relay.Node.Io;
using Relay.Node.Tunnels;

namespace Relay.Node.Egress;

/// <summary>A connected TCP socket of one tunnel.</summary>
internal sealed class TcpFlow : QueuedTcpFlow, IReadiness
{
    private readonly EventLoop _loop;
    private readonly StreamSocket _socket;
    private readonly IFlowOwner _owner;
    private readonly ulong _token;
    private bool _readable = true;

    /// <summary>Takes over a connected socket and watches it.</summary>
    internal TcpFlow(EventLoop loop, StreamSocket socket, IFlowOwner owner) : base(loop, owner)
    {
        _loop = loop;
        _socket = socket;
        _owner = owner;
        _token = loop.Watch(
            socket.Fd,
            EpollInterest.In | EpollInterest.Out | EpollInterest.RdHup | EpollInterest.EdgeTriggered, this);
    }

    /// <inheritdoc/>
    public override IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <inheritdoc/>
    public void OnReady(EpollInterest events)
    {
        if ((events & (EpollInterest.Error | EpollInterest.HangUp | EpollInterest.RdHup | EpollInterest.In)) != 0)
            _readable = true;
        // A reset is found by the read or write that meets it: data that came before it is not lost.
        if (!IsClosed && _readable)
            _owner.OnReadable();
        if ((events & (EpollInterest.Out | EpollInterest.Error)) != 0)
            RequestFlush();
    }

    /// <inheritdoc/>
    public override int Receive(Span<byte> destination)
    {
        if (!_readable)
            return -Errno.EAGAIN;
        var received = _socket.Receive(destination);
        if (received == -Errno.EAGAIN)
            _readable = false;
        return received;
    }

    /// <inheritdoc/>
    public override void ShutdownWrite() => _ = _socket.ShutdownWrite();

    /// <inheritdoc/>
    public override void Abort()
    {
        if (Unwatch())
            _socket.Abort();
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (Unwatch())
            _socket.Dispose();
    }

    /// <inheritdoc/>
    protected override int Write(ReadOnlySpan<byte> data) => _socket.Send(data);

    /// <inheritdoc/>
    protected override int Write(ReadOnlySpan<ReadOnlyMemory<byte>> pieces) => _socket.SendGather(pieces);

    private bool Unwatch()
    {
        if (!EndSending())
            return false;
        _loop.Unwatch(_socket.Fd, _token);
        return true;
    }
}
