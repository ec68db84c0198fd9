using System.Collections.Immutable;
using Relay.Node.Credentials;
using Relay.Node.Io;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http;

/// <summary>What the connections of one loop share, whatever carries their requests.</summary>
/// <param name="tunnels">The loop's tunnels.</param>
/// <param name="connector">The way to targets.</param>
/// <param name="timeouts">Timeouts of connections and tunnels.</param>
internal sealed class ConnectionContext(
    LoopTunnels tunnels, ITargetConnector connector, ConnectionTimeouts timeouts)
{
    private readonly Stack<RequestHeaders> _headers = new();

    /// <summary>Clock, timers, counters.</summary>
    internal ILoop Loop => Tunnels.Loop;

    /// <summary>The loop's tunnels.</summary>
    internal LoopTunnels Tunnels { get; } = tunnels;

    /// <summary>Requests that the loop begins in a turn.</summary>
    internal RequestTurns Requests { get; init; } = new(tunnels.Loop);

    /// <summary>What the loop holds of what clients have sent.</summary>
    internal ClientMemory Memory { get; init; } = new();

    /// <summary>Limits of tunnels, and draining; the node's.</summary>
    internal required TunnelLimits Limits { get; init; }

    /// <summary>Sessions of clients; the node's.</summary>
    internal required SessionRegistry Sessions { get; init; }

    /// <summary>Decides on the credentials of requests; the node's.</summary>
    internal required Authenticator Authenticator { get; init; }

    /// <summary>How clients' certificates name them.</summary>
    internal CertificateNames NamesOfCertificates { get; init; } = CertificateNames.Fingerprint;

    /// <summary>The way to targets.</summary>
    internal ITargetConnector Connector { get; } = connector;

    /// <summary>Timeouts of connections and tunnels.</summary>
    internal ConnectionTimeouts Timeouts { get; } = timeouts;

    /// <summary>The largest header section of a request, in bytes, counted as RFC 9114 §4.2.2 does.</summary>
    internal required int MaxFieldSection { get; init; }

    /// <summary>The most fields of a request beside its pseudo-header fields.</summary>
    internal int MaxFields { get; init; } = RequestHeaders.DefaultMaxFields;

    /// <summary>Templates of UDP tunnels beside the default.</summary>
    internal ImmutableArray<ConnectUdpTemplate> UdpTemplates { get; init; } = [];

    /// <summary>Requests whose headers have arrived in part hold one of these.</summary>
    internal RequestHeaders RentHeaders() =>
        _headers.TryPop(out var headers) ? headers : new RequestHeaders(MaxFieldSection, MaxFields);

    internal void ReturnHeaders(RequestHeaders headers)
    {
        headers.Reset();
        if (_headers.Count < 64)
            _headers.Push(headers);
    }
}
