using Orleans.CodeGeneration;
using Relay.Fleet.Contract;

namespace Relay.Grains.Contracts;

/// <summary>
/// One client identity, and what each node may let it use of its fleet-wide limit; its key is the identity.
/// </summary>
[Version(1)]
[Alias("relay.client")]
internal interface IClientGrain : IGrainWithStringKey
{
    /// <summary>A node says what the identity uses there, and gets its share.</summary>
    [Alias("report")]
    Task<IdentityLimit> ReportAsync(ClientReport report);
}

/// <summary>What an identity uses on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Usage">What it uses; null for nothing.</param>
/// <param name="Limit">The fleet-wide limit.</param>
/// <param name="Nodes">How many nodes are heard of.</param>
/// <param name="IsGone">The node is silent or gone: what it had is for others.</param>
internal sealed record ClientReport(
    string Node, IdentityUsage? Usage, IdentityLimit Limit, int Nodes, bool IsGone = false);
