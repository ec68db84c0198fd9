using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Hosting.Logging;
using Relay.Node.Egress;
using Relay.Node.Sessions;
using Relay.Node.Targets;
using Relay.Protocol;

namespace Relay.Node.Options;

/// <summary>The validated configuration of a node. Immutable.</summary>
internal sealed record NodeConfig
{
    /// <summary>Where to listen, at least one and none twice; an IPv6 wildcard is IPv6 only. Ports 1–65535.</summary>
    public required ImmutableArray<IPEndPoint> Addresses { get; init; }

    /// <summary>Whether TCP is left alone: clients have HTTP/3 over UDP only.</summary>
    public bool NoTcp { get; init; }

    /// <summary>
    /// The port by which answers over TCP name the way to HTTP/3 (RFC 7838); null for the listener's own, 0 for no word of it.
    /// </summary>
    public int? AltSvcPort { get; init; }

    /// <summary>The PEM file of the certificate chain; empty where it could not be opened.</summary>
    public required string TlsCertPath { get; init; }

    /// <summary>The PEM file of the private key; empty where it could not be opened.</summary>
    public required string TlsPrivateKeyPath { get; init; }

    /// <summary>
    /// The PEM file of the authorities of clients; <see langword="null"/> to ask clients for no certificate.
    /// </summary>
    public string? ClientAuthRootCertPath { get; init; }

    /// <summary>Whether intermediates that a client sends may lead from its certificate to an authority.</summary>
    public bool ClientAuthChain { get; init; }

    /// <summary>The file of what authorities of clients have revoked, if any. It could be understood.</summary>
    public string? ClientAuthCrlPath { get; init; }

    /// <summary>How clients' certificates name them.</summary>
    public CertificateNames ClientAuthIdentity { get; init; } = CertificateNames.Fingerprint;

    /// <summary>The file of names and password hashes, if any. It could be understood.</summary>
    public string? AuthBasicFile { get; init; }

    /// <summary>The file of names and token hashes, if any. It could be understood.</summary>
    public string? AuthBearerFile { get; init; }

    /// <summary>Whose signed tokens are accepted; null for nobody's.</summary>
    public JwtConfig? Jwt { get; init; }

    /// <summary>The status of an answer that asks for credentials: 407, or 401.</summary>
    public int ChallengeStatus { get; init; } = 407;

    /// <summary>Whether whoever reaches the relay can use it.</summary>
    public bool IsOpenRelay =>
        ClientAuthRootCertPath is null && AuthBasicFile is null && AuthBearerFile is null && Jwt is null
        && Fleet.UsersFile is null;

    /// <summary>Event loops, 1–255.</summary>
    public int Workers { get; init; } = NodeDefaults.Workers;

    /// <summary>What encrypts QUIC's packets.</summary>
    public PacketProtectionMode PacketProtection { get; init; }

    /// <summary>Whose TLS clients are served with.</summary>
    public TlsLibraryMode TlsLibrary { get; init; }

    /// <summary>Templates of UDP tunnels beside the default.</summary>
    public ImmutableArray<ConnectUdpTemplate> UdpPathTemplates { get; init; } = [];

    /// <summary>What targets are allowed beyond the default.</summary>
    public ImmutableArray<TargetRule> AllowTargets { get; init; } = [];

    /// <summary>What targets are denied beyond the default.</summary>
    public ImmutableArray<TargetRule> DenyTargets { get; init; } = [];

    /// <summary>UDP targets that may be sent to, without bounds, though they never answer.</summary>
    public ImmutableArray<TargetRule> AllowUnanswered { get; init; } = [];

    /// <summary>Families and source addresses toward targets.</summary>
    public EgressConfig Egress { get; init; } = new();

    /// <summary>The node's part in a fleet.</summary>
    public FleetConfig Fleet { get; init; } = FleetConfig.None;

    /// <summary>Client connections at a time, in the whole process.</summary>
    public int MaxConnections { get; init; } = NodeDefaults.MaxConnections;

    /// <summary>Client connections at a time from one source; not above <see cref="MaxConnections"/>.</summary>
    public int MaxConnectionsPerSource { get; init; } = NodeDefaults.MaxConnectionsPerSource;

    /// <summary>
    /// TLS handshakes over TCP under way at a time, in the whole process; beyond, the oldest makes room for the newest.
    /// </summary>
    public int MaxTlsHandshakes { get; init; } = NodeDefaults.MaxTlsHandshakes;

    /// <summary>
    /// The largest header section of a request, in bytes, counted as RFC 9114 §4.2.2 does; 1024 to 1 MiB. Over HTTP/1.1 also
    /// the largest head.
    /// </summary>
    public int MaxHeaderBytes { get; init; } = NodeDefaults.MaxHeaderBytes;

    /// <summary>The most fields of a request, beside its pseudo-header fields; 10 to 1000.</summary>
    public int MaxHeaderFields { get; init; } = NodeDefaults.MaxHeaderFields;

    /// <summary>
    /// Streams of an HTTP/2 or HTTP/3 connection that its client resets, or has reset or refused by what it does, in a second
    /// for long; ten times as many at once, and one more for each stream that it may have.
    /// </summary>
    public int MaxResetsPerSecond { get; init; } = NodeDefaults.MaxResetsPerSecond;

    /// <summary>
    /// The same of HTTP/2 frames that ask for nothing: PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA, unknown ones.
    /// </summary>
    public int MaxControlFramesPerSecond { get; init; } = NodeDefaults.MaxControlFramesPerSecond;

    /// <summary>Requests that a loop begins in one of its turns, of all its connections; what comes beyond waits for the next.</summary>
    public int MaxRequestsPerTurn { get; init; } = NodeDefaults.MaxRequestsPerTurn;

    /// <summary>The same of one connection; not above <see cref="MaxRequestsPerTurn"/>.</summary>
    public int MaxRequestsPerTurnPerConnection { get; init; } = NodeDefaults.MaxRequestsPerTurnPerConnection;

    /// <summary>
    /// QUIC handshakes of a loop that are under way, or failed in the last three seconds, beyond which clients must prove their address
    /// (Retry, RFC 9000 §8.1.2); 0: always.
    /// </summary>
    public int QuicRetryThreshold { get; init; } = NodeDefaults.QuicRetryThreshold;

    /// <summary>
    /// Bytes of an HTTP/3 connection that its client has not acknowledged, beyond which no target of its is read; half of it for each
    /// stream. 1 MiB to 1 GiB.
    /// </summary>
    public int MaxUnacknowledgedBytes { get; init; } = NodeDefaults.MaxUnacknowledgedBytes;

    /// <summary>Tunnels at a time, in the whole process.</summary>
    public int MaxTunnels { get; init; } = NodeDefaults.MaxTunnels;

    /// <summary>Tunnels at a time of one connection; not above <see cref="MaxTunnels"/>.</summary>
    public int MaxTunnelsPerConnection { get; init; } = NodeDefaults.MaxTunnelsPerConnection;

    /// <summary>Look-ups of names under way at a time, in each family; 1 to 4096.</summary>
    public int MaxLookups { get; init; } = NodeDefaults.MaxLookups;

    /// <summary>
    /// Of these, those that a source may have though others have taken most, and that are kept for others where it has taken most; of
    /// IPv6 a /48. Not above <see cref="MaxLookups"/>.
    /// </summary>
    public int MaxLookupsPerSource { get; init; } = NodeDefaults.MaxLookupsPerSource;

    /// <summary>Datagrams of 1 KiB that a source may send, at any speed, to an address that has not answered it.</summary>
    public int MaxUnansweredDatagrams { get; init; } = NodeDefaults.MaxUnansweredDatagrams;

    /// <summary>The same in a second, for long.</summary>
    public int MaxUnansweredDatagramsPerSecond { get; init; } = NodeDefaults.MaxUnansweredDatagramsPerSecond;

    /// <summary>How long a client's handshake may take, of QUIC or of TLS over TCP.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(NodeDefaults.HandshakeTimeout);

    /// <summary>How long the header section of a request may take to arrive.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(NodeDefaults.RequestTimeout);

    /// <summary>A client connection without an HTTP event for this long is closed.</summary>
    public TimeSpan ClientIdleTimeout { get; init; } = TimeSpan.FromSeconds(NodeDefaults.ClientIdleTimeout);

    /// <summary>
    /// A client from which no packet has come for this long is given up; after a third of it, it is asked with a PING.
    /// A client's own max_idle_timeout counts instead where it is lower (RFC 9000 §10.1).
    /// </summary>
    public TimeSpan QuicIdleTimeout { get; init; } = TimeSpan.FromSeconds(NodeDefaults.QuicIdleTimeout);

    /// <summary>A UDP tunnel without a datagram either way for this long is closed. At least 120 s: "UDP proxies that
    /// close sockets after a period of inactivity SHOULD NOT use a period lower than two minutes" (RFC 9298 §3.1).
    /// </summary>
    public TimeSpan UdpIdleTimeout { get; init; } = TimeSpan.FromSeconds(NodeDefaults.UdpIdleTimeout);

    /// <summary>A TCP tunnel without a byte either way for this long is closed; zero: it never is.</summary>
    public TimeSpan TcpIdleTimeout { get; init; } = TimeSpan.FromSeconds(NodeDefaults.TcpIdleTimeout);

    /// <summary>How a TCP target that has vanished is noticed; null: it is not.</summary>
    public KeepaliveConfig? TargetKeepalive { get; init; } = KeepaliveConfig.After(NodeDefaults.TargetKeepalive);

    /// <summary>Name resolution and connection to a target.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(NodeDefaults.ConnectTimeout);

    /// <summary>How long a target may go on after the client side of its tunnel closed; may be zero.</summary>
    public TimeSpan UpstreamTimeout { get; init; } = TimeSpan.FromSeconds(NodeDefaults.UpstreamTimeout);

    /// <summary>How long the tunnels of a closing connection may drain; may be zero.</summary>
    public TimeSpan RelayShutdownDrainTimeout { get; init; } =
        TimeSpan.FromSeconds(NodeDefaults.RelayShutdownDrainTimeout);

    /// <summary>The longest drain on SIGTERM or SIGINT; may be zero.</summary>
    public TimeSpan GracefulShutdownTimeout { get; init; } =
        TimeSpan.FromSeconds(NodeDefaults.GracefulShutdownTimeout);

    /// <summary>How a client that has vanished is noticed; no option.</summary>
    public ClientSilence ClientSilence { get; init; } = new();

    /// <summary>Where metrics and probes are answered over HTTP; null for nowhere.</summary>
    public IPEndPoint? MetricsAddress { get; init; }

    /// <summary>The file of the token that metrics, not probes, are asked for with; null for none.</summary>
    public string? MetricsTokenFile { get; init; }

    /// <summary>What is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>How the log and the access log are written.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>The file of access lines, <c>-</c> for standard output, or null for none.</summary>
    public string? AccessLog { get; init; }

    /// <summary>Whether access lines name the target, and so not the client.</summary>
    public bool AccessLogTargets { get; init; }
}
