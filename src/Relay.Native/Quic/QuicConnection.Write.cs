using Relay.Native.Linux;
using Relay.Native.Ngtcp2;
using static Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Quic;

/// <content>Packets, outward.</content>
public abstract unsafe partial class QuicConnection
{
    /// <summary>RFC 9000 §14: every path carries UDP payloads of 1200 bytes.</summary>
    private const int MinimumPayload = 1200;

    /// <summary>How long a datagram waits at most for a path to prove that it takes it, in nanoseconds.</summary>
    private const ulong LongestWait = 1_000_000_000;

    /// <summary>
    /// Short header, packet number, AEAD tag, and the DATAGRAM frame's type and length: RFC 9000 §17.3, RFC 9001 §5.3,
    /// RFC 9221 §4. The connection ID comes on top. ngtcp2 encodes the packet number in as few bytes as tell twice its
    /// distance from the largest acknowledged one (RFC 9000 §A.2): two, as long as that is less than 32 768 packets. One
    /// that needed more would wait for the next acknowledgement.
    /// </summary>
    private const int DatagramOverhead = 1 + 2 + 16 + 3;

    private ulong _waitEnds;
    private int _pathMaximum;
    private bool _datagramWaits;
    private bool _streamsFirst;

    /// <summary>The UDP payload that the path is known to carry, in bytes.</summary>
    public int PathMaximum => IsReduced ? MinimumPayload : LibraryMaximum;

    /// <summary>
    /// The largest HTTP datagram, in bytes, that fits a packet on this path, as far as is known, and that the other
    /// side takes; 0 when it takes none.
    /// </summary>
    public int MaxDatagram => MaxDatagramOf(PathMaximum);

    /// <summary>Writes what there is to say: datagrams before streams, at most a send quantum.</summary>
    /// <param name="sink">Takes the packets.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    public QuicWriteResult Write(IPacketSink sink, ulong now)
    {
        if (State is not (QuicState.Handshaking or QuicState.Open))
            return QuicWriteResult.Ended;
        var writer = new Writer(this, sink, now);
        var result = WriteAll(ref writer);
        RecordTurn(result);
        if (writer.Bytes > 0)
        {
            ngtcp2_conn_update_pkt_tx_time(Native, now);
            sink.CloseRun();
        }
        return result;
    }

    /// <summary>Writes CONNECTION_CLOSE, once; afterwards the same packet answers what still arrives.</summary>
    /// <param name="destination">At least 1200 bytes.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    /// <param name="local">The address to send from.</param>
    /// <param name="remote">The address to send to.</param>
    /// <returns>The packet's length; 0 when there is nothing to say.</returns>
    public int WriteClose(Span<byte> destination, ulong now, out SocketEndpoint local, out SocketEndpoint remote)
    {
        local = remote = default;
        if (State != QuicState.Closing)
            return 0;
        ngtcp2_ccerr error = default;
        if (_close.Kind == CloseKind.Application)
            ngtcp2_ccerr_set_application_error(&error, _close.Code, null, 0);
        else
            ngtcp2_ccerr_set_transport_error(&error, _close.Code, null, 0);
        var scratch = PathScratch.Current;
        nint written;
        fixed (byte* buffer = destination)
            written = ngtcp2_conn_write_connection_close_versioned(
                Native, scratch.Path, Ngtcp2Constants.NGTCP2_PKT_INFO_VERSION, scratch.Info, buffer,
                (nuint)Math.Min(destination.Length, MinimumPayload), &error, now);
        if (written <= 0)
            return 0;
        local = scratch.Local;
        remote = scratch.Remote;
        return (int)written;
    }

    private QuicWriteResult WriteAll(ref Writer writer)
    {
        if (State != QuicState.Open || _peerMaxDatagram == 0)
            return WriteStreams(ref writer);
        FollowPath(writer.Now);
        _datagramWaits = false;

        // Datagrams first, since they age; but where they took all of the last turn, streams have this one: a flood
        // must not hold back another tunnel's bytes, or the answer to a request.
        if (_streamsFirst)
        {
            _streamsFirst = false;
            var streams = WriteStreams(ref writer);
            return streams == QuicWriteResult.Done ? WriteDatagrams(ref writer) : streams;
        }
        var datagrams = WriteDatagrams(ref writer);
        if (datagrams == QuicWriteResult.Done)
            return WriteStreams(ref writer);
        _streamsFirst = datagrams != QuicWriteResult.Ended;
        return datagrams;
    }

    private QuicWriteResult WriteDatagrams(ref Writer writer)
    {
        var maximum = MaxDatagramOf(_pathMaximum);
        while (TryPeekDatagram(out var prefix, out var payload))
        {
            var size = prefix.Length + payload.Length;
            if (size > maximum)
            {
                // A path starts at 1200 bytes, and an inner QUIC handshake answers with more before a round trip has
                // proven that it takes them: the first datagrams wait for that, in their socket, and not for long.
                _datagramWaits = writer.Now < _waitEnds && size <= MaxDatagramOf(_parameters.MaxUdpPayload);
                if (_datagramWaits)
                    return QuicWriteResult.Done;
                AdvanceDatagram(DatagramFate.TooLarge);
                continue;
            }
            var result = writer.WriteDatagram(prefix, payload, out var accepted);
            if (accepted)
                AdvanceDatagram(DatagramFate.Sent);
            if (result != QuicWriteResult.Done)
                return result;
        }
        return QuicWriteResult.Done;
    }

    private int MaxDatagramOf(int packet) =>
        Math.Min(packet - DatagramOverhead - (int)ngtcp2_conn_get_dcid(Native)->datalen, _peerMaxDatagram);

    /// <summary>
    /// Notices a new path, which begins small again (RFC 9000 §9.4), and each step that path MTU discovery makes: it may
    /// raise the limit for as long as the next probe takes, and another one when that was lost.
    /// </summary>
    private void FollowPath(ulong now)
    {
        var maximum = PathMaximum;
        if (maximum != _pathMaximum)
            _waitEnds = now + Math.Min(2 * ProbeTimeout, LongestWait);
        _pathMaximum = maximum;
    }

    /// <summary>The next datagram to send, as an HTTP datagram's header and payload.</summary>
    /// <param name="prefix">Quarter stream ID and context ID (RFC 9297 §2.1, RFC 9298 §5).</param>
    /// <param name="payload">The UDP payload.</param>
    protected virtual bool TryPeekDatagram(out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> payload)
    {
        prefix = payload = default;
        return false;
    }

    /// <summary>Says what became of the datagram that <see cref="TryPeekDatagram"/> gave last.</summary>
    protected virtual void AdvanceDatagram(DatagramFate fate)
    {
    }

    private protected abstract QuicWriteResult WriteStreams(ref Writer writer);

    /// <summary>One turn of writing: the packet under construction, and the quantum.</summary>
    private protected ref struct Writer
    {
        private readonly QuicConnection _connection;
        private readonly IPacketSink _sink;
        private readonly PathScratch _scratch;
        private readonly nint _native;
        private readonly int _quantum;
        private readonly int _size;

        internal Writer(QuicConnection connection, IPacketSink sink, ulong now)
        {
            _connection = connection;
            _sink = sink;
            _scratch = PathScratch.Current;
            _native = connection.Native;
            // Whole runs: a few packets beyond what one message of the kernel's holds would cost another message.
            _quantum = Math.Clamp(
                (int)ngtcp2_conn_get_send_quantum(_native), 10 * MinimumPayload, SendBatch.MaxRunBytes);
            // ngtcp2 keeps packets to what the path is known to carry; only its probes, and they must, fill the buffer.
            _size = connection.PacketSize(now);
            Now = now;
        }

        internal ulong Now { get; }

        internal int Bytes { get; private set; }

        internal readonly ngtcp2_vec* Vectors => _scratch.Vectors;

        internal QuicWriteResult WriteDatagram(
            ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> payload, out bool accepted)
        {
            accepted = false;
            while (QuantumLeft)
            {
                var buffer = _sink.Reserve(_size);
                if (buffer.IsEmpty)
                    return QuicWriteResult.SinkFull;
                nint written;
                int taken;
                fixed (byte* destination = buffer, head = prefix, body = payload)
                {
                    var vectors = _scratch.Vectors;
                    vectors[0] = new ngtcp2_vec { @base = head, len = (nuint)prefix.Length };
                    vectors[1] = new ngtcp2_vec { @base = body, len = (nuint)payload.Length };
                    // ngtcp2 asserts that no part is empty; a frame as a whole may be.
                    var count = prefix.IsEmpty ? 0u : payload.IsEmpty ? 1u : 2u;
                    written = ngtcp2_conn_writev_datagram_versioned(
                        _native, _scratch.Path, Ngtcp2Constants.NGTCP2_PKT_INFO_VERSION, _scratch.Info, destination,
                        (nuint)_size, &taken, 0, 0, vectors, count, Now);
                }
                if (written == 0)
                    return QuicWriteResult.Blocked;
                if (written < 0)
                    return Failed((int)written);
                Commit((int)written);
                accepted = taken != 0;
                if (accepted)
                    return QuicWriteResult.Done;
                // The packet went out with other frames only; the datagram goes into the next.
            }
            return QuicWriteResult.Quantum;
        }

        /// <summary>Offers stream data; <paramref name="accepted"/> is −1 where none was taken.</summary>
        /// <returns>ngtcp2's result: a packet's length, 0 for blocked, or a negative error.</returns>
        internal nint WriteStream(long stream, uint flags, ngtcp2_vec* vectors, nuint count, out nint accepted)
        {
            var buffer = _sink.Reserve(_size);
            if (buffer.IsEmpty)
            {
                accepted = -1;
                return SinkFullMark;
            }
            nint taken = -1;
            nint written;
            fixed (byte* destination = buffer)
                written = ngtcp2_conn_writev_stream_versioned(
                    _native, _scratch.Path, Ngtcp2Constants.NGTCP2_PKT_INFO_VERSION, _scratch.Info, destination,
                    (nuint)_size, &taken, flags, stream, vectors, count, Now);
            accepted = taken;
            if (written > 0)
                Commit((int)written);
            return written;
        }

        internal const int SinkFullMark = int.MinValue;

        internal readonly bool QuantumLeft => Bytes + _size <= _quantum;

        internal readonly QuicWriteResult Failed(int error)
        {
            _connection.Fail(error);
            return QuicWriteResult.Ended;
        }

        private void Commit(int length)
        {
            Bytes += length;
            _sink.Commit(length, _scratch.Remote, _scratch.Local, _scratch.Info->ecn);
        }
    }
}
