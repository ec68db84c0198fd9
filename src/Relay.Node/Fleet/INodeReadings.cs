using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Sessions;

namespace Relay.Node.Fleet;

/// <summary>What a report tells of the data plane. Reading it stops no loop.</summary>
internal interface INodeReadings
{
    /// <summary>The addresses that are bound.</summary>
    IReadOnlyList<IPEndPoint> Addresses { get; }

    /// <summary>Who uses the node.</summary>
    IdentityTable Identities { get; }

    /// <summary>Clients need neither certificate nor credential, and it can be reached from elsewhere.</summary>
    bool IsOpenRelay { get; }

    /// <summary>What it carries and has carried, of one snapshot. Not thread-safe.</summary>
    NodeReading Read();

    /// <summary>What the operator should know.</summary>
    IReadOnlyList<string> ReadWarnings(DateTimeOffset now);
}

/// <summary>One look at the data plane.</summary>
/// <param name="Load">What it carries now; sessions are left out.</param>
/// <param name="Totals">What it has carried since the start.</param>
/// <param name="Rtt">Round trips of clients' connections that were sampled since the last look.</param>
/// <param name="TunnelSetup">Times from request to answer of tunnels that were opened since the last look.</param>
internal sealed record NodeReading(NodeLoad Load, NodeTotals Totals, Distribution Rtt, Distribution TunnelSetup);
