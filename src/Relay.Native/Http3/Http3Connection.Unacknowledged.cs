using Relay.Native.Quic;

namespace Relay.Native.Http3;

/// <content>Bytes that are kept until the other side has acknowledged them, and their bounds.</content>
public abstract unsafe partial class Http3Connection
{
    /// <summary>
    /// Streams that are asked again before it is looked whether there is still room: where many wait the others keep their place, so that
    /// a packet of the other side costs no walk over all of them.
    /// </summary>
    private const int ResumedAtOnce = 16;

    private readonly Queue<long> _heldBack = new();
    private int _toResume;
    private long _rented;

    /// <summary>Bytes of bodies that are not acknowledged, be they sent or not.</summary>
    public long Unacknowledged { get; private set; }

    /// <summary>A stream is asked for no more until something is acknowledged.</summary>
    protected virtual void OnHeldBack()
    {
    }

    /// <summary>The other side has acknowledged bytes of a stream's body.</summary>
    internal void Release(long id, long length)
    {
        if (FindStream(id) is not { } stream)
            return;
        var (before, rented) = (stream.SendBuffer.Length, Blocks.RentedBytes);
        stream.SendBuffer.Release(Blocks, length);
        Unacknowledged -= before - stream.SendBuffer.Length;
        RecordRented(rented);
    }

    /// <summary>A stream is gone, with what was kept for it.</summary>
    internal void ReleaseAll(Http3Stream stream)
    {
        Unacknowledged -= stream.SendBuffer.Length;
        var rented = Blocks.RentedBytes;
        stream.SendBuffer.Clear(Blocks);
        RecordRented(rented);
    }

    /// <summary>
    /// Whether there is no room for more of a stream. Whoever has all of the memory that it may, and nothing of it on its way, has what
    /// can leave at once: what is acknowledged then goes on, and nobody else would wake it.
    /// </summary>
    private bool IsFull(Http3Stream stream) =>
        stream.SendBuffer.Length >= _parameters.MaxUnacknowledgedOfStream || Unacknowledged >= _parameters.MaxUnacknowledged
        || (Blocks.IsTooMuch(_rented) && (HasUnacknowledged || !CanSend(stream.Id, 1)));

    /// <summary>Whether there is no room for more of a stream; a turn of writing to come asks it again.</summary>
    private bool TryHoldBack(Http3Stream stream)
    {
        if (!IsFull(stream))
            return false;
        if (stream.IsHeldBack)
            return true;
        stream.IsHeldBack = true;
        if (_heldBack.Count > 2 * _streams.Count + ResumedAtOnce)
            ForgetClosed();
        _heldBack.Enqueue(stream.Id);
        OnHeldBack();
        return true;
    }

    /// <summary>Keeps count of the blocks that are this connection's.</summary>
    /// <param name="before">What <see cref="BlockPool.RentedBytes"/> was.</param>
    private void RecordRented(long before)
    {
        var after = _rented + Blocks.RentedBytes - before;
        Blocks.Holders += Math.Sign(after) - Math.Sign(_rented);
        _rented = after;
    }

    /// <summary>
    /// Room for as much as the other side takes now: what waited here for its window would wait in memory instead of in the
    /// target's socket, on each of its streams. At least what makes progress: an end is found by asking.
    /// </summary>
    private Span<byte> Trim(Span<byte> room, Http3Stream stream)
    {
        // Without the DATA frame's head, or its last bytes would stay behind and keep their block.
        const ulong Head = 5;
        var window = Ngtcp2.NativeMethods.ngtcp2_conn_get_max_stream_data_left(Native, stream.Id);
        window = window > Head ? window - Head : 0;
        return (ulong)room.Length <= window
            ? room : room[..Math.Max(Math.Min(stream.MinimumRoom, room.Length), (int)window)];
    }

    /// <summary>
    /// Another turn of writing. There is one with each packet of the other side, so with what it acknowledges, and one at the
    /// latest when it is asked whether it is there.
    /// </summary>
    /// <returns>Whether some are to be asked.</returns>
    private bool ResumeHeldBack()
    {
        // Not for each byte that becomes free.
        if (_heldBack.Count == 0 || Unacknowledged > _parameters.MaxUnacknowledged / 16 * 15
            || (Blocks.IsTooMuch(_rented) && HasUnacknowledged))
            return false;
        var resumed = false;
        for (var left = ResumedAtOnce; left > 0 && _toResume > 0 && _heldBack.Count > 0; left--, _toResume--)
        {
            var id = _heldBack.Dequeue();
            if (FindStream(id) is not { } stream)
                continue;
            if (stream.SendBuffer.Length >= _parameters.MaxUnacknowledgedOfStream)
            {
                _heldBack.Enqueue(id);
                continue;
            }
            stream.IsHeldBack = false;
            ResumeStream(id);
            resumed = true;
        }
        return resumed;
    }

    private void ForgetClosed()
    {
        for (var left = _heldBack.Count; left > 0; left--)
        {
            var id = _heldBack.Dequeue();
            if (FindStream(id) is not null)
                _heldBack.Enqueue(id);
        }
    }
}
