namespace Relay.Fleet.Contract;

/// <summary>
/// What a node shall do, in answer to its report. It is the whole truth each time: what it lacks is over. But for that of a
/// stand-in (<see cref="IsStandIn"/>), which ends nothing.
/// </summary>
public sealed record NodeDirective
{
    /// <summary>The report that this answers.</summary>
    public required long Sequence { get; init; }

    /// <summary>
    /// The coordinator could not reach who decides for the node, and answers in its place: the node keeps what it has. Of
    /// the rest only <see cref="Drain"/> and <see cref="AcknowledgedSessions"/> say anything, as of the report
    /// <see cref="KnownSequence"/>; what is null, empty or zero is not known. Given only to those whose report asks for it
    /// (<see cref="NodeReport.StandInAfterMilliseconds"/>).
    /// </summary>
    public bool IsStandIn { get; init; }

    /// <summary>
    /// Of a stand-in: the last report of this process of whose real answer the coordinator knows; 0 for none.
    /// </summary>
    public long KnownSequence { get; init; }

    /// <summary>
    /// The answer is whole, but what the node says may not reach the rest of the fleet from this coordinator, which is cut off
    /// from it, or is near one that is: the next report is to go to another first.
    /// </summary>
    public bool IsCutOff { get; init; }

    /// <summary>How far the session changes have arrived: what is above is to be sent again.</summary>
    public long AcknowledgedSessions { get; init; }

    /// <summary>The fleet does not have this node's sessions: begin anew with all of them.</summary>
    public bool Resync { get; init; }

    /// <summary>The drain to carry out; null to serve.</summary>
    public DrainOrder? Drain { get; init; }

    /// <summary>
    /// The blocks that the node may use. One that it uses and that is not here is lost at its deadline.
    /// </summary>
    public IReadOnlyList<LeaseGrant> Leases { get; init; } = [];

    /// <summary>Why a wanted pool gives no block, one sentence each.</summary>
    public IReadOnlyList<string> LeaseFaults { get; init; } = [];

    /// <summary>This node's share of the fleet's limits.</summary>
    public IReadOnlyList<IdentityAllowance> Limits { get; init; } = [];

    /// <summary>What any identity that <see cref="Limits"/> does not name may use here; null for no limit.</summary>
    public IdentityLimit? DefaultLimit { get; init; }

    /// <summary>
    /// Users that have changed since the position in the report; null where none has, and always of a stand-in: the node keeps
    /// those that it has.
    /// </summary>
    public UserPage? Users { get; init; }

    /// <summary>
    /// The answer was given by who knows the fleet's users as they are: with <see cref="Users"/>, or where that is null with what
    /// the node has already, it has what there is for it. Without, the answer says nothing of users, and those of the node go on
    /// growing old. Always false of a stand-in, and where the report asks for no users.
    /// </summary>
    public bool KnowsUsers { get; init; }

    /// <summary>The number of the last <see cref="NodeReport.Use"/> of this process that is counted; 0 for none.</summary>
    public long AcknowledgedUse { get; init; }

    /// <summary>
    /// Users by name who have used up what they may use in the month that ends at <see cref="MonthEndsAt"/>: until then they get
    /// no tunnel, and what they have open ends.
    /// </summary>
    public IReadOnlyList<string> SpentUsers { get; init; } = [];

    /// <summary>When the calendar month (UTC) ends, by the coordinator's clock; null where <see cref="SpentUsers"/> names nobody.</summary>
    public DateTimeOffset? MonthEndsAt { get; init; }

    /// <summary>Sessions to end, repeated until a report has them ended.</summary>
    public IReadOnlyList<string> EndSessions { get; init; } = [];

    /// <summary>Egress flows to look up, to be answered in the next report.</summary>
    public IReadOnlyList<FlowLookup> Lookups { get; init; } = [];

    /// <summary>When to report again, in milliseconds.</summary>
    public int ReportIntervalMilliseconds { get; init => field = value > 0 ? value : 1000; } = 1000;
}
