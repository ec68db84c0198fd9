namespace Relay.Node.Counters;

/// <summary>What the target policy decided of one target address and port, and why.</summary>
/// <remarks>Every value but <see cref="Allowed"/> is a denial. <see cref="OwnAddress"/> is answered with the
/// <c>proxy_loop_detected</c> error of RFC 9209 §2.3, all others with <c>destination_ip_prohibited</c>.</remarks>
internal enum PolicyVerdict
{
    /// <summary>The tunnel may be opened.</summary>
    Allowed,

    /// <summary>A <c>--deny-target</c> rule is the most specific rule that matches.</summary>
    DeniedByRule,

    /// <summary>"This network": <c>0.0.0.0/8</c> (RFC 791 §3.2), and <c>::</c> (RFC 4291 §2.5.2).</summary>
    Unspecified,

    /// <summary><c>127.0.0.0/8</c>, <c>::1</c>.</summary>
    Loopback,

    /// <summary><c>169.254.0.0/16</c> (RFC 3927; cloud metadata lives there), <c>fe80::/10</c>.</summary>
    LinkLocal,

    /// <summary>RFC 1918, and the site-local addresses that RFC 3879 deprecated.</summary>
    Private,

    /// <summary><c>fc00::/7</c> (RFC 4193).</summary>
    UniqueLocal,

    /// <summary><c>100.64.0.0/10</c>, between carriers and their customers (RFC 6598).</summary>
    SharedAddressSpace,

    /// <summary><c>224.0.0.0/4</c>, <c>ff00::/8</c>.</summary>
    Multicast,

    /// <summary><c>255.255.255.255</c> (RFC 919).</summary>
    Broadcast,

    /// <summary>Addresses of examples (RFC 5737, 3849, 9637).</summary>
    Documentation,

    /// <summary>Any other row of IANA's special-purpose registries.</summary>
    SpecialPurpose,

    /// <summary>Space that is not assigned for unicast: <c>240.0.0.0/4</c>, IPv6 outside <c>2000::/3</c>.</summary>
    Reserved,

    /// <summary>IPv4-compatible IPv6 (RFC 4291 §2.5.5.1, deprecated).</summary>
    IPv4Compatible,

    /// <summary>IPv4-translated IPv6, <c>::ffff:0:0:0/96</c> (RFC 2765).</summary>
    IPv4Translated,

    /// <summary>NAT64, well-known or local-use prefix (RFC 6052, 8215).</summary>
    Nat64,

    /// <summary>6to4 (RFC 3056).</summary>
    SixToFour,

    /// <summary>Teredo (RFC 4380).</summary>
    Teredo,

    /// <summary>ISATAP (RFC 5214).</summary>
    Isatap,

    /// <summary>An allowed IPv6 address carries an IPv4 address that is itself denied.</summary>
    EmbeddedAddress,

    /// <summary>One of the endpoints this node listens on: the relay would speak to itself.</summary>
    OwnAddress,

    /// <summary>
    /// An address of this machine: whoever listens here expects the relay's clients no less than strangers.
    /// </summary>
    LocalAddress,

    /// <summary>TCP port 25, or a port outside 1–65535.</summary>
    PortDenied,
}
