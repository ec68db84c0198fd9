namespace Relay.Node.Options;

/// <summary>The options of <see cref="NodeConfig.Fleet"/>.</summary>
internal static class FleetOptions
{
    /// <summary>See <see cref="FleetConfig.Mode"/> and <see cref="FleetConfig.Coordinators"/>.</summary>
    public static readonly OptionDefinition Fleet = List("--fleet", "off|local|silo|URL",
        "Who coordinates: nobody, this process in memory, a silo in this process, or a coordinator by URL; several URLs "
        + "are tried in turn") with
    {
        DefaultText = "off, or local with --admin-address",
    };

    /// <summary>See <see cref="FleetConfig.NodeId"/>.</summary>
    public static readonly OptionDefinition NodeId = Single("--node-id", "NAME",
        "The node's name in the fleet, of letters, digits, hyphens and dots") with
    {
        DefaultText = "the host's name",
    };

    /// <summary>See <see cref="FleetConfig.AdvertiseAddresses"/>.</summary>
    public static readonly OptionDefinition AdvertiseAddress = List("--advertise-address", "HOST:PORT",
        "Where clients reach the node, for the fleet to show; by default where it listens");

    /// <summary>See <see cref="FleetConfig.TokenFile"/>.</summary>
    public static readonly OptionDefinition TokenFile = Single("--fleet-token-file", "PATH",
        "The node's token for the coordinators; read again for each report");

    /// <summary>See <see cref="FleetConfig.AuthorityPath"/>.</summary>
    public static readonly OptionDefinition Authority = Single("--fleet-ca", "PEM",
        "Authorities that sign coordinators' certificates, instead of the system's");

    /// <summary>See <see cref="FleetConfig.Pools"/>.</summary>
    public static readonly OptionDefinition Pool = List("--prefix-pool", "NAME",
        "Lease a block of this pool, and use it as the outbound prefix; one pool a family");

    /// <summary>See <see cref="FleetConfig.LeaseHook"/>.</summary>
    public static readonly OptionDefinition LeaseHook = Single("--lease-hook", "CMD",
        "Shell command to run before a lease is first used and after it was last used; its environment tells more");

    /// <summary>See <see cref="FleetConfig.DefinedPools"/>.</summary>
    public static readonly OptionDefinition PoolDefinitions = Single("--prefix-pools", "PATH",
        "JSON array of pools, {\"name\", \"prefix\", \"blockLength\"}: each that is not there yet is defined at start");

    /// <summary>See <see cref="FleetConfig.ClusterId"/>.</summary>
    public static readonly OptionDefinition ClusterId = Single("--cluster-id", "NAME",
        "The name of the cluster that the silo belongs to") with
    {
        DefaultText = "relayfleet",
    };

    /// <summary>See <see cref="FleetConfig.Redis"/>.</summary>
    public static readonly OptionDefinition Redis = Single("--redis", "HOST:PORT[,...]",
        "Clustering and state of the silo in Redis; without it, one silo with everything in memory");

    /// <summary>See <see cref="FleetConfig.SiloAddress"/>.</summary>
    public static readonly OptionDefinition SiloAddress = Single("--silo-address", "ADDR:PORT",
        "Where other silos reach this one; not for the internet") with
    {
        DefaultText = "127.0.0.1:11111",
    };

    /// <summary>See <see cref="FleetConfig.AdminAddress"/>.</summary>
    public static readonly OptionDefinition AdminAddress = Single("--admin-address", "ADDR:PORT",
        "Serve the admin API and dashboard: plain HTTP on loopback, else HTTPS with the node's own certificate");

    /// <summary>See <see cref="FleetConfig.AdminTokenFile"/>.</summary>
    public static readonly OptionDefinition AdminTokenFile = Single("--admin-token-file", "PATH",
        "Who may use the admin API; needed unless it listens on loopback");

    /// <summary>See <see cref="Relay.Fleet.Contract.FleetTimings.LeaseTime"/>.</summary>
    public static readonly OptionDefinition LeaseTime = Seconds("--lease-time-secs", 120,
        "How long a granted block is its node's without being renewed; the node stops 20 s earlier");

    /// <summary>See <see cref="Relay.Fleet.Contract.FleetTimings.NodeTimeout"/>.</summary>
    public static readonly OptionDefinition NodeTimeout = Seconds("--node-timeout-secs", 15,
        "A node that has not reported for this long is silent, and its sessions leave the directory");

    /// <summary>See <see cref="Relay.Fleet.Contract.FleetTimings.Quarantine"/>.</summary>
    public static readonly OptionDefinition Quarantine = Seconds("--quarantine-secs", 600,
        "How long a block that was given back or lost is kept from others: at least the nodes' longest idle timeout");

    /// <summary>See <see cref="Relay.Fleet.Contract.FleetTimings.LameTime"/>.</summary>
    public static readonly OptionDefinition LameTime = Seconds("--lame-time-secs", 5,
        "How long a draining node still accepts, so that load balancers notice first");

    /// <summary>The times that a fleet in this process agrees on.</summary>
    public static IReadOnlyList<OptionDefinition> Times { get; } = [LeaseTime, NodeTimeout, Quarantine, LameTime];

    /// <summary>All of them, in the order of help.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        Fleet, NodeId, AdvertiseAddress, TokenFile, Authority, Pool, LeaseHook, PoolDefinitions, ClusterId, Redis,
        SiloAddress,
        .. Times, AdminAddress, AdminTokenFile,
    ];

    private static OptionDefinition Single(string name, string valueName, string description) =>
        new(OptionGroup.Fleet, name, OptionKind.Single, valueName, description);

    private static OptionDefinition Seconds(string name, int whenAbsent, string description) =>
        Single(name, "SECONDS", description) with { DefaultText = $"{whenAbsent}" };

    private static OptionDefinition List(string name, string valueName, string description) =>
        new(OptionGroup.Fleet, name, OptionKind.Repeatable, valueName, description);
}
