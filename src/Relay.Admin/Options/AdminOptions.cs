using Relay.Hosting.Logging;

namespace Relay.Admin.Options;

/// <summary>
/// Every option of relay-admin, in the order of help and of error messages. Names are those of relay-node where it has
/// the same.
/// </summary>
internal static class AdminOptions
{
    /// <summary>Who coordinates.</summary>
    public static readonly AdminOption Fleet = new("--fleet", "KIND",
        "local: this process alone, in memory; silo: Orleans grains, with state and other coordinators through --redis")
    {
        DefaultText = "local",
    };

    /// <summary>Where silos meet and keep their state.</summary>
    public static readonly AdminOption Redis = new("--redis", "CONFIGURATION",
        "Clustering and state in Redis, as host:6379,password=…; without it one silo keeps everything in memory");

    /// <summary>The fleet's name.</summary>
    public static readonly AdminOption ClusterId = new("--cluster-id", "NAME",
        "The fleet's name; coordinators and state of another name are not seen")
    {
        DefaultText = "relayfleet",
    };

    /// <summary>Where other silos reach this one.</summary>
    public static readonly AdminOption SiloAddress = new("--silo-address", "ADDR:PORT",
        "Where other silos reach this one; never open it to the internet; port 0 for a free one")
    {
        DefaultText = "127.0.0.1:11111",
    };

    /// <summary>Where the API listens.</summary>
    public static readonly AdminOption AdminAddress = new("--admin-address", "ADDR:PORT",
        "Where API and dashboard listen; other than loopback only with --admin-token-file; port 0 for a free one")
    {
        DefaultText = $"127.0.0.1:{AdminConfig.DefaultPort}",
    };

    /// <summary>Who may use it.</summary>
    public static readonly AdminOption TokenFile = new("--admin-token-file", "PATH",
        "Tokens, a line for each: NAME:ROLE:sha256$HEX; read again when it changes");

    /// <summary>The chain for HTTPS.</summary>
    public static readonly AdminOption TlsCertPath = new("--tls-cert-path", "PEM",
        "Certificate chain, for HTTPS; read again when it changes");

    /// <summary>The key for HTTPS.</summary>
    public static readonly AdminOption TlsPrivateKeyPath =
        new("--tls-private-key-path", "PEM", "Private key, for HTTPS");

    /// <summary>Pools that are defined from the start.</summary>
    public static readonly AdminOption PrefixPools = new("--prefix-pools", "PATH",
        "JSON array of pools, {\"name\", \"prefix\", \"blockLength\"}: each that is not there yet is defined at start");

    /// <summary>See <see cref="Relay.Fleet.Contract.FleetTimings.LeaseTime"/>.</summary>
    public static readonly AdminOption LeaseTime = new("--lease-time-secs", "SECONDS",
        "How long a granted block is its node's without being renewed; the node stops 20 s earlier")
    {
        DefaultText = "120",
    };

    /// <summary>See <see cref="Relay.Fleet.Contract.FleetTimings.NodeTimeout"/>.</summary>
    public static readonly AdminOption NodeTimeout = new("--node-timeout-secs", "SECONDS",
        "A node that has not reported for this long is silent, and its sessions leave the directory")
    {
        DefaultText = "15",
    };

    /// <summary>See <see cref="Relay.Fleet.Contract.FleetTimings.Quarantine"/>.</summary>
    public static readonly AdminOption Quarantine = new("--quarantine-secs", "SECONDS",
        "How long a block that a node has given back or lost is kept from others: at least the nodes' longest idle timeout")
    {
        DefaultText = "600",
    };

    /// <summary>See <see cref="Relay.Fleet.Contract.FleetTimings.LameTime"/>.</summary>
    public static readonly AdminOption LameTime = new("--lame-time-secs", "SECONDS",
        "How long a draining node still accepts, so that load balancers notice first")
    {
        DefaultText = "5",
    };

    /// <summary>How log lines look.</summary>
    public static readonly AdminOption LogFormat = new("--log-format", "FORMAT", "text or json")
    {
        DefaultText = "text",
    };

    /// <summary>Which lines are logged.</summary>
    public static readonly AdminOption LogLevel = new("--log-level", "LEVEL", "trace, debug, info, warn, error or off")
    {
        DefaultText = "info",
    };

    /// <summary>The file of options.</summary>
    public static readonly AdminOption Config = new("--config", "PATH", "JSON file of options") { IsInFile = false };

    /// <summary>Validate and exit.</summary>
    public static readonly AdminOption CheckConfig = new("--check-config", "", "Validate the configuration and exit")
    {
        IsInEnvironment = false,
        IsInFile = false,
    };

    /// <summary>Print the version and exit.</summary>
    public static readonly AdminOption Version = new("--version", "", "Print the version and exit")
    {
        IsInEnvironment = false,
        IsInFile = false,
    };

    /// <summary>Print help and exit.</summary>
    public static readonly AdminOption Help = new("--help", "", "Print this and exit")
    {
        Alias = "-h",
        IsInEnvironment = false,
        IsInFile = false,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<AdminOption> All { get; } =
    [
        Fleet, Redis, ClusterId, SiloAddress, AdminAddress, TokenFile, TlsCertPath, TlsPrivateKeyPath, PrefixPools,
        LeaseTime, NodeTimeout, Quarantine, LameTime, LogFormat, LogLevel, Config, CheckConfig, Version, Help,
    ];
}
