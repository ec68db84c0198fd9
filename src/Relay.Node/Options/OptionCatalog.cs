using Relay.Hosting.Logging;
using Relay.Hosting.Options;
using static Relay.Hosting.Options.OptionDefinition;

namespace Relay.Node.Options;

/// <summary>Every option there is. What reads options, validates them and prints help goes by this list.</summary>
internal static class OptionCatalog
{
    private const string RuleSyntax = "CIDR[:PORT[-PORT]]";

    /// <summary>See <see cref="NodeConfig.Addresses"/>.</summary>
    public static readonly OptionDefinition Address = List(OptionGroup.Listening, "--address", "ADDR:PORT",
        "Address to listen on, IPv6 in brackets; an IPv6 wildcard is IPv6 only") with
    {
        Alias = "-a",
        Required = true,
    };

    /// <summary>See <see cref="NodeConfig.Workers"/>.</summary>
    public static readonly OptionDefinition Workers = Single(OptionGroup.Listening, "--workers", "N",
        "Event loops, 1 to 255") with
    {
        DefaultText = "one a core",
    };

    /// <summary>See <see cref="NodeConfig.NoTcp"/>.</summary>
    public static readonly OptionDefinition NoTcp = Flag(OptionGroup.Listening, "--no-tcp",
        "Serve HTTP/3 alone: no HTTP/2 and HTTP/1.1 over TLS on the same addresses and ports");

    /// <summary>See <see cref="NodeConfig.AltSvcPort"/>.</summary>
    public static readonly OptionDefinition AltSvc = Single(OptionGroup.Listening, "--alt-svc", "PORT|off",
        "UDP port where clients have HTTP/3, as answers over TCP name it, if a mapping of ports makes it another; off: "
            + "they do not") with
    {
        DefaultText = "the port of --address",
    };

    /// <summary>See <see cref="NodeConfig.PacketProtection"/>.</summary>
    public static readonly OptionDefinition PacketProtection = Single(OptionGroup.Process, "--packet-protection",
        "auto|ipsec-mb|library",
        "What encrypts QUIC's packets: libipsec_mb, or the TLS library; auto takes the first where it can") with
    {
        DefaultText = "auto",
    };

    /// <summary>See <see cref="NodeConfig.TlsLibrary"/>.</summary>
    public static readonly OptionDefinition TlsLibrary = Single(OptionGroup.Tls, "--tls-library",
        "auto|gnutls|openssl",
        "Whose TLS clients are served with, over QUIC and TCP; auto takes OpenSSL where libngtcp2_crypto_ossl is") with
    {
        DefaultText = "auto",
    };

    /// <summary>See <see cref="NodeConfig.UdpPathTemplates"/>.</summary>
    public static readonly OptionDefinition UdpPathTemplate = List(OptionGroup.Listening, "--udp-path-template",
        "TEMPLATE",
        "Take UDP tunnels by this path too, such as /masque{?target_host,target_port} (RFC 9298), besides "
            + "/.well-known/masque/udp/{target_host}/{target_port}/");

    /// <summary>See <see cref="NodeConfig.TlsCertPath"/>.</summary>
    public static readonly OptionDefinition TlsCertPath = Single(OptionGroup.Tls, "--tls-cert-path", "PEM",
        "Certificate chain") with
    {
        Required = true,
    };

    /// <summary>See <see cref="NodeConfig.TlsPrivateKeyPath"/>.</summary>
    public static readonly OptionDefinition TlsPrivateKeyPath = Single(OptionGroup.Tls, "--tls-private-key-path", "PEM",
        "Private key") with
    {
        Required = true,
    };

    /// <summary>See <see cref="NodeConfig.ClientAuthRootCertPath"/>.</summary>
    public static readonly OptionDefinition ClientAuthRootCertPath = Single(OptionGroup.Clients,
        "--client-auth-root-cert-path", "PEM",
        "Authorities; a client needs a certificate that one of them signed itself");

    /// <summary>See <see cref="NodeConfig.ClientAuthChain"/>.</summary>
    public static readonly OptionDefinition ClientAuthChain = Flag(OptionGroup.Clients, "--client-auth-chain",
        "Take intermediates that a client sends as well, up to four, as the way from its certificate to an authority");

    /// <summary>See <see cref="NodeConfig.ClientAuthCrlPath"/>.</summary>
    public static readonly OptionDefinition ClientAuthCrlPath = Single(OptionGroup.Clients, "--client-auth-crl-path", "PATH",
        "Lists of what authorities have revoked, in PEM or DER; who signed a client's certificate needs one that is in force");

    /// <summary>See <see cref="NodeConfig.ClientAuthIdentity"/>.</summary>
    public static readonly OptionDefinition ClientAuthIdentity = Single(OptionGroup.Clients, "--client-auth-identity",
        "fingerprint|email|dns|uri",
        "By what a certificate names its client: its SHA-256, or the first such name that its authority has put into it") with
    {
        DefaultText = "fingerprint",
    };

    /// <summary>See <see cref="NodeConfig.AuthBasicFile"/>.</summary>
    public static readonly OptionDefinition AuthBasicFile = Single(OptionGroup.Clients, "--auth-basic-file", "PATH",
        "Names and password hashes; every tunnel needs one of them, or a token");

    /// <summary>See <see cref="NodeConfig.AuthBearerFile"/>.</summary>
    public static readonly OptionDefinition AuthBearerFile = Single(OptionGroup.Clients, "--auth-bearer-file", "PATH",
        "Names and token hashes; every tunnel needs one of them, or a password");

    /// <summary>See <see cref="NodeConfig.ChallengeStatus"/>.</summary>
    public static readonly OptionDefinition AuthChallengeStatus = Single(OptionGroup.Clients, "--auth-challenge-status", "407|401",
        "How a request without good credentials is answered; 401 for clients that wait for that, as Firefox's own do") with
    {
        DefaultText = "407",
    };

    /// <summary>See <see cref="NodeConfig.AllowTargets"/>.</summary>
    public static readonly OptionDefinition AllowTarget = List(OptionGroup.Targets, "--allow-target", RuleSyntax,
        "Allow targets that are denied by default, such as private addresses; TCP port 25, or an address of this "
            + "machine, by naming it");

    /// <summary>See <see cref="NodeConfig.DenyTargets"/>.</summary>
    public static readonly OptionDefinition DenyTarget = List(OptionGroup.Targets, "--deny-target", RuleSyntax,
        "Deny targets; the rule with the longest prefix decides, and denial wins a tie");

    /// <summary>See <see cref="NodeConfig.AllowUnanswered"/>.</summary>
    public static readonly OptionDefinition AllowUnanswered = List(OptionGroup.Targets, "--allow-unanswered", RuleSyntax,
        "UDP targets that need not answer, such as collectors of syslog: what they are sent is not bounded");

    /// <summary>See <see cref="NodeConfig.MaxConnections"/>.</summary>
    public static readonly OptionDefinition MaxConnections = Limit("--max-connections", "Client connections",
        NodeDefaults.MaxConnections);

    /// <summary>See <see cref="NodeConfig.MaxConnectionsPerSource"/>.</summary>
    public static readonly OptionDefinition MaxConnectionsPerSource = Limit("--max-connections-per-source",
        "Client connections from one source", NodeDefaults.MaxConnectionsPerSource);

    /// <summary>See <see cref="NodeConfig.MaxTlsHandshakes"/>.</summary>
    public static readonly OptionDefinition MaxTlsHandshakes = Limit("--max-tls-handshakes",
        "TLS handshakes over TCP under way; beyond, the oldest makes room", NodeDefaults.MaxTlsHandshakes);

    /// <summary>See <see cref="NodeConfig.MaxHeaderBytes"/>.</summary>
    public static readonly OptionDefinition MaxHeaderBytes = Limit("--max-header-bytes",
        "Header section of a request, in bytes, names and values and 32 for each field", NodeDefaults.MaxHeaderBytes);

    /// <summary>See <see cref="NodeConfig.MaxHeaderFields"/>.</summary>
    public static readonly OptionDefinition MaxHeaderFields = Limit("--max-header-fields",
        "Fields of a request, beside its pseudo-header fields", NodeDefaults.MaxHeaderFields);

    /// <summary>See <see cref="NodeConfig.MaxResetsPerSecond"/>.</summary>
    public static readonly OptionDefinition MaxResetsPerSecond = Limit("--max-resets-per-sec",
        "Requests of an HTTP/2 or HTTP/3 connection that come to nothing, for long; ten times as many at once",
        NodeDefaults.MaxResetsPerSecond);

    /// <summary>See <see cref="NodeConfig.MaxControlFramesPerSecond"/>.</summary>
    public static readonly OptionDefinition MaxControlFramesPerSecond = Limit("--max-control-frames-per-sec",
        "HTTP/2 frames of a connection that ask for nothing, for long; ten times as many at once",
        NodeDefaults.MaxControlFramesPerSecond);

    /// <summary>See <see cref="NodeConfig.MaxRequestsPerTurn"/>.</summary>
    public static readonly OptionDefinition MaxRequestsPerTurn = Limit("--max-requests-per-turn",
        "Requests that a loop begins in one of its turns; others wait for the next", NodeDefaults.MaxRequestsPerTurn);

    /// <summary>See <see cref="NodeConfig.MaxRequestsPerTurnPerConnection"/>.</summary>
    public static readonly OptionDefinition MaxRequestsPerTurnPerConnection = Limit("--max-requests-per-turn-per-connection",
        "Of these, those of one connection", NodeDefaults.MaxRequestsPerTurnPerConnection);

    /// <summary>See <see cref="NodeConfig.QuicRetryThreshold"/>.</summary>
    public static readonly OptionDefinition QuicRetryThreshold = Limit("--quic-retry-threshold",
        "QUIC handshakes of a loop under way beyond which clients prove their address; 0: always", NodeDefaults.QuicRetryThreshold);

    /// <summary>See <see cref="NodeConfig.MaxUnacknowledgedBytes"/>.</summary>
    public static readonly OptionDefinition MaxUnacknowledgedBytes = Limit("--max-unacknowledged-bytes",
        "Bytes of an HTTP/3 connection kept until they are acknowledged, half as many of a stream", NodeDefaults.MaxUnacknowledgedBytes);

    /// <summary>See <see cref="NodeConfig.MaxLookups"/>.</summary>
    public static readonly OptionDefinition MaxLookups = Limit("--max-lookups",
        "Look-ups of names under way, in each of IPv4 and IPv6", NodeDefaults.MaxLookups);

    /// <summary>See <see cref="NodeConfig.MaxLookupsPerSource"/>.</summary>
    public static readonly OptionDefinition MaxLookupsPerSource = Limit("--max-lookups-per-source",
        "Of these, those that each source may always have; as many are kept for others", NodeDefaults.MaxLookupsPerSource);

    /// <summary>See <see cref="NodeConfig.MaxUnansweredDatagrams"/>.</summary>
    public static readonly OptionDefinition MaxUnansweredDatagrams = Limit("--max-unanswered-datagrams",
        "Datagrams of 1 KiB from one source to an address that has not answered, at once", NodeDefaults.MaxUnansweredDatagrams);

    /// <summary>See <see cref="NodeConfig.MaxUnansweredDatagramsPerSecond"/>.</summary>
    public static readonly OptionDefinition MaxUnansweredDatagramsPerSecond = Limit("--max-unanswered-datagrams-per-sec",
        "The same, for long", NodeDefaults.MaxUnansweredDatagramsPerSecond);

    /// <summary>See <see cref="NodeConfig.MaxTunnels"/>.</summary>
    public static readonly OptionDefinition MaxTunnels = Limit("--max-tunnels", "Tunnels",
        NodeDefaults.MaxTunnels);

    /// <summary>See <see cref="NodeConfig.MaxTunnelsPerConnection"/>.</summary>
    public static readonly OptionDefinition MaxTunnelsPerConnection = Limit("--max-tunnels-per-connection",
        "Tunnels of one connection", NodeDefaults.MaxTunnelsPerConnection);

    /// <summary>See <see cref="NodeConfig.HandshakeTimeout"/>.</summary>
    public static readonly OptionDefinition HandshakeTimeout = Timeout("--handshake-timeout-secs",
        "How long a client's handshake may take, of QUIC or of TLS over TCP", NodeDefaults.HandshakeTimeout);

    /// <summary>See <see cref="NodeConfig.RequestTimeout"/>.</summary>
    public static readonly OptionDefinition RequestTimeout = Timeout("--request-timeout-secs",
        "How long the header section of a request may take to arrive", NodeDefaults.RequestTimeout);

    /// <summary>See <see cref="NodeConfig.ClientIdleTimeout"/>.</summary>
    public static readonly OptionDefinition ClientIdleTimeout = Timeout("--client-idle-timeout-secs",
        "Close a client connection after this long without an HTTP event", NodeDefaults.ClientIdleTimeout);

    /// <summary>See <see cref="NodeConfig.QuicIdleTimeout"/>.</summary>
    public static readonly OptionDefinition QuicIdleTimeout = Timeout("--quic-idle-timeout-secs",
        "Give up a client that has not answered for this long; it is asked with PINGs", NodeDefaults.QuicIdleTimeout);

    /// <summary>See <see cref="NodeConfig.UdpIdleTimeout"/>.</summary>
    public static readonly OptionDefinition UdpIdleTimeout = Timeout("--udp-idle-timeout-secs",
        "Close a UDP tunnel after this long without a datagram; not lower than 120", NodeDefaults.UdpIdleTimeout);

    /// <summary>See <see cref="NodeConfig.ConnectTimeout"/>.</summary>
    public static readonly OptionDefinition ConnectTimeout = Timeout("--connect-timeout-secs",
        "Name resolution and connection to a target", NodeDefaults.ConnectTimeout);

    /// <summary>See <see cref="NodeConfig.UpstreamTimeout"/>.</summary>
    public static readonly OptionDefinition UpstreamTimeout = Timeout("--upstream-timeout-secs",
        "How long a target may go on after the client side of its tunnel closed", NodeDefaults.UpstreamTimeout);

    /// <summary>See <see cref="NodeConfig.TargetKeepalive"/>.</summary>
    public static readonly OptionDefinition TargetKeepalive = Timeout("--target-keepalive-secs",
        "Silence of a TCP target after which it is probed, four times in a minute; 0 never does",
        NodeDefaults.TargetKeepalive);

    /// <summary>See <see cref="NodeConfig.TcpIdleTimeout"/>.</summary>
    public static readonly OptionDefinition TcpIdleTimeout = Timeout("--tcp-idle-timeout-secs",
        "Close a TCP tunnel after this long without a byte either way; 0 never does", NodeDefaults.TcpIdleTimeout);

    /// <summary>See <see cref="NodeConfig.RelayShutdownDrainTimeout"/>.</summary>
    public static readonly OptionDefinition RelayShutdownDrainTimeout = Timeout("--relay-shutdown-drain-timeout-secs",
        "How long the tunnels of a closing connection may drain", NodeDefaults.RelayShutdownDrainTimeout);

    /// <summary>See <see cref="NodeConfig.GracefulShutdownTimeout"/>.</summary>
    public static readonly OptionDefinition GracefulShutdownTimeout = Timeout("--graceful-shutdown-timeout-secs",
        "Longest drain on SIGTERM or SIGINT; a second signal ends at once", NodeDefaults.GracefulShutdownTimeout);

    /// <summary>See <see cref="NodeConfig.MetricsAddress"/>.</summary>
    public static readonly OptionDefinition MetricsAddress = Single(OptionGroup.Process, "--metrics-address",
        "ADDR:PORT", "Answer /metrics (Prometheus), /livez and /readyz over HTTP, to whoever reaches the address");

    /// <summary>See <see cref="NodeConfig.MetricsTokenFile"/>.</summary>
    public static readonly OptionDefinition MetricsTokenFile = Single(OptionGroup.Process, "--metrics-token-file",
        "PATH", "Answer /metrics only to who shows the token in this file (Bearer), which is read each time");

    /// <summary>See <see cref="NodeConfig.AccessLog"/>.</summary>
    public static readonly OptionDefinition AccessLog = Single(OptionGroup.Process, "--access-log", "PATH",
        "One line a tunnel at its end, appended to a file that is opened anew on SIGHUP, or - for standard output");

    /// <summary>See <see cref="NodeConfig.AccessLogTargets"/>.</summary>
    public static readonly OptionDefinition AccessLogTargets = Flag(OptionGroup.Process, "--access-log-targets",
        "Name the target in access lines instead of the client; they never name both");

    /// <summary>Writes a line for <see cref="AuthBasicFile"/>.</summary>
    public const string HashPassword = "hash-password";

    /// <summary>Writes a line for <see cref="AuthBearerFile"/>.</summary>
    public const string HashToken = "hash-token";

    /// <summary>All of them, in the order of help and of error messages.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        Address, NoTcp, AltSvc, Workers, UdpPathTemplate,
        TlsCertPath, TlsPrivateKeyPath,
        TlsLibrary, ClientAuthRootCertPath, ClientAuthChain, ClientAuthCrlPath, ClientAuthIdentity,
        AuthBasicFile, AuthBearerFile,
        .. JwtOptions.All, AuthChallengeStatus,
        AllowTarget, DenyTarget, AllowUnanswered,
        .. EgressOptions.All,
        MaxConnections, MaxConnectionsPerSource, MaxTlsHandshakes, MaxTunnels, MaxTunnelsPerConnection,
        MaxHeaderBytes, MaxHeaderFields, MaxResetsPerSecond, MaxControlFramesPerSecond,
        MaxRequestsPerTurn, MaxRequestsPerTurnPerConnection, QuicRetryThreshold, MaxUnacknowledgedBytes,
        MaxLookups, MaxLookupsPerSource, MaxUnansweredDatagrams, MaxUnansweredDatagramsPerSecond, HandshakeTimeout, RequestTimeout,
        ClientIdleTimeout, QuicIdleTimeout, UdpIdleTimeout, TcpIdleTimeout, TargetKeepalive, ConnectTimeout,
        UpstreamTimeout, RelayShutdownDrainTimeout, GracefulShutdownTimeout,
        .. FleetOptions.All,
        PacketProtection, MetricsAddress, MetricsTokenFile, LogOptions.Level, LogOptions.Format, AccessLog, AccessLogTargets, ProgramOptions.Config,
        ProgramOptions.CheckConfig, ProgramOptions.Version, ProgramOptions.Help,
    ];

    /// <summary>The program that they are the options of.</summary>
    public static ProgramOptions Program { get; } = new("relay-node", All,
        """
        relay-node: a MASQUE relay for CONNECT and CONNECT-UDP over HTTP/3, HTTP/2 and HTTP/1.1

        Usage: relay-node -a ADDR:PORT --tls-cert-path PEM --tls-private-key-path PEM [options]
        """,
        """
        relay-node hash-password NAME reads a password from standard input and writes a line for the file
        of --auth-basic-file; relay-node hash-token NAME does so with a token for --auth-bearer-file, or
        makes a token with --generate.

        Exit status: 0 after a clean end, 2 if the configuration is wrong.
        """)
    {
        Commands = [HashPassword, HashToken],
    };

    private static OptionDefinition Limit(string name, string description, int defaultValue) =>
        new(OptionGroup.Limits, name, OptionKind.Single, "N", description) { DefaultText = $"{defaultValue}" };

    private static OptionDefinition Timeout(string name, string description, int defaultValue) =>
        Seconds(OptionGroup.Timeouts, name, description, defaultValue);
}
