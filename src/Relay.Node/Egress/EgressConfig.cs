using System.Collections.Immutable;
using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Targets;

namespace Relay.Node.Egress;

/// <summary>What an operator wants targets to see as the source. Validated and immutable.</summary>
internal sealed record EgressConfig
{
    /// <summary>The fixed IPv4 source; not together with <see cref="PrefixIPv4"/>.</summary>
    public IPAddress? FixedIPv4 { get; init; }

    /// <summary>The fixed IPv6 source; not together with <see cref="PrefixIPv6"/>.</summary>
    public IPAddress? FixedIPv6 { get; init; }

    /// <summary>Where IPv4 sources are chosen from.</summary>
    public Prefix? PrefixIPv4 { get; init; }

    /// <summary>Where IPv6 sources are chosen from.</summary>
    public Prefix? PrefixIPv6 { get; init; }

    /// <summary>How long a chosen source is used.</summary>
    public EgressSelection Selection { get; init; }

    /// <summary>The only interface toward targets, or null for whichever the route says.</summary>
    public string? Interface { get; init; }

    /// <summary>No IPv6 target is tried.</summary>
    public bool IPv4Only { get; init; }

    /// <summary>No IPv4 target is tried.</summary>
    public bool IPv6Only { get; init; }

    /// <summary>The node adds, and at its end removes, the local routes of <see cref="Prefixes"/>.</summary>
    public bool ManageLocalRoutes { get; init; }

    /// <summary>Prefixes that tunnels still have their sources in, though new ones are not chosen from them.</summary>
    public ImmutableArray<Prefix> More { get; init; } = [];

    /// <summary>Whether IPv4 targets see a source that the operator named.</summary>
    public bool HasIPv4Source => FixedIPv4 is not null || PrefixIPv4 is not null;

    /// <summary>Whether IPv6 targets see a source that the operator named.</summary>
    public bool HasIPv6Source => FixedIPv6 is not null || PrefixIPv6 is not null;

    /// <summary>The prefixes, none to two.</summary>
    public IEnumerable<Prefix> Prefixes
    {
        get
        {
            if (PrefixIPv4 is { } ipv4)
                yield return ipv4;
            if (PrefixIPv6 is { } ipv6)
                yield return ipv6;
        }
    }

    /// <summary>
    /// Denies as targets what leads back to this machine: whoever listens here on a wildcard, the SSH daemon perhaps,
    /// is reached at every address of an egress prefix.
    /// </summary>
    public IEnumerable<TargetRule> DenyTargets
    {
        get
        {
            foreach (var prefix in Prefixes.Union(More))
                yield return new TargetRule(prefix);
            if (FixedIPv4 is { } ipv4)
                yield return new TargetRule(Prefix.Host(AddressBits.Of(ipv4)));
            if (FixedIPv6 is { } ipv6)
                yield return new TargetRule(Prefix.Host(AddressBits.Of(ipv6)));
        }
    }
}
