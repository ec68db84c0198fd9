using Relay.Fleet.Contract;
using Relay.Node.Egress;

namespace Relay.Node.Fleet;

/// <summary>What a lease is used by: the data plane.</summary>
internal interface ILeasedEgress
{
    /// <summary>Makes the machine fit for a prefix, where the node is to do that: its local route.</summary>
    /// <returns>Why it cannot be; null when it is.</returns>
    string? Prepare(Prefix prefix);

    /// <summary>New tunnels use it, and no longer the lease of its family before.</summary>
    void Offer(EgressLease lease);

    /// <summary>New tunnels do not use it any more.</summary>
    void Withdraw(EgressLease lease);

    /// <summary>Ends every tunnel that uses it; completes when no loop has one left.</summary>
    Task EndAsync(EgressLease lease);

    /// <summary>Undoes <see cref="Prepare"/>.</summary>
    void Forget(Prefix prefix);
}
