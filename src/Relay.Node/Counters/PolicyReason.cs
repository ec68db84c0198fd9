namespace Relay.Node.Counters;

/// <summary>The stable name of a verdict, for metric tags and logs.</summary>
internal static class PolicyReason
{
    /// <summary>The verdict in snake case; never allocates.</summary>
    public static string Of(PolicyVerdict verdict) => verdict switch
    {
        PolicyVerdict.Allowed => "allowed",
        PolicyVerdict.DeniedByRule => "rule",
        PolicyVerdict.Unspecified => "unspecified",
        PolicyVerdict.Loopback => "loopback",
        PolicyVerdict.LinkLocal => "link_local",
        PolicyVerdict.Private => "private",
        PolicyVerdict.UniqueLocal => "unique_local",
        PolicyVerdict.SharedAddressSpace => "shared_address_space",
        PolicyVerdict.Multicast => "multicast",
        PolicyVerdict.Broadcast => "broadcast",
        PolicyVerdict.Documentation => "documentation",
        PolicyVerdict.SpecialPurpose => "special_purpose",
        PolicyVerdict.Reserved => "reserved",
        PolicyVerdict.IPv4Compatible => "ipv4_compatible",
        PolicyVerdict.IPv4Translated => "ipv4_translated",
        PolicyVerdict.Nat64 => "nat64",
        PolicyVerdict.SixToFour => "6to4",
        PolicyVerdict.Teredo => "teredo",
        PolicyVerdict.Isatap => "isatap",
        PolicyVerdict.EmbeddedAddress => "embedded_address",
        PolicyVerdict.OwnAddress => "own_address",
        PolicyVerdict.LocalAddress => "local_address",
        PolicyVerdict.PortDenied => "port",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, null),
    };
}
