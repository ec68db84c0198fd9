namespace Relay.Native.Linux;

/// <summary>
/// Datagrams of one socket that wait in a <see cref="SegmentPool"/>. The default value is an empty list.
/// </summary>
public struct SegmentList
{
    internal int First; // index + 1; 0 when empty
    internal int Last;
    private int _count;

    /// <summary>Datagrams in the list.</summary>
    public int Count { readonly get => _count; internal set => _count = value; }

    /// <summary>Is there none?</summary>
    public readonly bool IsEmpty => _count == 0;
}

/// <summary>
/// Datagrams for many connected sockets, collected while packets are received and sent in the phase that flushes to
/// targets: one block of memory for the whole loop, and for each socket no more than a <see cref="SegmentList"/>.
/// </summary>
public sealed unsafe partial class SegmentPool
{
    private readonly PinnedArray<byte> _arena;
    private readonly Segment[] _segments;
    private int _used;
    private int _allocated;

    private struct Segment
    {
        internal int Offset;
        internal int Length;
        internal int Next; // index + 1; 0 at the end
    }

    /// <summary>Room for so many bytes in so many datagrams.</summary>
    public SegmentPool(int arenaBytes = 1024 * 1024, int maxSegments = 4096)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(arenaBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSegments, 1);
        _arena = new PinnedArray<byte>(arenaBytes, zeroed: false);
        _segments = new Segment[maxSegments];
        _headers = new PinnedArray<mmsghdr>(MaxMessages);
        _vectors = new PinnedArray<iovec>(MaxVectors);
        _control = new PinnedArray<byte>(MaxMessages * ControlLength);
        _runs = new SegmentRun[MaxMessages];
    }

    /// <summary>Datagrams waiting, over all lists.</summary>
    public int Count { get; private set; }

    /// <summary>Messages that had to be sent again datagram by datagram.</summary>
    public long GsoFallbacks { get; private set; }

    /// <summary>Calls made.</summary>
    public long SyscallCount { get; private set; }

    /// <summary>Appends a copy of the payload; false when the pool is full and must be flushed first.</summary>
    public bool TryAppend(ref SegmentList list, ReadOnlySpan<byte> payload)
    {
        if (_allocated == _segments.Length || payload.Length > _arena.Length - _used)
            return false;
        var index = _allocated++;
        _segments[index] = new Segment { Offset = _used, Length = payload.Length };
        payload.CopyTo(new Span<byte>(_arena.Pointer + _used, payload.Length));
        _used += payload.Length;
        if (list.First == 0)
            list.First = index + 1;
        else
            _segments[list.Last - 1].Next = index + 1;
        list.Last = index + 1;
        list.Count++;
        Count++;
        return true;
    }

    /// <summary>Empties a list whose socket has gone, and returns how many datagrams that drops.</summary>
    public int Discard(ref SegmentList list)
    {
        var discarded = list.Count;
        list = default;
        Count -= discarded;
        if (Count == 0)
            _used = _allocated = 0;
        return discarded;
    }

    /// <summary>
    /// Makes all memory free. The last list that is sent or discarded does so by itself; this states at the end of the
    /// phase that no list was forgotten.
    /// </summary>
    public void Reset()
    {
        if (Count != 0)
            throw new InvalidOperationException("A list of waiting datagrams was neither sent nor discarded.");
        _used = _allocated = 0;
    }
}
