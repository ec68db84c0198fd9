using Relay.Hosting.Fleet;
using Relay.Hosting.Options;

namespace Relay.Node.Options;

/// <summary>The options of <see cref="NodeConfig.Fleet"/>.</summary>
internal static class FleetOptions
{
    /// <summary>See <see cref="FleetConfig.Mode"/> and <see cref="FleetConfig.Coordinators"/>.</summary>
    public static readonly OptionDefinition Fleet = List("--fleet", "off|local|silo|URL",
        "Who coordinates: nobody, this process alone, a silo in this process, or a coordinator by URL; several URLs "
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

    /// <summary>See <see cref="FleetConfig.UsersFile"/>.</summary>
    public static readonly OptionDefinition UsersFile = Single("--users-file", "PATH",
        "Let the fleet's users in, and keep them in this file, for starts without a coordinator; it is made where it is not there");

    /// <summary>See <see cref="FleetConfig.UsersMaxAge"/>.</summary>
    public static readonly OptionDefinition UsersMaxAge = OptionDefinition.Seconds(OptionGroup.Fleet, "--users-max-age-secs",
        "For how long the fleet's users are let in while no coordinator answers", NodeDefaults.UsersMaxAge);

    /// <summary>See <see cref="FleetConfig.Pools"/>.</summary>
    public static readonly OptionDefinition Pool = List("--prefix-pool", "NAME",
        "Lease a block of this pool, and use it as the outbound prefix; one pool a family");

    /// <summary>See <see cref="FleetConfig.LeaseHook"/>.</summary>
    public static readonly OptionDefinition LeaseHook = Single("--lease-hook", "CMD",
        "Shell command to run before a lease is first used and after it was last used; its environment tells more");

    /// <summary>See <see cref="FleetConfig.AdminAddress"/>.</summary>
    public static readonly OptionDefinition AdminAddress = Single("--admin-address", "ADDR:PORT",
        "Serve the admin API and dashboard: plain HTTP on loopback, else HTTPS with the node's own certificate; port 0 for a free one");

    /// <summary>See <see cref="FleetConfig.AdminTokenFile"/>.</summary>
    public static readonly OptionDefinition AdminTokenFile = Single("--admin-token-file", "PATH",
        "Who may use the admin API; needed unless it listens on loopback");

    /// <summary>All of them, in the order of help.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        Fleet, NodeId, AdvertiseAddress, TokenFile, Authority, UsersFile, UsersMaxAge, Pool, LeaseHook, .. FleetHostOptions.All, AdminAddress,
        AdminTokenFile, .. ProfileOptions.All, .. EnrolOptions.All,
    ];

    private static OptionDefinition Single(string name, string valueName, string description) =>
        OptionDefinition.Single(OptionGroup.Fleet, name, valueName, description);

    private static OptionDefinition List(string name, string valueName, string description) =>
        OptionDefinition.List(OptionGroup.Fleet, name, valueName, description);
}
