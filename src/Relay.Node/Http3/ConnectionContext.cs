using Relay.Native.Http3;
using Relay.Native.Quic;
using Relay.Node.Http;
using Relay.Node.Io;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http3;

/// <summary>What the connections of one loop share.</summary>
internal sealed class ConnectionContext
{
    private readonly Stack<RequestHeaders> _headers = new();
    private readonly QuicParameters _parameters;

    internal ConnectionContext(
        LoopTunnels tunnels, ITargetConnector connector, QuicParameters parameters, ConnectionTimeouts timeouts)
    {
        Tunnels = tunnels;
        Connector = connector;
        Timeouts = timeouts;
        _parameters = parameters;
    }

    /// <summary>Clock, timers, counters.</summary>
    internal ILoop Loop => Tunnels.Loop;

    internal LoopTunnels Tunnels { get; }

    /// <summary>Limits of tunnels, and draining; the node's.</summary>
    internal required TunnelLimits Limits { get; init; }

    /// <summary>Sessions of clients; the node's.</summary>
    internal required SessionRegistry Sessions { get; init; }

    /// <summary>The way to targets.</summary>
    internal ITargetConnector Connector { get; }

    /// <summary>Timeouts of connections and tunnels.</summary>
    internal ConnectionTimeouts Timeouts { get; }

    /// <summary>What the relay announces and allows.</summary>
    internal QuicParameters Parameters => _parameters;

    /// <summary>Memory of sent stream data.</summary>
    internal BlockPool Blocks { get; } = new();

    /// <summary>Scratch for a response's fields.</summary>
    internal HeaderBlock Headers { get; } = new();

    /// <summary>Streams whose headers have arrived in part hold one of these.</summary>
    internal RequestHeaders RentHeaders() =>
        _headers.TryPop(out var headers) ? headers : new RequestHeaders(_parameters.MaxFieldSection);

    internal void ReturnHeaders(RequestHeaders headers)
    {
        headers.Reset();
        if (_headers.Count < 64)
            _headers.Push(headers);
    }
}

/// <summary>How long connections and tunnels may be silent, in nanoseconds.</summary>
/// <param name="ClientIdle">A connection without an HTTP/3 event.</param>
/// <param name="UdpIdle">A UDP tunnel without a datagram; at least 120 s (RFC 9298 §3.1).</param>
/// <param name="Tcp">A TCP tunnel whose one side has ended.</param>
internal readonly record struct ConnectionTimeouts(ulong ClientIdle, ulong UdpIdle, TcpTunnelTimeouts Tcp);

/// <summary>What accepts a connection: how it is reached by packets and turns of writing.</summary>
internal interface IConnectionHost
{
    /// <summary>The connection has something to write.</summary>
    void MarkDirty(RelayConnection connection);

    /// <summary>A connection ID of the relay came into use.</summary>
    void AddId(in ConnectionId id, RelayConnection connection);

    /// <summary>A connection ID of the relay is no longer used.</summary>
    void RemoveId(in ConnectionId id);

    /// <summary>Makes a connection ID that leads packets back to this loop and node.</summary>
    void CreateId(Span<byte> destination);

    /// <summary>A callback threw: a defect of the relay, which costs this one connection.</summary>
    void OnDefect(Exception exception);

    /// <summary>The handshake is complete.</summary>
    void OnEstablished(RelayConnection connection);
}
