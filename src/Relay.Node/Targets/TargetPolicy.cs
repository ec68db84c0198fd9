using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Counters;

namespace Relay.Node.Targets;

/// <summary>Decides which target addresses and ports tunnels may reach. Immutable; used by all loops at once.</summary>
/// <remarks>
/// <para>To be asked about resolved addresses only, and the address that was allowed is the one to connect to: a name
/// that resolves anew to something else (DNS rebinding) is then harmless.</para>
/// <para>Own endpoints are denied always, and the machine's other addresses unless a rule names them. Of the operator's
/// rules the longest matching prefix decides, and denial wins a tie. An allow rule overrides a built-in denial if it is
/// at least as long as that range, so that <c>0.0.0.0/0</c> opens no loopback or private address; TCP port 25 it opens
/// only if it names that port. Without a rule, <see cref="SpecialPurposeRanges"/> and TCP port 25 are denied and the
/// rest is allowed.</para>
/// <para>IPv4 inside IPv6: mapped addresses are IPv4 (<see cref="Normalize"/>). NAT64, 6to4, Teredo, ISATAP and their
/// like are denied unless an IPv6 allow rule covers them and no IPv4 address inside is denied.</para>
/// </remarks>
internal sealed class TargetPolicy
{
    private const int SmtpPort = 25;

    private readonly TargetRuleTable _rules;
    private readonly OwnEndpoints _own;

    /// <param name="allow">Rules of <c>--allow-target</c>, in any order.</param>
    /// <param name="deny">Rules of <c>--deny-target</c>, in any order.</param>
    /// <param name="ownEndpoints">Endpoints this node listens on, wildcards included.</param>
    /// <param name="localAddresses">Addresses of this machine, which are what a wildcard listens on.</param>
    public TargetPolicy(
        IReadOnlyList<TargetRule> allow,
        IReadOnlyList<TargetRule> deny,
        IReadOnlyCollection<IPEndPoint> ownEndpoints,
        IReadOnlyCollection<IPAddress> localAddresses)
    {
        _rules = new TargetRuleTable(allow, deny);
        _own = new OwnEndpoints(ownEndpoints, localAddresses);
    }

    /// <summary>The address to check and connect to: IPv4 for an IPv4-mapped one, otherwise the same object.</summary>
    public static IPAddress Normalize(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Judges one target. Never allocates.</summary>
    /// <param name="address">A resolved address, or the literal that the client named.</param>
    /// <param name="port">The port; outside 1–65535 it is denied.</param>
    /// <param name="protocol">What would be spoken.</param>
    public PolicyVerdict Check(IPAddress address, int port, TargetProtocol protocol)
    {
        if (port is < 1 or > 65535)
            return PolicyVerdict.PortDenied;
        var bits = AddressBits.Of(address);
        var verdict = CheckAddress(bits, port, out var match);
        if (verdict == PolicyVerdict.Allowed && !bits.IsIPv4)
            verdict = CheckEmbedded(bits, port, match.AllowLength);
        if (verdict != PolicyVerdict.Allowed)
            return verdict;

        bool isSmtp = protocol == TargetProtocol.Tcp && port == SmtpPort;
        return isSmtp && !match.PortAllowed ? PolicyVerdict.PortDenied : PolicyVerdict.Allowed;
    }

    private PolicyVerdict CheckAddress(AddressBits address, int port, out TargetRuleTable.Match match)
    {
        match = _rules.Find(address, port);
        if (_own.Contains(address, port))
            return PolicyVerdict.OwnAddress;
        if (match.Denied)
            return PolicyVerdict.DeniedByRule;
        var builtIn = SpecialPurposeRanges.Find(address, out int length);
        // A rule for a whole network is about that network, not about what listens on the relay's own machine. Loopback
        // is: there is nothing else in it.
        if (builtIn != PolicyVerdict.Loopback && _own.IsLocal(address))
            (builtIn, length) = (PolicyVerdict.LocalAddress, address.Width);
        return match.AllowLength >= Math.Max(length, 0) ? PolicyVerdict.Allowed : builtIn;
    }

    private PolicyVerdict CheckEmbedded(AddressBits address, int port, int prefixLength)
    {
        Span<uint> embedded = stackalloc uint[EmbeddedIPv4.MaxCount];
        int count = EmbeddedIPv4.Extract(address, prefixLength, embedded);
        foreach (uint value in embedded[..count])
        {
            var verdict = CheckAddress(AddressBits.IPv4(value), port, out _);
            if (verdict != PolicyVerdict.Allowed)
                return verdict == PolicyVerdict.OwnAddress ? verdict : PolicyVerdict.EmbeddedAddress;
        }

        return PolicyVerdict.Allowed;
    }
}
