using System.Net;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>
/// Whose word counts on who used an address: of an address of a pool that of whom it was leased to at the time, or of the nodes that
/// have it in their configuration where nobody leased it. Outside of pools nobody can say whose an address is, and what one node
/// has in its configuration keeps none from being heard that shows it, as behind a translator: two of them that answer are two
/// answers.
/// </summary>
/// <param name="Names">The nodes that are said to have it; null where that is not known.</param>
/// <param name="IsAnybodys">The word of whoever shows it counts as well.</param>
public sealed record AddressOwners(IReadOnlyList<string>? Names, bool IsAnybodys = false)
{
    /// <summary>Whether a node's word counts.</summary>
    public bool Has(string node) => Names is null || IsAnybodys || Names.Contains(node);

    /// <summary>Whether a node is to be asked, though no session of it that is known shows the address.</summary>
    public bool IsAsked(string node) => Names?.Contains(node) == true;

    /// <summary>Who had an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="at">When; null for now.</param>
    /// <param name="blockLength">The blocks of the pool that has it; null where none has.</param>
    /// <param name="lease">The block of that pool with it; null where that is free.</param>
    /// <param name="nodes">The fleet's nodes.</param>
    /// <param name="timings">The fleet's times.</param>
    public static AddressOwners Of(
        IPAddress address, DateTimeOffset? at, int? blockLength, LeaseInfo? lease, IEnumerable<NodeInfo> nodes, FleetTimings timings)
    {
        if (lease is not null && Covers(lease, at, timings))
            return new AddressOwners([lease.Node]);
        // A prefix that is larger than a block is not kept from others, and so says nothing of who has it.
        List<string> own = [.. nodes.Where(node =>
                node.StaticPrefixes.Any(prefix => prefix.Length >= (blockLength ?? 0) && prefix.Contains(address))
                || (blockLength is null && node.Addresses.Any(text =>
                    IPEndPoint.TryParse(text, out var reached) && reached.Address.Equals(address))))
            .Select(static node => node.Id)];
        return new AddressOwners(own, IsAnybodys: blockLength is null);
    }

    private static bool Covers(LeaseInfo lease, DateTimeOffset? at, FleetTimings timings)
    {
        if (at is not { } time)
            return lease.State != LeaseState.Quarantined;
        // Two coordinators' clocks may have written these.
        return (lease.GrantedAt is not { } granted || granted - timings.MaxClockSkew <= time)
            && (lease.State != LeaseState.Quarantined || time <= lease.ExpiresAt - timings.Quarantine);
    }
}
