using System.Net;
using System.Net.Sockets;
using Relay.Fleet.Contract;
using Relay.Node.Tunnels;

namespace Relay.Node.Egress;

/// <summary>
/// Which address families targets may have, and from where they are reached. Immutable; used by all loops.
/// </summary>
/// <remarks>
/// Once a source is configured for one family, targets of the other are not tried unless it has one, too: they would
/// see the machine's own address, which is what an operator with an egress address does not want.
/// </remarks>
internal sealed class EgressPolicy
{
    private readonly Family _ipv4;
    private readonly Family _ipv6;
    private readonly bool _perTunnel;

    /// <param name="config">Families and sources.</param>
    /// <param name="isMissing">There is no source, and it is not left to the route: no target is reached.</param>
    internal EgressPolicy(EgressConfig config, bool isMissing = false)
    {
        IsMissing = isMissing;
        var ipv4 = new Family(Fixed(config.FixedIPv4), config.PrefixIPv4, IsAllowed: !config.IPv6Only);
        var ipv6 = new Family(Fixed(config.FixedIPv6), config.PrefixIPv6, IsAllowed: !config.IPv4Only);
        _ipv4 = ipv4 with { IsAllowed = ipv4.IsAllowed && (ipv4.HasSource || !ipv6.HasSource) };
        _ipv6 = ipv6 with { IsAllowed = ipv6.IsAllowed && (ipv6.HasSource || !ipv4.HasSource) };
        _perTunnel = config.Selection == EgressSelection.Tunnel;
        Interface = config.Interface;
    }

    /// <summary>Whether there is no source at all, and none is to be found by the route.</summary>
    internal bool IsMissing { get; }

    /// <summary>The only interface to use, or null.</summary>
    internal string? Interface { get; }

    /// <summary>Whether targets of a family are tried.</summary>
    internal bool Allows(AddressFamily family) => Of(family).IsAllowed;

    /// <summary>The session whose sources a new tunnel uses: that of its connection, or one of its own.</summary>
    internal EgressSession ForTunnel(EgressSession connection) => _perTunnel ? new EgressSession() : connection;

    /// <summary>The source for a target of a family; null leaves it to the route.</summary>
    internal IPEndPoint? SourceFor(AddressFamily family, EgressSession session)
    {
        ref readonly var egress = ref Of(family);
        if (egress.Fixed is { } source)
            return source;
        if (egress.Prefix is not { } prefix)
            return null;
        if (family == AddressFamily.InterNetwork)
            return session.IPv4 = Keep(session.IPv4, prefix);
        return session.IPv6 = Keep(session.IPv6, prefix);
    }

    /// <summary>A session keeps its source for as long as the prefix is the node's.</summary>
    private static IPEndPoint Keep(IPEndPoint? chosen, Prefix prefix) =>
        chosen is not null && prefix.Contains(chosen.Address)
            ? chosen : new IPEndPoint(EgressSelector.Choose(prefix), 0);

    private ref readonly Family Of(AddressFamily family)
    {
        if (family == AddressFamily.InterNetwork)
            return ref _ipv4;
        return ref _ipv6;
    }

    private static IPEndPoint? Fixed(IPAddress? address) => address is null ? null : new IPEndPoint(address, 0);

    private readonly record struct Family(IPEndPoint? Fixed, Prefix? Prefix, bool IsAllowed)
    {
        public bool HasSource => Fixed is not null || Prefix is not null;
    }
}
