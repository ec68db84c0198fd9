namespace Relay.Native.Linux;

/// <summary>
/// Outgoing packets of one socket and one phase of the loop, in one block of memory: packets written one behind the
/// other to the same client become one message that the kernel or the device cuts again (GSO).
/// </summary>
public sealed unsafe partial class SendBatch : IPacketSink
{
    /// <summary>UDP_MAX_SEGMENTS of the kernels that know the fewest.</summary>
    internal const int MaxSegments = 64;

    /// <summary>A run is one IP packet until it is cut: below 65,535 bytes with room for headers.</summary>
    internal const int MaxRunBytes = 65000;

    private const int ControlLength = 96; // UDP_SEGMENT, TOS or TCLASS, PKTINFO

    private readonly PinnedArray<byte> _arena;
    private readonly PinnedArray<byte> _control;
    private readonly PinnedArray<mmsghdr> _headers;
    private readonly PinnedArray<iovec> _vectors;
    private readonly PinnedArray<SocketEndpoint> _remotes;
    private readonly SocketEndpoint[] _locals;
    private readonly Run[] _runs;
    private int _used;
    private int _head;
    private int _prepared;
    private int _count;
    private bool _open;

    /// <summary>
    /// Consecutive packets that make one message: all of the segment size, but the last may be shorter.
    /// </summary>
    private struct Run
    {
        internal int Offset;
        internal int Length;
        internal int SegmentSize;
        internal int Segments;
        internal byte Ecn;
    }

    /// <summary>Room for so many bytes, and for so many messages.</summary>
    public SendBatch(int arenaBytes = 256 * 1024, int maxMessages = 512)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(arenaBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        _arena = new PinnedArray<byte>(arenaBytes, zeroed: false);
        _control = new PinnedArray<byte>(maxMessages * ControlLength);
        _headers = new PinnedArray<mmsghdr>(maxMessages);
        _vectors = new PinnedArray<iovec>(maxMessages);
        _remotes = new PinnedArray<SocketEndpoint>(maxMessages);
        _locals = new SocketEndpoint[maxMessages];
        _runs = new Run[maxMessages];
    }

    /// <summary>No message is left, so that not even an empty packet can be committed before a flush.</summary>
    public bool IsFull => _count == _runs.Length;

    /// <summary>Every packet is a message and a call of its own, as senders without GSO and sendmmsg have it.</summary>
    public bool Singly { get; init; }

    /// <summary>Packets committed and not yet sent.</summary>
    public int PendingPackets { get; private set; }

    /// <summary>Is anything committed and not yet sent?</summary>
    public bool HasPending => PendingPackets > 0;

    /// <summary>Packets the kernel took.</summary>
    public long PacketsSent { get; private set; }

    /// <summary>Bytes the kernel took.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Packets that rode in the message of one before them.</summary>
    public long SegmentsCoalesced { get; private set; }

    /// <summary>Packets that the kernel refused for good: too large, no route, forbidden.</summary>
    public long DroppedPackets { get; private set; }

    /// <summary>Calls made.</summary>
    public long SyscallCount { get; private set; }

    /// <summary>The positive errno that a packet was last dropped for, or 0.</summary>
    public int LastError { get; private set; }

    /// <summary>
    /// Memory for the next packet, directly behind the one before; empty when the batch must be flushed first.
    /// Reserving again without committing gives the same memory.
    /// </summary>
    public Span<byte> Reserve(int size) =>
        size > _arena.Length - _used || IsFull
            ? default
            : new Span<byte>(_arena.Pointer + _used, size);

    /// <summary>Adds the packet that was written to the reserved memory.</summary>
    /// <param name="length">Its bytes, at most what was reserved.</param>
    /// <param name="remote">Where it goes.</param>
    /// <param name="local">The source address; it matters only to a socket bound to a wildcard address.</param>
    /// <param name="ecn">The two ECN bits.</param>
    public void Commit(int length, in SocketEndpoint remote, in SocketEndpoint local, byte ecn)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(_arena.Length - _used), nameof(length));
        if (_open && TryExtend(length, in remote, in local, ecn))
            return;
        if (_count == _runs.Length)
            throw new InvalidOperationException("A packet was committed to a full batch.");
        var index = _count++;
        _runs[index] = new Run { Offset = _used, Length = length, SegmentSize = length, Segments = 1, Ecn = ecn };
        _remotes.Array[index] = remote;
        _locals[index] = local;
        _used += length;
        _open = length > 0 && !Singly;
        PendingPackets++;
    }

    /// <summary>The next packet starts a message of its own: call it between connections.</summary>
    public void CloseRun() => _open = false;

    private bool TryExtend(int length, in SocketEndpoint remote, in SocketEndpoint local, byte ecn)
    {
        var index = _count - 1;
        ref var run = ref _runs[index];
        if (length == 0 || length > run.SegmentSize || run.Segments == MaxSegments || run.Length + length > MaxRunBytes
            || ecn != run.Ecn || !_remotes.Array[index].Matches(in remote) || !_locals[index].Matches(in local))
        {
            return false;
        }
        run.Length += length;
        run.Segments++;
        _used += length;
        _open = length == run.SegmentSize;
        PendingPackets++;
        return true;
    }
}
