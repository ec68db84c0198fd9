using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Relay.Native.Linux;
using Relay.Native.Ngtcp2;
using Relay.Native.Quic;
using NativeMethods = Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>A QUIC client whose streams carry exactly the bytes that a test gives it, be they HTTP/3 or not.</summary>
internal sealed unsafe class RawClient : QuicConnection, IActor
{
    private readonly Simulation _simulation;
    private readonly Action<Packet> _send;
    private readonly SocketEndpoint _local;
    private readonly Queue<Packet> _inbox = new();
    private readonly PacketArena _arena = new();
    private readonly Queue<(long Stream, byte[] Bytes, bool Fin)> _outgoing = new();
    private readonly List<byte[]> _sent = [];
    private int _sentOfFirst;
    private bool _dirty = true;
    private bool _closeSent;
    private bool _disposed;

    public RawClient(Simulation simulation, SocketEndpoint local, Action<Packet> send)
        : base(
            TestIdentity.Client, TestIdentity.ServerName,
            new QuicParameters { StaticSecret = RandomNumberGenerator.GetBytes(32) },
            Ngtcp2Constants.NGTCP2_PROTO_VER_V1,
            new ConnectionId(RandomNumberGenerator.GetBytes(12)), local, InMemoryNode.Address, simulation.Now)
    {
        _simulation = simulation;
        _local = local;
        _send = send;
        simulation.Add(this);
    }

    public bool IsOver => State is not (QuicState.Handshaking or QuicState.Open);

    public ulong Next => IsOver || _disposed ? ulong.MaxValue : Expiry;

    /// <summary>Streams that the node has reset, and the codes.</summary>
    public Dictionary<long, ulong> Resets { get; } = [];

    /// <summary>Bytes that the node has sent on each stream.</summary>
    public Dictionary<long, List<byte>> Received { get; } = [];

    /// <summary>The status of an answer without QPACK's dynamic table: indexed, or by a static name and a literal.</summary>
    public int StatusOf(long stream)
    {
        var answer = Received[stream];
        // HEADERS, a length of one or two bytes, and the section's prefix of two.
        var at = (answer[1] < 0x40 ? 2 : 3) + 2;
        if ((answer[at] & 0xc0) != 0xc0)
            return int.Parse(System.Text.Encoding.ASCII.GetString([.. answer.Skip(at + 3).Take(3)]));
        var index = answer[at] & 0x3f;
        if (index == 0x3f)
            index += answer[at + 1];
        return index switch
        {
            25 => 200,
            27 => 404,
            28 => 503,
            67 => 400,
            _ => 0,
        };
    }

    public void Receive(Packet packet) => _inbox.Enqueue(packet);

    public bool Turn()
    {
        if (_disposed)
            return false;
        var busy = _dirty || _inbox.Count > 0;
        while (_inbox.TryDequeue(out var packet))
            _ = Read(_local, packet.From, packet.Ecn, packet.Payload, _simulation.Now);
        if (!IsOver && Expiry <= _simulation.Now)
        {
            HandleExpiry(_simulation.Now);
            busy = true;
        }
        if (!busy)
            return false;
        _dirty = Write(_arena, _simulation.Now) == QuicWriteResult.Quantum;
        if (State == QuicState.Closing && !_closeSent)
        {
            _closeSent = true;
            var length = WriteClose(_arena.Reserve(1200), _simulation.Now, out var local, out var remote);
            if (length > 0)
                _arena.Commit(length, remote, local, 0);
        }
        _arena.Drain(_send);
        return true;
    }

    public void CloseWith(ulong error)
    {
        Close(error);
        _dirty = true;
    }

    public long OpenBidirectional()
    {
        Assert.True(TryOpenBidirectional(out var stream));
        return stream;
    }

    /// <summary>Opens a stream if the node's credit allows it.</summary>
    public bool TryOpenBidirectional(out long stream)
    {
        long opened;
        var result = NativeMethods.ngtcp2_conn_open_bidi_stream(Native, &opened, null);
        stream = result == 0 ? opened : -1;
        return result == 0;
    }

    /// <summary>Whether the node allows another stream now.</summary>
    public bool HasStreamCredit => NativeMethods.ngtcp2_conn_get_streams_bidi_left(Native) > 0;

    /// <summary>HEADERS of CONNECT to a.test:80, by QPACK without the dynamic table (RFC 9204 §4.5).</summary>
    public static byte[] ConnectHeaders()
    {
        byte[] section =
        [
            0, 0, // no required insert count, no base
            0xc0 | 15, // :method CONNECT, static 15
            0x50, 9, .. "a.test:80"u8, // :authority, static 0, literal
        ];
        return [1, (byte)section.Length, .. section];
    }

    /// <summary>GET https://a.test/, which is answered with 404.</summary>
    public static byte[] GetHeaders { get; } =
        [1, 13, 0, 0, 0xc0 | 17, 0xc0 | 23, 0xc0 | 1, 0x50, 6, .. "a.test"u8];

    public long OpenUnidirectional()
    {
        long stream;
        Assert.Equal(0, NativeMethods.ngtcp2_conn_open_uni_stream(Native, &stream, null));
        return stream;
    }

    /// <summary>Sends bytes on a stream; they stay in place, since ngtcp2 refers to them until acknowledged.</summary>
    public void Send(long stream, ReadOnlySpan<byte> bytes, bool fin = false)
    {
        var copy = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(copy);
        _sent.Add(copy);
        _outgoing.Enqueue((stream, copy, fin));
        _dirty = true;
    }

    public void Reset(long stream, ulong code) => Assert.True(ResetIfOpen(stream, code));

    /// <summary>Resets the sending side of a stream, if it has one that is open.</summary>
    public bool ResetIfOpen(long stream, ulong code)
    {
        _dirty = true;
        return NativeMethods.ngtcp2_conn_shutdown_stream_write(Native, 0, stream, code) == 0;
    }

    /// <summary>Wants no more of what the node sends on a stream (STOP_SENDING).</summary>
    public void Stop(long stream, ulong code)
    {
        _ = NativeMethods.ngtcp2_conn_shutdown_stream_read(Native, 0, stream, code);
        _dirty = true;
    }

    protected override void CreateConnectionId(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }

    private protected override void OnKeysReady()
    {
    }

    private protected override int OnStreamData(long stream, bool fin, byte* data, nuint length)
    {
        ref var received = ref CollectionsMarshal.GetValueRefOrAddDefault(Received, stream, out _);
        (received ??= []).AddRange(new ReadOnlySpan<byte>(data, (int)length));
        NativeMethods.ngtcp2_conn_extend_max_offset(Native, length);
        return 0;
    }

    private protected override int OnStreamReset(long stream, ulong applicationError)
    {
        Resets[stream] = applicationError;
        return 0;
    }

    private protected override int OnStreamAcknowledged(long stream, ulong length) => 0;

    private protected override int OnStreamClose(long stream, ulong applicationError) => 0;

    private protected override int OnStreamReadStopped(long stream) => 0;

    private protected override int OnStreamWindow(long stream) => 0;

    private protected override QuicWriteResult WriteStreams(ref Writer writer)
    {
        while (writer.QuantumLeft)
        {
            long stream = -1;
            var (flags, count) = (0u, (nuint)0);
            if (_outgoing.TryPeek(out var first))
            {
                stream = first.Stream;
                var pointer = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(first.Bytes, 0) + _sentOfFirst;
                writer.Vectors[0] =
                    new ngtcp2_vec { @base = pointer, len = (nuint)(first.Bytes.Length - _sentOfFirst) };
                count = writer.Vectors[0].len > 0 ? 1u : 0u;
                flags = first.Fin ? Ngtcp2Constants.NGTCP2_WRITE_STREAM_FLAG_FIN : 0;
            }
            var written = writer.WriteStream(stream, flags, writer.Vectors, count, out var accepted);
            // The node may have stopped a stream that there is more for.
            var isShut = written is Ngtcp2Constants.NGTCP2_ERR_STREAM_SHUT_WR
                or Ngtcp2Constants.NGTCP2_ERR_STREAM_NOT_FOUND;
            if (stream >= 0 && (isShut || (accepted >= 0 && (_sentOfFirst += (int)accepted) == first.Bytes.Length)))
            {
                _outgoing.Dequeue();
                _sentOfFirst = 0;
            }
            if (isShut || written > 0)
                continue;
            if (written == Ngtcp2Constants.NGTCP2_ERR_STREAM_DATA_BLOCKED || (written == 0 && stream >= 0))
                return QuicWriteResult.Blocked;
            return written == 0 ? QuicWriteResult.Done : writer.Failed((int)written);
        }
        return QuicWriteResult.Quantum;
    }
}
