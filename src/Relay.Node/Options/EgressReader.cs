using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Relay.Fleet.Contract;
using Relay.Hosting.Options;
using Relay.Node.Egress;

namespace Relay.Node.Options;

/// <summary>Makes an <see cref="EgressConfig"/> of options, or says all that stands against it.</summary>
internal sealed class EgressReader(GivenOptions options, OptionReader read, OptionErrors errors)
{
    private static readonly Prefix[] NotOfOneMachine =
    [
        Prefix.Parse("0.0.0.0/32"), Prefix.Parse("224.0.0.0/4"), Prefix.Parse("255.255.255.255/32"),
        Prefix.Parse("::/128"), Prefix.Parse("ff00::/8"),
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
            Selection = ReadSelection(),
            Interface = ReadInterface(),
            ManageLocalRoutes = read.Flag(EgressOptions.ManageLocalRoutes),
        };
        Compare(config);
        return config;
    }

    private void Compare(EgressConfig config)
    {
        if (config.IPv4Only && config.IPv6Only)
            Contradict(EgressOptions.IPv6Only, EgressOptions.IPv4Only);
        foreach (var (only, isSet, others) in ((OptionDefinition, bool, OptionDefinition[])[])
            [
                (EgressOptions.IPv4Only, config.IPv4Only, [EgressOptions.FixedIPv6, EgressOptions.PrefixIPv6]),
                (EgressOptions.IPv6Only, config.IPv6Only, [EgressOptions.FixedIPv4, EgressOptions.PrefixIPv4]),
            ])
        {
            foreach (var other in others.Where(other => isSet && IsGiven(other)))
                Contradict(other, only);
        }
        if (IsGiven(EgressOptions.FixedIPv4) && IsGiven(EgressOptions.PrefixIPv4))
            Contradict(EgressOptions.PrefixIPv4, EgressOptions.FixedIPv4);
        if (IsGiven(EgressOptions.FixedIPv6) && IsGiven(EgressOptions.PrefixIPv6))
            Contradict(EgressOptions.PrefixIPv6, EgressOptions.FixedIPv6);
        if (IsGiven(EgressOptions.PrefixIPv4) || IsGiven(EgressOptions.PrefixIPv6) || IsGiven(FleetOptions.Pool))
            return;
        if (IsGiven(EgressOptions.Selection))
            NeedPrefix(EgressOptions.Selection);
        if (config.ManageLocalRoutes)
            NeedPrefix(EgressOptions.ManageLocalRoutes);
    }

    private bool IsGiven(OptionDefinition option) => options.Find(option) is not null;

    private void Contradict(OptionDefinition option, OptionDefinition other) =>
        errors.Add(option, options.Find(option), $"contradicts {other.Name}");

    private void NeedPrefix(OptionDefinition option) => errors.Add(
        option, options.Find(option),
        $"has no effect without {EgressOptions.PrefixIPv4.Name}, {EgressOptions.PrefixIPv6.Name} or {FleetOptions.Pool.Name}");

    private IPAddress? ReadAddress(OptionDefinition option, AddressFamily family)
    {
        if (read.Text(option) is not { } text)
            return null;
        if (text.Contains('/'))
            errors.Add(option, options.Find(option), $"'{text}' is a prefix, not an address");
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
        errors.Add(option, options.Find(option), $"'{text}' has no prefix length");
        return null;
    }

    private Prefix? Parse(OptionDefinition option, AddressFamily family, string text)
    {
        if (!Prefix.TryParseAddressOrBlock(text, out var prefix, out var error))
        {
            errors.Add(option, options.Find(option), error);
            return null;
        }
        if (prefix.IsIPv4 != (family == AddressFamily.InterNetwork))
            error = $"'{text}' is not {(prefix.IsIPv4 ? "IPv6" : "IPv4")}";
        else if (NotOfOneMachine.Any(prefix.Overlaps))
            error = $"'{text}' has addresses that no machine can send from";
        if (error is null)
            return prefix;
        errors.Add(option, options.Find(option), error);
        return null;
    }

    private EgressSelection ReadSelection()
    {
        switch (read.Text(EgressOptions.Selection)?.ToLowerInvariant())
        {
            case null or "session":
                return EgressSelection.Session;
            case "tunnel":
                return EgressSelection.Tunnel;
            case var text:
                errors.Add(EgressOptions.Selection, options.Find(EgressOptions.Selection),
                    $"'{text}' is not one of session, tunnel");
                return EgressSelection.Session;
        }
    }

    private string? ReadInterface()
    {
        if (read.Text(EgressOptions.Interface) is not { } name)
            return null;
        if (NetworkInterface.GetAllNetworkInterfaces().Any(one => one.Name == name))
            return name;
        errors.Add(EgressOptions.Interface, options.Find(EgressOptions.Interface), $"there is no interface '{name}'");
        return null;
    }
}
