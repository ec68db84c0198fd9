using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Relay.Native.Linux;

/// <summary>
/// The datagrams of one receive call, after runs that GRO merged have been split again. Everything is allocated once;
/// spans and references handed out are valid until the next receive.
/// </summary>
public sealed unsafe partial class DatagramBatch
{
    private const int ControlLength = 160; // UDP_GRO, TOS or TCLASS, PKTINFO, and room
    private const int SegmentsPerMessage = 64; // UDP_GRO_CNT_MAX of the kernel

    private readonly PinnedArray<byte> _memory;
    private readonly PinnedArray<byte> _control;
    private readonly PinnedArray<mmsghdr> _headers;
    private readonly PinnedArray<iovec> _vectors;
    private readonly PinnedArray<SocketEndpoint> _remotes;
    private readonly SocketEndpoint[] _locals;
    private readonly byte[] _ecn;
    private readonly int _messageSize;
    private Datagram[] _datagrams;
    private int _count;
    private int _messages;

    private readonly record struct Datagram(int Offset, int Length, int Message);

    /// <summary>Room for so many messages of so many bytes; a message is a datagram or a run of them.</summary>
    public DatagramBatch(int messages = 32, int messageSize = 65536)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(messages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(messageSize, 1);
        _messageSize = messageSize;
        _memory = new PinnedArray<byte>(checked(messages * messageSize), zeroed: false);
        _control = new PinnedArray<byte>(messages * ControlLength);
        _headers = new PinnedArray<mmsghdr>(messages);
        _vectors = new PinnedArray<iovec>(messages);
        _remotes = new PinnedArray<SocketEndpoint>(messages);
        _locals = new SocketEndpoint[messages];
        _ecn = new byte[messages];
        _datagrams = new Datagram[messages * SegmentsPerMessage];
        for (var i = 0; i < messages; i++)
            InitializeHeader(i);
    }

    /// <summary>Messages that fit.</summary>
    public int Capacity => _headers.Length;

    /// <summary>Datagrams held.</summary>
    public int Count => _count;

    /// <summary>Messages held: datagrams, or runs of them that GRO merged.</summary>
    public int MessageCount => _messages;

    /// <summary>Bytes held.</summary>
    public int Bytes { get; private set; }

    /// <summary>
    /// The socket was read empty: fewer messages came than were asked for. What arrives later raises a new event, so an
    /// edge-triggered reader may stop here without the call that would end in EAGAIN.
    /// </summary>
    public bool Drained { get; private set; }

    /// <summary>
    /// Messages of the last receive that were longer than their room; their cut datagrams are not held.
    /// </summary>
    public int TruncatedCount { get; private set; }

    /// <summary>The payload of a datagram; empty for a datagram without payload.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            ref readonly var datagram = ref At(index);
            return new ReadOnlySpan<byte>(_memory.Pointer + datagram.Offset, datagram.Length);
        }
    }

    /// <summary>Where it came from.</summary>
    public ref readonly SocketEndpoint Remote(int index) => ref _remotes.Array[At(index).Message];

    /// <summary>The address it was sent to.</summary>
    public ref readonly SocketEndpoint Local(int index) => ref _locals[At(index).Message];

    /// <summary>The two ECN bits, 0 from a socket that does not report them.</summary>
    public byte Ecn(int index) => _ecn[At(index).Message];

    /// <summary>Forgets all datagrams.</summary>
    public void Clear()
    {
        _count = 0;
        _messages = 0;
        Bytes = 0;
        Drained = false;
        TruncatedCount = 0;
    }

    /// <summary>
    /// Adds a copy of a datagram that did not come from a socket, or came earlier. False: no message is left.
    /// </summary>
    public bool Add(ReadOnlySpan<byte> payload, in SocketEndpoint remote, in SocketEndpoint local, byte ecn)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, _messageSize);
        if (_messages == Capacity)
            return false;
        var message = _messages++;
        _remotes.Array[message] = remote;
        _locals[message] = local;
        _ecn[message] = ecn;
        payload.CopyTo(new Span<byte>(_memory.Pointer + (message * _messageSize), _messageSize));
        Append(message * _messageSize, payload.Length, message);
        return true;
    }

    private ref readonly Datagram At(int index)
    {
        if ((uint)index >= (uint)_count)
            ThrowIndex();
        return ref _datagrams[index];
    }

    private void Append(int offset, int length, int message)
    {
        if (_count == _datagrams.Length) // only should a kernel merge longer runs than any does today
            Array.Resize(ref _datagrams, _count * 2);
        _datagrams[_count++] = new Datagram(offset, length, message);
        Bytes += length;
    }

    [DoesNotReturn, StackTraceHidden]
    private static void ThrowIndex() => throw new ArgumentOutOfRangeException("index");
}
