using System.Net;
using Relay.Native.Linux;
using Relay.Node.Io;
using Relay.Node.Tunnels;

namespace Relay.Node.Egress;

/// <summary>A connected TCP socket of one tunnel.</summary>
internal sealed class TcpFlow : ITcpFlow, IReadiness
{
    private readonly EventLoop _loop;
    private readonly StreamSocket _socket;
    private readonly IFlowOwner _owner;
    private readonly ulong _token;
    private bool _readable = true;
    private bool _closed;

    /// <summary>Takes over a connected socket and watches it.</summary>
    internal TcpFlow(EventLoop loop, StreamSocket socket, IFlowOwner owner)
    {
        _loop = loop;
        _socket = socket;
        _owner = owner;
        _token = loop.Watch(
            socket.Fd,
            EpollInterest.In | EpollInterest.Out | EpollInterest.RdHup | EpollInterest.EdgeTriggered, this);
    }

    /// <inheritdoc/>
    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <inheritdoc/>
    public void OnReady(EpollInterest events)
    {
        if ((events & (EpollInterest.Error | EpollInterest.HangUp | EpollInterest.RdHup | EpollInterest.In)) != 0)
            _readable = true;
        // A reset is found by the read or write that meets it: data that came before it is not lost.
        if (!_closed && _readable)
            _owner.OnReadable();
        if (!_closed && (events & (EpollInterest.Out | EpollInterest.Error)) != 0)
            _owner.OnWritable();
    }

    /// <inheritdoc/>
    public int Receive(Span<byte> destination)
    {
        if (!_readable)
            return -Errno.EAGAIN;
        var received = _socket.Receive(destination);
        if (received == -Errno.EAGAIN)
            _readable = false;
        return received;
    }

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<byte> data) => _socket.Send(data);

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<ReadOnlyMemory<byte>> data) => _socket.SendGather(data);

    /// <inheritdoc/>
    public void RequestFlush(IFlushable tunnel) => _loop.RequestFlush(tunnel);

    /// <inheritdoc/>
    public void ShutdownWrite() => _ = _socket.ShutdownWrite();

    /// <inheritdoc/>
    public void Abort()
    {
        if (!Unwatch())
            return;
        _socket.Abort();
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (!Unwatch())
            return;
        _socket.Dispose();
    }

    private bool Unwatch()
    {
        if (_closed)
            return false;
        _closed = true;
        _loop.Unwatch(_socket.Fd, _token);
        return true;
    }
}
