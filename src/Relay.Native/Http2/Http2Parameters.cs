namespace Relay.Native.Http2;

/// <summary>What a side announces and allows itself on each connection (RFC 9113 §6.5.2). Immutable.</summary>
public sealed record Http2Parameters
{
    /// <summary>Streams that a client may have open.</summary>
    public int MaxConcurrentStreams { get; init; } = 256;

    /// <summary>Of these, streams that a client may leave open though its request was refused.</summary>
    public int MaxRefusedRequests { get; init; } = 512;

    /// <summary>
    /// Receive window of a client's new stream, in bytes: what it may send before there is anybody to take it. It holds
    /// once the client has acknowledged it; before, HTTP/2 has 65535 bytes for every stream.
    /// </summary>
    public int InitialRequestWindow { get; init; } = 16 * 1024;

    /// <summary>
    /// Receive window of a stream whose bytes somebody takes, in bytes; on the client's side, of every stream.
    /// </summary>
    public int InitialStreamWindow { get; init; } = 256 * 1024;

    /// <summary>
    /// Receive window of a new connection, in bytes: sixteen streams whose bytes nobody takes leave it open for others.
    /// </summary>
    public int InitialConnectionWindow { get; init; } = (16 + 1) * 256 * 1024;

    /// <summary>How far windows of streams may grow beyond that, all together, in bytes.</summary>
    public int MaxGrowth { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bound of a decoded header section, in bytes (RFC 9113 §6.5.2).</summary>
    public int MaxFieldSection { get; init; } = 16 * 1024;
}
