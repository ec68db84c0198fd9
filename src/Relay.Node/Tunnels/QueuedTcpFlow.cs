using System.Net;
using System.Runtime.CompilerServices;
using Relay.Node.Io;

namespace Relay.Node.Tunnels;

/// <summary>All of a TCP flow but its socket: the bytes that wait for the target, and their flush phase.</summary>
internal abstract class QueuedTcpFlow(ILoop loop, ITurnOwner owner) : ITcpFlow, IFlushable
{
    private ITcpSender? _sender;
    private ByteQueue _outgoing;
    private bool _flushRequested;

    /// <inheritdoc/>
    public abstract IPEndPoint LocalEndPoint { get; }

    /// <inheritdoc/>
    public long Waiting => _outgoing.Length;

    /// <inheritdoc/>
    public long Held => _outgoing.Held;

    /// <inheritdoc/>
    public bool GathersOverTurn => false;

    /// <inheritdoc/>
    public ITurnOwner? Owner => owner;

    /// <summary>Aborted or closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The loop that it belongs to.</summary>
    protected ILoop Loop { get; } = loop;

    /// <inheritdoc/>
    public abstract int Receive(Span<byte> destination);

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
            ? SendGathered() : Write(head[..Math.Min(head.Length, limit)]);
        if (sent > 0)
            _outgoing.Advance(sent);
        return sent;
    }

    /// <inheritdoc/>
    public void RequestFlush()
    {
        if (IsClosed || _flushRequested)
            return;
        // First what may fail for want of memory: who seems to have asked is never flushed again.
        Loop.RequestFlush(this);
        _flushRequested = true;
    }

    /// <inheritdoc/>
    public void Flush()
    {
        _flushRequested = false;
        if (!IsClosed)
            _sender?.OnFlush();
    }

    /// <inheritdoc/>
    public abstract void ShutdownWrite();

    /// <inheritdoc/>
    public abstract void Abort();

    /// <inheritdoc/>
    public abstract void Close();

    /// <summary>Writes to the socket.</summary>
    /// <returns>Bytes taken; −EAGAIN for none at the moment; −errno.</returns>
    protected abstract int Write(ReadOnlySpan<byte> data);

    /// <summary>As <see cref="Write(ReadOnlySpan{byte})"/>, of several blocks.</summary>
    protected abstract int Write(ReadOnlySpan<ReadOnlyMemory<byte>> pieces);

    /// <summary>Drops what waits, and flushes no more.</summary>
    /// <returns>Whether it was open until now.</returns>
    protected bool EndSending()
    {
        if (IsClosed)
            return false;
        IsClosed = true;
        _outgoing.Clear();
        return true;
    }

    /// <summary>
    /// One call for many blocks: the kernel passes on, and paces, what each call brings, which costs as much as the
    /// copy.
    /// </summary>
    private int SendGathered()
    {
        Pieces pieces = default;
        var count = _outgoing.Gather(pieces);
        return Write(((ReadOnlySpan<ReadOnlyMemory<byte>>)pieces)[..count]);
    }

    [InlineArray(16)]
    private struct Pieces
    {
        private ReadOnlyMemory<byte> _first;
    }
}
