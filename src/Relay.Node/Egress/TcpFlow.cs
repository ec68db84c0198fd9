using System.Net;
using System.Runtime.CompilerServices;
using Relay.Native.Linux;
using Relay.Node.Io;
using Relay.Node.Tunnels;

namespace Relay.Node.Egress;

/// <summary>A connected TCP socket of one tunnel.</summary>
internal sealed class TcpFlow : ITcpFlow, IReadiness, IFlushable
{
    private readonly EventLoop _loop;
    private readonly StreamSocket _socket;
    private readonly IFlowOwner _owner;
    private readonly ulong _token;
    private ITcpSender? _sender;
    private ByteQueue _outgoing;
    private bool _flushRequested;
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
    public long Waiting => _outgoing.Length;

    /// <inheritdoc/>
    public bool GathersOverTurn => false;

    /// <inheritdoc/>
    public void OnReady(EpollInterest events)
    {
        if ((events & (EpollInterest.Error | EpollInterest.HangUp | EpollInterest.RdHup | EpollInterest.In)) != 0)
            _readable = true;
        // A reset is found by the read or write that meets it: data that came before it is not lost.
        if (!_closed && _readable)
            _owner.OnReadable();
        if ((events & (EpollInterest.Out | EpollInterest.Error)) != 0)
            RequestFlush();
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
    public void BeginSending(ITcpSender sender, in ByteQueue early)
    {
        _sender = sender;
        _outgoing = early;
        if (_outgoing.Length > 0)
            RequestFlush();
    }

    /// <inheritdoc/>
    public void Enqueue(ReadOnlySpan<byte> data)
    {
        _outgoing.Append(data);
        RequestFlush();
    }

    /// <inheritdoc/>
    public int Send(int limit)
    {
        var head = _outgoing.Head;
        var sent = _outgoing.HasMoreThanHead && limit == int.MaxValue
            ? SendGathered() : _socket.Send(head[..Math.Min(head.Length, limit)]);
        if (sent > 0)
            _outgoing.Advance(sent);
        return sent;
    }

    /// <inheritdoc/>
    public void RequestFlush()
    {
        if (_closed || _flushRequested)
            return;
        _flushRequested = true;
        _loop.RequestFlush(this);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        _flushRequested = false;
        if (!_closed)
            _sender?.OnFlush();
    }

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

    /// <summary>
    /// One call for many blocks: the kernel passes on, and paces, what each call brings, which costs as much as the
    /// copy.
    /// </summary>
    private int SendGathered()
    {
        Pieces pieces = default;
        var count = _outgoing.Gather(pieces);
        return _socket.SendGather(((ReadOnlySpan<ReadOnlyMemory<byte>>)pieces)[..count]);
    }

    private bool Unwatch()
    {
        if (_closed)
            return false;
        _closed = true;
        _outgoing.Clear();
        _loop.Unwatch(_socket.Fd, _token);
        return true;
    }

    [InlineArray(16)]
    private struct Pieces
    {
        private ReadOnlyMemory<byte> _first;
    }
}
