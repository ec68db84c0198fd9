using System.Buffers;
using System.Net;
using Relay.Native.Linux;
using Relay.Node.Io;
using Relay.Node.Tunnels;

namespace Relay.Node.Egress;

/// <summary>A connected UDP socket of one tunnel.</summary>
internal sealed class UdpFlow : IUdpFlow, IReadiness, IFlushable, IBatchOwner
{
    /// <summary>About a send quantum: more would only wait in memory instead of in the kernel.</summary>
    private const int DatagramsWanted = 64;

    /// <summary>Errors in a row, none of which is the socket's end by itself, after which it has nothing else to say.</summary>
    private const int MaxErrors = 16;

    private readonly EventLoop _loop;
    private readonly DatagramSocket _socket;
    private readonly IFlowOwner _owner;
    private ulong _token;
    private SegmentList _outgoing;
    private bool _readable = true;
    private bool _closed;
    private int _next;
    private int _messages = 8;
    private byte[]? _parked;
    private int _parkedStart;
    private int _parkedEnd;

    /// <summary>Takes over a socket and watches it; where it cannot be watched, it is closed.</summary>
    /// <exception cref="SocketSystemException">The kernel watches no more (ENOSPC, ENOMEM).</exception>
    internal UdpFlow(EventLoop loop, DatagramSocket socket, IPEndPoint target, IFlowOwner owner)
    {
        _loop = loop;
        _socket = socket;
        RemoteEndPoint = target;
        _owner = owner;
        try
        {
            _token = loop.Watch(socket.Fd, EpollInterest.In | EpollInterest.EdgeTriggered, this);
        }
        catch (SocketSystemException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ITurnOwner? Owner => _owner;

    /// <inheritdoc/>
    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <inheritdoc/>
    public IPEndPoint RemoteEndPoint { get; }

    /// <inheritdoc/>
    public void OnReady(EpollInterest events)
    {
        if (_closed)
            return;
        if ((events & EpollInterest.Error) != 0 && _socket.GetPendingError() is var error and not 0
            && IsFatal(error))
        {
            _owner.OnFailed(error);
            return;
        }
        _readable = true;
        _owner.OnReadable();
    }

    /// <inheritdoc/>
    public bool TryPeek(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (_closed)
            return false;
        if (_parked is not null)
        {
            var length = BitConverter.ToInt32(_parked, _parkedStart);
            payload = _parked.AsSpan(_parkedStart + sizeof(int), length);
            return true;
        }
        var shared = _loop.SharedReceive;
        if (shared.IsOwnedBy(this) && _next < shared.Batch.Count)
        {
            payload = shared.Batch[_next];
            return true;
        }
        return _readable && TryReceive(shared, out payload);
    }

    /// <inheritdoc/>
    public void Advance()
    {
        if (_parked is null)
        {
            _next++;
            return;
        }
        _parkedStart += sizeof(int) + BitConverter.ToInt32(_parked, _parkedStart);
        if (_parkedStart == _parkedEnd)
            ReleaseParked();
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> payload)
    {
        if (_closed)
            return;
        if (_outgoing.IsEmpty)
            _loop.RequestFlush(this);
        if (_loop.Segments.TryAppend(ref _outgoing, payload))
            return;
        _loop.Flush();
        if (_closed)
            return;
        _loop.RequestFlush(this);
        _ = _loop.Segments.TryAppend(ref _outgoing, payload);
    }

    /// <inheritdoc/>
    public bool GathersOverTurn => true;

    /// <inheritdoc/>
    public void Flush()
    {
        if (_outgoing.IsEmpty)
            return;
        var result = 0;
        try
        {
            result = _loop.Segments.Send(_socket, ref _outgoing, out _, out var dropped);
            if (result == 0)
                _loop.Counters.UpstreamDropsTooLarge += dropped;
            else
                _loop.Counters.UpstreamDropsBlocked += dropped;
        }
        finally
        {
            // It was closed before its last datagrams were sent, and nothing else is to come.
            if (_closed)
                _socket.Dispose();
        }
        if (!_closed && result < 0 && IsFatal(-result))
            _owner.OnFailed(-result);
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (_closed)
            return;
        _closed = true;
        _loop.Unwatch(_socket.Fd, _token);
        _loop.SharedReceive.Forget(this);
        ReleaseParked();
        // What the client sent before it closed the stream is still in this turn's flush.
        if (_outgoing.IsEmpty)
            _socket.Dispose();
    }

    /// <inheritdoc/>
    public void Park()
    {
        var batch = _loop.SharedReceive.Batch;
        if (_next >= batch.Count)
            return;
        var total = 0;
        for (var i = _next; i < batch.Count; i++)
            total += sizeof(int) + batch[i].Length;
        _parked = ArrayPool<byte>.Shared.Rent(total);
        _parkedStart = _parkedEnd = 0;
        for (; _next < batch.Count; _next++)
        {
            var payload = batch[_next];
            BitConverter.TryWriteBytes(_parked.AsSpan(_parkedEnd), payload.Length);
            payload.CopyTo(_parked.AsSpan(_parkedEnd + sizeof(int)));
            _parkedEnd += sizeof(int) + payload.Length;
        }
    }

    private bool TryReceive(SharedReceive shared, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        shared.Acquire(this);
        var batch = shared.Batch;
        _next = 0;
        int count;
        for (var left = MaxErrors; (count = _socket.Receive(batch, _messages)) < 0;)
        {
            // An error is taken by being told, and datagrams may wait behind it: no edge will tell of them again.
            if (!IsFatal(-count) && --left > 0)
                continue;
            _readable = false;
            _owner.OnFailed(-count);
            return false;
        }
        // Edge-triggered: a batch that came back with fewer messages than asked replaces the read that finds nothing.
        _readable = !batch.Drained;
        if (count == 0)
            return false;
        // With GRO one message carries many datagrams: ask for about a quantum in all. A sparse flow is asked for two,
        // one to have and one to find that there is no more.
        _messages = _readable
            ? Math.Clamp(DatagramsWanted * _messages / count, 2, batch.Capacity) : Math.Max(2, _messages / 2);
        payload = batch[0];
        return true;
    }

    private void ReleaseParked()
    {
        if (_parked is null)
            return;
        ArrayPool<byte>.Shared.Return(_parked);
        _parked = null;
    }

    /// <summary>
    /// What makes a socket useless; a full buffer, no memory, a firewall, or one datagram that was too large do not.
    /// </summary>
    private static bool IsFatal(int errno) => errno is not (
        Errno.EAGAIN or Errno.EMSGSIZE or Errno.ENOBUFS or Errno.ENOMEM or Errno.EPERM or Errno.EINTR);
}
