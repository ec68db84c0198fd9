using System.Net;
using Relay.Hosting.Fleet;

namespace Relay.Admin;

/// <summary>What the admin API is made of. Immutable; <see cref="Hosting.AdminHost"/> validates it.</summary>
public sealed record AdminConfig
{
    /// <summary>Where it listens; port 0 for a free one.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, DefaultPort);

    /// <summary>
    /// Where nodes' reports are taken as well, and nothing else but what nodes ask, with connections of its own; null for nowhere.
    /// </summary>
    public IPEndPoint? ReportAddress { get; init; }

    /// <summary>
    /// Where <c>/metrics</c> and the probes are answered as well, without TLS and without a token; null for nowhere; port 0 for a free one.
    /// </summary>
    public IPEndPoint? MetricsAddress { get; init; }

    /// <summary>
    /// Connections that an address which is listened on has at most; half of them are for who has shown a token: all nodes that a fleet
    /// may have, where this is the only coordinator that is left, and operators.
    /// </summary>
    public int MaxConnections { get; init; } = 24_576;

    /// <summary>
    /// Connections of one source without a token, and of one token or node. The one that was still for longest makes room.
    /// </summary>
    public int ConnectionsPerSource { get; init; } = 256;

    /// <summary>How long a connection may take to its first request.</summary>
    public TimeSpan FirstRequestTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The file of bearer tokens, read again when it changes. Null: whoever reaches the address may do everything,
    /// which is accepted on loopback only.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary>The cluster whose pods are nodes; null where there is none. Needs <see cref="TokenFile"/>.</summary>
    public KubernetesConfig? Kubernetes { get; init; }

    /// <summary>
    /// The PEM chain to serve HTTPS with, read again when it changes; null, as the key, for plain HTTP.
    /// </summary>
    public string? TlsCertPath { get; init; }

    /// <summary>The PEM key of <see cref="TlsCertPath"/>.</summary>
    public string? TlsPrivateKeyPath { get; init; }

    /// <summary>What the configuration of clients is made with.</summary>
    public ProfileConfig Profiles { get; init; } = new();

    /// <summary>Where users come by their enrolments.</summary>
    public EnrolConfig Enrol { get; init; } = new();

    /// <summary>The fleet's name, for users.</summary>
    public string FleetName { get; init; } = new FleetHostConfig().Silo.ClusterId;

    /// <summary>How many readers the event stream has at most.</summary>
    public int MaxEventClients { get; init; } = 256;

    /// <summary>
    /// How many readers the event stream has at most for one token, or for one source address without tokens.
    /// </summary>
    public int MaxEventClientsPerCaller { get; init; } = 32;

    /// <summary>Between two comments that keep an event stream alive where nothing happens.</summary>
    public TimeSpan EventHeartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Requests a second that one token, node or source address may send.</summary>
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>Requests that may come at once beyond that.</summary>
    public int RequestBurst { get; init; } = 500;

    /// <summary>Reports a second of one node: it sends one, and five in two seconds while it has many sessions to tell of.</summary>
    public int ReportsPerSecond { get; init; } = 3;

    /// <summary>Reports of one node that may come at once beyond that.</summary>
    public int ReportBurst { get; init; } = 10;

    /// <summary>Bytes a second of one node's reports, decompressed.</summary>
    public int ReportBytesPerSecond { get; init; } = 4 << 20;

    /// <summary>Bytes of one node's reports that may come at once beyond that.</summary>
    public int ReportByteBurst { get; init; } = 16 << 20;

    /// <summary>How long an answer may take, but for the event stream.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long requests may go on when the host stops.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>All that is listened on, <see cref="Address"/> first.</summary>
    internal IEnumerable<IPEndPoint> Addresses => ReportAddress is null ? [Address] : [Address, ReportAddress];

    /// <summary>The port that is used where none is named.</summary>
    public const int DefaultPort = 8480;
}
