using Relay.Fleet.Contract;
using Relay.Node.Counters;

namespace Relay.Node.Targets;

/// <summary>The addresses that no tunnel reaches unless <c>--allow-target</c> names them.</summary>
/// <remarks>Source: every row of IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190), also
/// those that are globally reachable (AS112, AMT, protocol anycast), since they serve routers and not users; and what
/// the address space registries set aside: multicast, 240.0.0.0/4, and all IPv6 outside 2000::/3.</remarks>
internal static class SpecialPurposeRanges
{
    private static readonly Range[] IPv4 = Order(
    [
        new("0.0.0.0/8", PolicyVerdict.Unspecified), // RFC 791 §3.2
        new("10.0.0.0/8", PolicyVerdict.Private), // RFC 1918
        new("100.64.0.0/10", PolicyVerdict.SharedAddressSpace), // RFC 6598
        new("127.0.0.0/8", PolicyVerdict.Loopback), // RFC 1122 §3.2.1.3
        new("169.254.0.0/16", PolicyVerdict.LinkLocal), // RFC 3927
        new("172.16.0.0/12", PolicyVerdict.Private), // RFC 1918
        new("192.0.0.0/24", PolicyVerdict.SpecialPurpose), // RFC 6890 §2.1: DS-Lite, NAT64 discovery, PCP, TURN
        new("192.0.2.0/24", PolicyVerdict.Documentation), // RFC 5737
        new("192.31.196.0/24", PolicyVerdict.SpecialPurpose), // RFC 7535: AS112
        new("192.52.193.0/24", PolicyVerdict.SpecialPurpose), // RFC 7450: AMT
        new("192.88.99.0/24", PolicyVerdict.SpecialPurpose), // RFC 7526: 6to4 relay anycast, deprecated
        new("192.168.0.0/16", PolicyVerdict.Private), // RFC 1918
        new("192.175.48.0/24", PolicyVerdict.SpecialPurpose), // RFC 7534: AS112
        new("198.18.0.0/15", PolicyVerdict.SpecialPurpose), // RFC 2544: benchmarking
        new("198.51.100.0/24", PolicyVerdict.Documentation), // RFC 5737
        new("203.0.113.0/24", PolicyVerdict.Documentation), // RFC 5737
        new("224.0.0.0/4", PolicyVerdict.Multicast), // RFC 5771
        new("240.0.0.0/4", PolicyVerdict.Reserved), // RFC 1112 §4
        new("255.255.255.255/32", PolicyVerdict.Broadcast), // RFC 8190, RFC 919 §7
    ]);

    private static readonly Range[] IPv6 = Order(
    [
        new("::/128", PolicyVerdict.Unspecified), // RFC 4291 §2.5.2
        new("::1/128", PolicyVerdict.Loopback), // RFC 4291 §2.5.3
        new("::/96", PolicyVerdict.IPv4Compatible), // RFC 4291 §2.5.5.1
        new("::ffff:0:0:0/96", PolicyVerdict.IPv4Translated), // RFC 2765 §2.1
        new("64:ff9b::/96", PolicyVerdict.Nat64), // RFC 6052 §2.1
        new("64:ff9b:1::/48", PolicyVerdict.Nat64), // RFC 8215
        new("100::/64", PolicyVerdict.SpecialPurpose), // RFC 6666: discard-only
        new("100:0:0:1::/64", PolicyVerdict.SpecialPurpose), // RFC 9780: dummy prefix
        new("2001::/23", PolicyVerdict.SpecialPurpose), // RFC 2928: IETF protocol assignments, with the rows below
        new("2001::/32", PolicyVerdict.Teredo), // RFC 4380
        new("2001:1::/32", PolicyVerdict.SpecialPurpose), // RFC 7723, 8155, 9665: PCP, TURN, DNS-SD anycast
        new("2001:2::/48", PolicyVerdict.SpecialPurpose), // RFC 5180: benchmarking
        new("2001:3::/32", PolicyVerdict.SpecialPurpose), // RFC 7450: AMT
        new("2001:4:112::/48", PolicyVerdict.SpecialPurpose), // RFC 7535: AS112
        new("2001:10::/28", PolicyVerdict.SpecialPurpose), // RFC 4843: ORCHID, deprecated
        new("2001:20::/28", PolicyVerdict.SpecialPurpose), // RFC 7343: ORCHIDv2
        new("2001:30::/28", PolicyVerdict.SpecialPurpose), // RFC 9374: drone remote identification
        new("2001:db8::/32", PolicyVerdict.Documentation), // RFC 3849
        new("2002::/16", PolicyVerdict.SixToFour), // RFC 3056
        new("2620:4f:8000::/48", PolicyVerdict.SpecialPurpose), // RFC 7534: AS112
        new("3fff::/20", PolicyVerdict.Documentation), // RFC 9637
        new("5f00::/16", PolicyVerdict.SpecialPurpose), // RFC 9602: segment routing
        new("fc00::/7", PolicyVerdict.UniqueLocal), // RFC 4193
        new("fe80::/10", PolicyVerdict.LinkLocal), // RFC 4291 §2.5.6
        new("fec0::/10", PolicyVerdict.Private), // RFC 3879: site-local, deprecated
        new("ff00::/8", PolicyVerdict.Multicast), // RFC 4291 §2.7

        // RFC 4291 §2.4 and the IPv6 address space registry: only 2000::/3 is assigned as global unicast.
        new("::/3", PolicyVerdict.Reserved),
        new("4000::/2", PolicyVerdict.Reserved),
        new("8000::/1", PolicyVerdict.Reserved),
    ]);

    /// <summary>All ranges, IPv4 before IPv6, the longest prefix of a family first.</summary>
    public static IEnumerable<(Prefix Prefix, PolicyVerdict Verdict)> All =>
        IPv4.Concat(IPv6).Select(range => (range.Prefix, range.Verdict));

    /// <summary>The reason for which an address is special, or <see cref="PolicyVerdict.Allowed"/>.</summary>
    /// <param name="address">The address.</param>
    /// <param name="length">The prefix length of the range that says so, in bits; −1 for none.</param>
    public static PolicyVerdict Find(AddressBits address, out int length)
    {
        foreach (ref readonly var range in (address.IsIPv4 ? IPv4 : IPv6).AsSpan())
        {
            if (!range.Prefix.Contains(address))
                continue;
            length = range.Prefix.Length;
            return range.Verdict;
        }

        // An interface identifier marks ISATAP in any prefix: any rule that names the prefix is about it.
        length = -1;
        return EmbeddedIPv4.IsIsatap(address) ? PolicyVerdict.Isatap : PolicyVerdict.Allowed;
    }

    private static Range[] Order(Range[] ranges) => [.. ranges.OrderByDescending(range => range.Prefix.Length)];

    private readonly struct Range(string prefix, PolicyVerdict verdict)
    {
        public readonly Prefix Prefix = Prefix.Parse(prefix);
        public readonly PolicyVerdict Verdict = verdict;
    }
}
