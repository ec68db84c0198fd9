namespace Relay.Native.Quic;

/// <summary>What a side announces and allows itself on each connection (RFC 9000 §18.2). Immutable.</summary>
public sealed record QuicParameters
{
    /// <summary>Bidirectional streams that the other side may have open.</summary>
    public long MaxBidirectionalStreams { get; init; } = 256;

    /// <summary>
    /// Of these, streams that may be open without a request, which has yet to arrive as a whole: RFC 9114 §6.1 wants
    /// "at least 100 request streams" permitted at a time.
    /// </summary>
    public long MaxIncompleteRequests { get; init; } = 100;

    /// <summary>
    /// Of these, streams that may be open and not answered with a body: a request waits, or was refused, and its client leaves the stream
    /// open. 5 times what any client may count on.
    /// </summary>
    public long MaxUnacceptedRequests { get; init; } = 512;

    /// <summary>Bidirectional streams that the other side may open before any of its requests has arrived.</summary>
    public long InitialBidirectionalStreams =>
        Math.Min(Math.Min(MaxIncompleteRequests, MaxUnacceptedRequests), MaxBidirectionalStreams);

    /// <summary>Receive window of a new stream of this side, in bytes.</summary>
    public long InitialStreamWindow { get; init; } = 256 * 1024;

    /// <summary>
    /// Receive window of a new stream of the other side, in bytes, until it is raised to
    /// <see cref="InitialStreamWindow"/>: what it may send before there is anybody to take it.
    /// </summary>
    public long InitialRequestWindow { get; init; } = 16 * 1024;

    /// <summary>
    /// Receive window of a new connection, in bytes: sixteen streams whose bytes nobody takes leave it open for others.
    /// </summary>
    public long InitialConnectionWindow { get; init; } = 16 * 256 * 1024;

    /// <summary>How far a stream's window may grow by itself, in bytes.</summary>
    public long MaxStreamWindow { get; init; } = 6 * 1024 * 1024;

    /// <summary>How far a connection's window may grow by itself, in bytes.</summary>
    public long MaxConnectionWindow { get; init; } = 8 * 1024 * 1024;

    /// <summary>
    /// Bytes of a stream that are kept until they are acknowledged; beyond, no more are asked for. They are given back in
    /// order, so that a peer which does not acknowledge the first keeps all that follow.
    /// </summary>
    public long MaxUnacknowledgedOfStream { get; init; } = 8 * 1024 * 1024;

    /// <summary>The same of all streams of a connection.</summary>
    public long MaxUnacknowledged { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Bytes that the libraries may hold of what the other side has sent, beside its streams. All of the window of 8 MiB may come out
    /// of order, when the first packet was lost, and a hole costs a hundred bytes: there are some thousands where a fifth is lost.
    /// </summary>
    public long MaxInput { get; init; } = 12 * 1024 * 1024;

    /// <summary>QUIC's idle timeout (RFC 9000 §10.1), in nanoseconds.</summary>
    public ulong IdleTimeout { get; init; } = 600_000_000_000;

    /// <summary>How long a handshake may take, in nanoseconds.</summary>
    public ulong HandshakeTimeout { get; init; } = 10_000_000_000;

    /// <summary>
    /// The largest UDP payload sent, in bytes: what an Ethernet path carries over IPv6 and IPv4 alike. Path MTU
    /// discovery (RFC 8899) raises packets to it.
    /// </summary>
    public int MaxUdpPayload { get; init; } = 1452;

    /// <summary>The largest DATAGRAM frame that is received (RFC 9221 §3); 0 turns datagrams off.</summary>
    public int MaxDatagramFrame { get; init; } = 65535;

    /// <summary>Bound of a decoded header section, in bytes (RFC 9114 §4.2.2).</summary>
    public int MaxFieldSection { get; init; } = 16 * 1024;

    /// <summary>What encrypts and decrypts packets.</summary>
    public PacketProtection Protection { get; init; } = PacketProtection.Library;

    /// <summary>Whether HTTP datagrams are announced (RFC 9297 §2.1.1).</summary>
    public bool AnnounceDatagrams { get; init; } = true;

    /// <summary>
    /// What a client was told by an earlier connection to prove its address with (RFC 9000 §8.1.3); empty for nothing.
    /// </summary>
    public ReadOnlyMemory<byte> Token { get; init; }

    /// <summary>
    /// Secret of address tokens (RFC 9000 §8.1), 32 bytes. Nodes of a fleet can share it: then a client that has proven
    /// its address to one has to all.
    /// </summary>
    public required ReadOnlyMemory<byte> StaticSecret { get; init; }

    /// <summary>
    /// Secret of stateless reset tokens (RFC 9000 §10.3), 32 bytes: <see cref="StaticSecret"/> unless set. Not to be
    /// shared by nodes that can be reached each for itself (RFC 9000 §21.11).
    /// </summary>
    public ReadOnlyMemory<byte> ResetSecret { get => field.IsEmpty ? StaticSecret : field; init; }
}
