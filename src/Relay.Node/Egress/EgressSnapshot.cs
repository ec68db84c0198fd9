using System.Collections.Immutable;

namespace Relay.Node.Egress;

/// <summary>How targets are reached at a moment. Immutable.</summary>
/// <param name="Policy">Families and sources.</param>
/// <param name="Leases">The leases that tunnels may still use, whether new ones may or not.</param>
internal sealed record EgressSnapshot(EgressPolicy Policy, ImmutableArray<EgressLease> Leases);
