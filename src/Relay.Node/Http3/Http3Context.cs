using Relay.Native.Quic;
using Relay.Node.Http;
using Relay.Node.Options;
using Relay.Node.Streams;

namespace Relay.Node.Http3;

/// <summary>What the HTTP/3 connections of one loop share.</summary>
/// <param name="context">What they share with all others.</param>
/// <param name="parameters">What the relay announces and allows.</param>
internal sealed class Http3Context(ConnectionContext context, QuicParameters parameters)
{
    /// <summary>What they share with all others.</summary>
    internal ConnectionContext Context { get; } = context;

    /// <summary>What the relay announces and allows.</summary>
    internal QuicParameters Parameters { get; } = parameters;

    /// <summary>Streams that a connection may have reset, or requests refused, in a second, for long.</summary>
    internal int ResetsPerSecond { get; init; } = NodeDefaults.MaxResetsPerSecond;

    /// <summary>
    /// Handshakes that are under way, or failed a moment ago, beyond which a client must first prove its address (RFC 9000 §8.1.2).
    /// </summary>
    internal int RetryThreshold { get; init; } = NodeDefaults.QuicRetryThreshold;

    /// <summary>Memory of sent stream data.</summary>
    internal BlockPool Blocks { get; init; } = new();

    /// <summary>What waits for a turn of packets.</summary>
    internal HeldShares Held { get; } = new();

    /// <summary>Scratch for a response's fields.</summary>
    internal ResponseBlock Fields { get; } = new();
}
