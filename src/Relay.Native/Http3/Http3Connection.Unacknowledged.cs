using Relay.Native.Quic;

namespace Relay.Native.Http3;

/// <content>Bytes that are kept until the other side has acknowledged them, and their bounds.</content>
public abstract unsafe partial class Http3Connection
{
    private readonly List<long> _heldBack = [];
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

    /// <summary>Whether no stream may be asked for more.</summary>
    private bool IsFull => Unacknowledged >= _parameters.MaxUnacknowledged || Blocks.IsTooMuch(_rented);

    /// <summary>Whether there is no room for more of a stream; a turn of writing to come asks it again.</summary>
    private bool TryHoldBack(Http3Stream stream)
    {
        if (stream.SendBuffer.Length < _parameters.MaxUnacknowledgedOfStream && !IsFull)
            return false;
        _heldBack.Add(stream.Id);
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
        var window = Ngtcp2.NativeMethods.ngtcp2_conn_get_max_stream_data_left(Native, stream.Id);
        return (ulong)room.Length <= window
            ? room : room[..Math.Max(Math.Min(stream.MinimumRoom, room.Length), (int)window)];
    }

    /// <summary>
    /// Another turn of writing. There is one with each packet of the other side, so with what it acknowledges, and one at the
    /// latest when it is asked whether it is there.
    /// </summary>
    private void ResumeHeldBack()
    {
        if (_heldBack.Count == 0 || IsFull)
            return;
        foreach (var id in _heldBack)
            ResumeStream(id);
        _heldBack.Clear();
    }
}
