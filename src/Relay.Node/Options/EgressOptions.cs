using Relay.Hosting.Options;

namespace Relay.Node.Options;

/// <summary>The options of <see cref="NodeConfig.Egress"/>.</summary>
internal static class EgressOptions
{
    /// <summary>See <see cref="Egress.EgressConfig.IPv4Only"/>.</summary>
    public static readonly OptionDefinition IPv4Only = Flag("--ipv4-only", "Reach targets by IPv4 only");

    /// <summary>See <see cref="Egress.EgressConfig.IPv6Only"/>.</summary>
    public static readonly OptionDefinition IPv6Only = Flag("--ipv6-only", "Reach targets by IPv6 only");

    /// <summary>See <see cref="Egress.EgressConfig.FixedIPv4"/>.</summary>
    public static readonly OptionDefinition FixedIPv4 = Single("--outbound-ipv4", "ADDR",
        "Source address toward IPv4 targets; it need not be on an interface");

    /// <summary>See <see cref="Egress.EgressConfig.FixedIPv6"/>.</summary>
    public static readonly OptionDefinition FixedIPv6 = Single("--outbound-ipv6", "ADDR",
        "Source address toward IPv6 targets; it need not be on an interface");

    /// <summary>See <see cref="Egress.EgressConfig.PrefixIPv4"/>.</summary>
    public static readonly OptionDefinition PrefixIPv4 = Single("--outbound-prefix-ipv4", "CIDR",
        "Random source addresses of a prefix toward IPv4 targets");

    /// <summary>See <see cref="Egress.EgressConfig.PrefixIPv6"/>.</summary>
    public static readonly OptionDefinition PrefixIPv6 = Single("--outbound-prefix-ipv6", "CIDR",
        "Random source addresses of a prefix toward IPv6 targets");

    /// <summary>See <see cref="Egress.EgressConfig.Selection"/>.</summary>
    public static readonly OptionDefinition Selection = Single("--outbound-selection", "WHEN",
        "A new address of the prefix for each session or tunnel") with
    {
        DefaultText = "session",
    };

    /// <summary>See <see cref="Egress.EgressConfig.Interface"/>.</summary>
    public static readonly OptionDefinition Interface = Single("--outbound-interface", "NAME",
        "Reach targets through this interface only");

    /// <summary>See <see cref="Egress.EgressConfig.ManageLocalRoutes"/>.</summary>
    public static readonly OptionDefinition ManageLocalRoutes = Flag("--manage-local-routes",
        "Add 'local PREFIX dev lo' for each prefix, and remove it at the end; needs CAP_NET_ADMIN");

    /// <summary>All of them, in the order of help.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        IPv4Only, IPv6Only, FixedIPv4, FixedIPv6, PrefixIPv4, PrefixIPv6, Selection, Interface, ManageLocalRoutes,
    ];

    private static OptionDefinition Single(string name, string valueName, string description) =>
        OptionDefinition.Single(OptionGroup.Egress, name, valueName, description);

    private static OptionDefinition Flag(string name, string description) =>
        OptionDefinition.Flag(OptionGroup.Egress, name, description);
}
