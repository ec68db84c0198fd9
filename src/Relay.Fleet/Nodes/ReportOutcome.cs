using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>What a report is to its receiver.</summary>
public enum ReportKind
{
    /// <summary>It is newer than all before it.</summary>
    Fresh,

    /// <summary>It is the last one again: it is answered, its leases are renewed, and nothing else changes.</summary>
    Repeated,

    /// <summary>It was overtaken by a later one: it is answered without leases, and changes nothing.</summary>
    Late,

    /// <summary>Its process has left, or it was sent before that lost the name: it is refused.</summary>
    Superseded,

    /// <summary>Another process has the node's name: it is refused for now.</summary>
    NameTaken,
}

/// <summary>What a report says that was not known before.</summary>
[Flags]
public enum NodeChanges
{
    /// <summary>Nothing of what others wait for.</summary>
    None = 0,

    /// <summary>The node was not known.</summary>
    Joined = 1,

    /// <summary>Its process began anew: what it had is over.</summary>
    BegunAnew = 2,

    /// <summary>Its state is another one.</summary>
    State = 4,

    /// <summary>Its drain has moved.</summary>
    Drain = 8,

    /// <summary>Its static prefixes, addresses, version or warnings are others.</summary>
    Configuration = 16,

    /// <summary>It left in order.</summary>
    Left = 32,
}

/// <summary>What a report did to a <see cref="NodeTracker"/>.</summary>
public sealed record ReportOutcome
{
    /// <summary>What it is.</summary>
    public required ReportKind Kind { get; init; }

    /// <summary>Why it is refused, one sentence; null when it is not.</summary>
    public string? Refusal { get; init; }

    /// <summary>What it says that others have to know at once; the rest can wait for the next summary.</summary>
    public NodeChanges Changes { get; init; }

    /// <summary>What the node carried since its last report.</summary>
    public StatsIncrease Increase { get; init; } = StatsIncrease.None;

    /// <summary>Answers to questions that were asked.</summary>
    public IReadOnlyList<FlowAnswer> Answers { get; init; } = [];
}
