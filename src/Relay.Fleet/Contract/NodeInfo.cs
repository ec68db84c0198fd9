namespace Relay.Fleet.Contract;

/// <summary>A node as the fleet knows it.</summary>
public sealed record NodeInfo
{
    /// <summary>Its name, unique in the fleet.</summary>
    public required string Id { get; init; }

    /// <summary>What it is now.</summary>
    public required NodeState State { get; init; }

    /// <summary>What it is asked to be: <see cref="NodeState.Serving"/> or <see cref="NodeState.Drained"/>.</summary>
    public NodeState DesiredState
    {
        get;
        // Nobody wants a node to be starting: it was not said.
        init => field = value == NodeState.Starting ? NodeState.Serving : value;
    } = NodeState.Serving;

    /// <summary>The drain it takes part in, if any.</summary>
    public string? DrainId { get; init; }

    /// <summary>Why it is not ready, one sentence each; empty when it is.</summary>
    public IReadOnlyList<string> NotReady { get; init; } = [];

    /// <summary>The run of its process that was heard of last.</summary>
    public Guid Incarnation { get; init; }

    /// <summary>The program's version.</summary>
    public required string Version { get; init; }

    /// <summary>When its process began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was last heard of.</summary>
    public required DateTimeOffset LastReportAt { get; init; }

    /// <summary>Where clients reach it, <c>ADDR:PORT</c>.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>What it is made for.</summary>
    public NodeCapacity Capacity { get; init; } = NodeCapacity.None;

    /// <summary>What it carries now.</summary>
    public NodeLoad Load { get; init; } = NodeLoad.None;

    /// <summary>
    /// How often it told of a session that is not listed, since it has more than it is made for, the coordinator has no memory for them, or
    /// its id is of another node.
    /// </summary>
    public long SessionsNotKept { get; init; }

    /// <summary>What it has carried since its process began.</summary>
    public NodeTotals Totals { get; init; } = NodeTotals.None;

    /// <summary>What it carries a second, over the last few reports.</summary>
    public NodeRates Rates { get; init; } = NodeRates.None;

    /// <summary>Round trips to its clients.</summary>
    public Percentiles Rtt { get; init; } = Percentiles.None;

    /// <summary>The blocks that it holds.</summary>
    public IReadOnlyList<LeaseInfo> Leases { get; init; } = [];

    /// <summary>
    /// Its egress configuration in words: <c>prefix 2001:db8::/64</c>, <c>fixed 192.0.2.1</c>, <c>host</c>.
    /// </summary>
    public IReadOnlyList<string> Egress { get; init; } = [];

    /// <summary>Prefixes that its own configuration names: no pool hands out a block that overlaps them.</summary>
    public IReadOnlyList<Prefix> StaticPrefixes { get; init; } = [];

    /// <summary>How the drain goes that it was ordered to, as it last said; null when it was ordered to none.</summary>
    public NodeDrainProgress? Drain { get; init; }

    /// <summary>
    /// Clients need neither certificate nor credential, and it can be reached from elsewhere than its own machine.
    /// </summary>
    public bool IsOpenRelay { get; init; }

    /// <summary>
    /// Another process that asks for the node's name, and is refused while this one reports; null when there is none.
    /// </summary>
    public NodeContender? Contender { get; init; }

    /// <summary>How far it has the fleet's users, as it last said; null of a node that takes none.</summary>
    public UserPosition? Users { get; init; }

    /// <summary>Who sends its reports, where the token is one of many nodes; null of others.</summary>
    public ReportSender? Sender { get; init; }

    /// <summary>An operator has quarantined it, and what is here is what it said before; null where nobody has.</summary>
    public NodeQuarantine? Quarantine { get; init; }

    /// <summary>Its other warnings: a certificate that expires.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A process that asks for a name that another has.</summary>
/// <param name="Addresses">Where clients reach it, as it says, <c>ADDR:PORT</c>.</param>
/// <param name="StartedAt">When it began, as it says.</param>
/// <param name="AskedAt">When it asked last.</param>
public sealed record NodeContender(IReadOnlyList<string> Addresses, DateTimeOffset StartedAt, DateTimeOffset AskedAt);
