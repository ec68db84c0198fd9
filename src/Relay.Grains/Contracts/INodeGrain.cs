using Orleans.CodeGeneration;
using Relay.Fleet.Contract;

namespace Relay.Grains.Contracts;

/// <summary>One node of the fleet; its key is the node's name.</summary>
[Version(4)]
[Alias("relay.node")]
internal interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Takes a report and answers with what the node shall do.</summary>
    [Alias("report")]
    Task<ReportAnswer> ReportAsync(NodeReport report);

    /// <summary>The node as its last report told; null before one.</summary>
    [Alias("get")]
    Task<NodeInfo?> GetAsync();

    /// <summary>How it went at the node, as far as this activation has heard it.</summary>
    [Alias("history")]
    Task<NodeHistory> GetHistoryAsync(HistoryQuestion question);

    /// <summary>Its sessions that fit a query, in order of their ids.</summary>
    [Alias("sessions")]
    Task<SessionList> QuerySessionsAsync(NodeSessionQuery query);

    /// <summary>One of its sessions; null when it has none of that id.</summary>
    [Alias("session")]
    Task<SessionRecord?> FindSessionAsync(string session);

    /// <summary>Orders a session to end; null when it has none of that id.</summary>
    [Alias("end")]
    Task<SessionRecord?> EndSessionAsync(string session);

    /// <summary>Asks the node, if its sessions show the address, who uses an egress flow; null when it did not answer in time.</summary>
    [Alias("lookup")]
    Task<FlowAnswer?> LookupAsync(FlowLookup lookup);

    /// <summary>Asks the node who uses an egress flow of an address that it has; null when it did not answer in time.</summary>
    [Alias("ask")]
    Task<FlowAnswer?> AskAsync(FlowLookup lookup);

    /// <summary>What the node is ordered may have changed, as coordinators of the version before say it.</summary>
    [Alias("orderChanged")]
    Task OrderChangedAsync();

    /// <summary>What a drain orders the node has changed: the next report's answer asks for it.</summary>
    [Alias("ordered")]
    Task OrderChangedByAsync(string drain);

    /// <summary>What the node may use of a pool may have changed: the next report's answer asks for it.</summary>
    [Alias("leasesChanged")]
    Task LeasesChangedAsync(string pool);

    /// <summary>The fleet has not heard of the node for too long: its sessions leave the directory.</summary>
    [Alias("silent")]
    Task SilentAsync();

    /// <summary>
    /// The fleet does not list the node any more: nothing is kept of it, unless it has reported since.
    /// </summary>
    [Alias("forget")]
    Task ForgetAsync();
}

/// <summary>Asks how it went at a node.</summary>
/// <param name="WindowSeconds">Within how many seconds.</param>
internal sealed record HistoryQuestion(int WindowSeconds);

/// <summary>The answer to a report: what to do, or why the report is refused.</summary>
/// <param name="Directive">What to do; null when it is refused.</param>
/// <param name="Refusal">Why it is refused.</param>
/// <param name="RetryMilliseconds">When to ask again, since another process has the name; null for no such reason.</param>
/// <param name="IsQuarantined">It is refused by an operator's word.</param>
internal sealed record ReportAnswer(
    NodeDirective? Directive, string? Refusal = null, int? RetryMilliseconds = null, bool IsQuarantined = false);

/// <summary>A part of a node's sessions.</summary>
/// <param name="Query">What they have to fit.</param>
/// <param name="After">The id after which to begin; null for the first.</param>
/// <param name="Limit">At most so many.</param>
internal sealed record NodeSessionQuery(SessionQuery Query, string? After, int Limit);

/// <summary>Sessions.</summary>
internal sealed record SessionList(IReadOnlyList<SessionRecord> Sessions);
