using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Relay.Fleet.Contract;
using Relay.Hosting.Options;
using Relay.Node.Egress;

namespace Relay.Node.Options;

/// <summary>Makes an <see cref="EgressConfig"/> of options, or says all that stands against it.</summary>
internal sealed class EgressReader(OptionReader read)
{
    private static readonly Prefix[] NotOfOneMachine =
    [
        Prefix.Parse("0.0.0.0/32"), Prefix.Parse("224.0.0.0/4"), Prefix.Parse("255.255.255.255/32"),
        Prefix.Parse("::/128"), Prefix.Parse("ff00::/8"),
    ];

    /// <summary>What says the opposite of what, and is told where both are set.</summary>
    private static readonly (OptionDefinition Option, OptionDefinition Other)[] Contradictions =
    [
        (EgressOptions.IPv6Only, EgressOptions.IPv4Only),
        (EgressOptions.FixedIPv6, EgressOptions.IPv4Only), (EgressOptions.PrefixIPv6, EgressOptions.IPv4Only),
        (EgressOptions.FixedIPv4, EgressOptions.IPv6Only), (EgressOptions.PrefixIPv4, EgressOptions.IPv6Only),
        (EgressOptions.PrefixIPv4, EgressOptions.FixedIPv4), (EgressOptions.PrefixIPv6, EgressOptions.FixedIPv6),
    ];

    /// <summary>Reads and compares the options.</summary>
    /// <returns>The configuration; of no use if there are errors.</returns>
    public EgressConfig Read()
    {
        var config = new EgressConfig
        {
            IPv4Only = read.Flag(EgressOptions.IPv4Only),
            IPv6Only = read.Flag(EgressOptions.IPv6Only),
            FixedIPv4 = ReadAddress(EgressOptions.FixedIPv4, AddressFamily.InterNetwork),
            FixedIPv6 = ReadAddress(EgressOptions.FixedIPv6, AddressFamily.InterNetworkV6),
            PrefixIPv4 = ReadPrefix(EgressOptions.PrefixIPv4, AddressFamily.InterNetwork),
            PrefixIPv6 = ReadPrefix(EgressOptions.PrefixIPv6, AddressFamily.InterNetworkV6),
            Selection = read.Choice(EgressOptions.Selection, "session", "tunnel") == "tunnel"
                ? EgressSelection.Tunnel : EgressSelection.Session,
            Interface = ReadInterface(),
            ManageLocalRoutes = read.Flag(EgressOptions.ManageLocalRoutes),
        };
        Compare(config);
        return config;
    }

    private void Compare(EgressConfig config)
    {
        foreach (var (option, other) in Contradictions)
        {
            if (IsSet(option) && IsSet(other))
                read.Fail(option, $"contradicts {other.Name}");
        }
        if (read.IsGiven(EgressOptions.PrefixIPv4) || read.IsGiven(EgressOptions.PrefixIPv6)
            || read.IsGiven(FleetOptions.Pool))
            return;
        if (read.IsGiven(EgressOptions.Selection))
            NeedPrefix(EgressOptions.Selection);
        if (config.ManageLocalRoutes)
            NeedPrefix(EgressOptions.ManageLocalRoutes);

        bool IsSet(OptionDefinition option) =>
            option == EgressOptions.IPv4Only ? config.IPv4Only
            : option == EgressOptions.IPv6Only ? config.IPv6Only
            : read.IsGiven(option);
    }

    private void NeedPrefix(OptionDefinition option) => read.Fail(
        option,
        $"has no effect without {EgressOptions.PrefixIPv4.Name}, {EgressOptions.PrefixIPv6.Name} or {FleetOptions.Pool.Name}");

    private IPAddress? ReadAddress(OptionDefinition option, AddressFamily family)
    {
        if (read.Text(option) is not { } text)
            return null;
        if (text.Contains('/'))
            read.Fail(option, $"'{text}' is a prefix, not an address");
        else if (Parse(option, family, text) is { } prefix)
            return prefix.Network.ToIPAddress();
        return null;
    }

    private Prefix? ReadPrefix(OptionDefinition option, AddressFamily family)
    {
        if (read.Text(option) is not { } text)
            return null;
        if (text.Contains('/'))
            return Parse(option, family, text);
        read.Fail(option, $"'{text}' has no prefix length");
        return null;
    }

    private Prefix? Parse(OptionDefinition option, AddressFamily family, string text)
    {
        if (Prefix.TryParseAddressOrBlock(text, out var prefix, out var error))
        {
            if (prefix.IsIPv4 != (family == AddressFamily.InterNetwork))
                error = $"'{text}' is not {(prefix.IsIPv4 ? "IPv6" : "IPv4")}";
            else if (NotOfOneMachine.Any(prefix.Overlaps))
                error = $"'{text}' has addresses that no machine can send from";
        }
        if (error is null)
            return prefix;
        read.Fail(option, error);
        return null;
    }

    private string? ReadInterface()
    {
        if (read.Text(EgressOptions.Interface) is not { } name)
            return null;
        if (NetworkInterface.GetAllNetworkInterfaces().Any(one => one.Name == name))
            return name;
        read.Fail(EgressOptions.Interface, $"there is no interface '{name}'");
        return null;
    }
}
