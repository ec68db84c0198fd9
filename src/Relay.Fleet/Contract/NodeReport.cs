namespace Relay.Fleet.Contract;

/// <summary>What a node says once a second. Its numbers are totals, so that a lost report loses nothing.</summary>
public sealed record NodeReport
{
    /// <summary>The node's name, unique in the fleet: 1 to 63 of <c>a-z 0-9 - .</c>, see <see cref="Names.IsNode"/>.</summary>
    public required string Node { get; init; }

    /// <summary>This run of its process: another value after every start.</summary>
    public required Guid Incarnation { get; init; }

    /// <summary>
    /// Rises by one with each report of this run, from 1. A repeated one is answered, and changes nothing.
    /// </summary>
    public required long Sequence { get; init; }

    /// <summary>What the node is now; never <see cref="NodeState.Silent"/>.</summary>
    public required NodeState State { get; init; }

    /// <summary>Why it is not ready, one sentence each; empty when it is.</summary>
    public IReadOnlyList<string> NotReady { get; init; } = [];

    /// <summary>The program's version.</summary>
    public string Version { get; init; } = "";

    /// <summary>When the process began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Where clients reach it, <c>ADDR:PORT</c>.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>
    /// Its egress configuration in words: <c>prefix 2001:db8::/64</c>, <c>fixed 192.0.2.1</c>, <c>host</c>.
    /// </summary>
    public IReadOnlyList<string> Egress { get; init; } = [];

    /// <summary>Prefixes that its own configuration names: no pool may hand out a block that overlaps them.</summary>
    public IReadOnlyList<Prefix> StaticPrefixes { get; init; } = [];

    /// <summary>
    /// Clients need neither certificate nor credential, and it can be reached from elsewhere than its own machine.
    /// </summary>
    public bool IsOpenRelay { get; init; }

    /// <summary>What else the operator should know: a certificate that expires.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What it is made for.</summary>
    public NodeCapacity Capacity { get; init; } = NodeCapacity.None;

    /// <summary>What it carries now.</summary>
    public NodeLoad Load { get; init; } = NodeLoad.None;

    /// <summary>What it has carried in this run.</summary>
    public NodeTotals Totals { get; init; } = NodeTotals.None;

    /// <summary>Smoothed round trips of its clients' connections, sampled since the last report.</summary>
    public Distribution Rtt { get; init; } = Distribution.Empty;

    /// <summary>Times from request to answer of tunnels that opened since the last report.</summary>
    public Distribution TunnelSetup { get; init; } = Distribution.Empty;

    /// <summary>What became of its sessions.</summary>
    public SessionDelta Sessions { get; init; } = SessionDelta.None;

    /// <summary>The pools that it wants one block of each.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    /// <summary>
    /// The blocks that it uses, to be renewed; after a loss of the fleet's state they are its memory.
    /// </summary>
    public IReadOnlyList<LeaseClaim> Leases { get; init; } = [];

    /// <summary>The blocks that it has stopped to use for good.</summary>
    public IReadOnlyList<LeaseClaim> Released { get; init; } = [];

    /// <summary>How the drain goes that it was ordered to; null when it was ordered to none.</summary>
    public NodeDrainProgress? Drain { get; init; }

    /// <summary>
    /// What each identity uses here, of those that a limit of the last directive named, or that use most.
    /// </summary>
    public IReadOnlyList<IdentityUsage> Identities { get; init; } = [];

    /// <summary>What the fleet's users have used since; null where there is nothing that has not arrived.</summary>
    public UserUseBatch? Use { get; init; }

    /// <summary>Answers to the last directive's <see cref="NodeDirective.Lookups"/>.</summary>
    public IReadOnlyList<FlowAnswer> Answers { get; init; } = [];

    /// <summary>How far it has the fleet's users; null of a node that takes none.</summary>
    public UserPosition? Users { get; init; }

    /// <summary>
    /// How long a coordinator is to try to reach who decides for the node before it stands in
    /// (<see cref="NodeDirective.IsStandIn"/>), in milliseconds; 0 where the node understands no such answer.
    /// </summary>
    public int StandInAfterMilliseconds { get; init; }

    /// <summary>
    /// Who sent it, where the token is one of many nodes: filled in by the coordinator that receives it over HTTP, whatever the node
    /// says; null of others.
    /// </summary>
    public ReportSender? Sender { get; init; }

    /// <summary>The process is about to end in order: its sessions are over, its leases released.</summary>
    public bool IsLeaving { get; init; }
}

/// <summary>Who sent a report by a token that is for many nodes.</summary>
/// <param name="Token">The token's name, a pattern.</param>
/// <param name="Source">Where it came from: an IPv4 address, or the /64 of an IPv6 one.</param>
public sealed record ReportSender(string Token, string Source);
