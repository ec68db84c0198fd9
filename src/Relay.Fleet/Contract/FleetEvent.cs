using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>What an event tells of.</summary>
[JsonConverter(typeof(CamelCaseEnum<FleetEventKind>))]
public enum FleetEventKind
{
    /// <summary>A node came, changed its state, fell silent, left.</summary>
    Node,

    /// <summary>A drain began, moved, ended.</summary>
    Drain,

    /// <summary>A block was granted, lost, given back, quarantined, freed; a pool was changed.</summary>
    Lease,

    /// <summary>What the fleet carries; once a second. Not kept: who comes later asks for the statistics.</summary>
    Rate,

    /// <summary>A user's enrolment began, or was used.</summary>
    User,

    /// <summary>An operator, or who was given a link by one, has changed something.</summary>
    Action,

    /// <summary>Somebody was refused: a change, a token, a report, a link. For operators alone.</summary>
    Refusal,
}

/// <summary>Something that happened in the fleet.</summary>
public sealed record FleetEvent
{
    /// <summary>Rises within a run of the log: <c>RUN-NUMBER</c>. Empty for what is not kept.</summary>
    public required string Id { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Of what it tells.</summary>
    public required FleetEventKind Kind { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Text { get; init; }

    /// <summary>The node concerned.</summary>
    public string? Node { get; init; }

    /// <summary>The node's state now; of <see cref="FleetEventKind.Node"/>.</summary>
    public NodeState? State { get; init; }

    /// <summary>
    /// The drain concerned, as it was then; of <see cref="FleetEventKind.Drain"/>. Of a drain of more than 64
    /// nodes, they are kept in its last event only, and are empty in those that another of the same drain follows.
    /// </summary>
    public DrainInfo? Drain { get; init; }

    /// <summary>The lease concerned; of <see cref="FleetEventKind.Lease"/>.</summary>
    public LeaseInfo? Lease { get; init; }

    /// <summary>The user concerned; of <see cref="FleetEventKind.User"/>.</summary>
    public string? User { get; init; }

    /// <summary>What is carried; of <see cref="FleetEventKind.Rate"/>.</summary>
    public StatsPoint? Rate { get; init; }

    /// <summary>Rises over all runs of the log, by which its history is ordered; 0 for what is not kept.</summary>
    public long Number { get; init; }

    /// <summary>Who did it: the name of a token, or of a user; null for the fleet itself and for who is not known.</summary>
    public string? Actor { get; init; }

    /// <summary>What an action is about; of <see cref="FleetEventKind.Action"/> and <see cref="FleetEventKind.Refusal"/>.</summary>
    public EventSubject? Subject { get; init; }

    /// <summary>What came of it, as a status of HTTP (RFC 9110 §15).</summary>
    public int? Status { get; init; }

    /// <summary>From which address it was asked for. For operators alone.</summary>
    public string? Source { get; init; }

    /// <summary>What was asked for, as JSON, cut where it is long; never a secret. For operators alone.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether a thing of that name is in it: a node, a drain, a pool, a user, or what an action is about.</summary>
    public bool IsAbout(string name) =>
        Subject?.Name == name || Node == name || User == name || Drain?.Id == name || Lease?.Node == name || Lease?.Pool == name;

    /// <summary>It as those who may not change the fleet see it; null where they do not.</summary>
    public FleetEvent? ForViewers() => Kind == FleetEventKind.Refusal ? null : this with { Source = null, Detail = null };

    /// <summary>One that has happened, and has no id until the log gives it one.</summary>
    public static FleetEvent Of(FleetEventKind kind, string text, DateTimeOffset at) =>
        new() { Id = "", At = at, Kind = kind, Text = text };
}

/// <summary>What an action is about.</summary>
/// <param name="Type">What it is: <c>node</c>, <c>drain</c>, <c>pool</c>, <c>user</c>, <c>session</c>, <c>identity</c>, <c>fleet</c> …</param>
/// <param name="Name">Its name.</param>
public sealed record EventSubject(string Type, string Name);

/// <summary>Events that were read.</summary>
/// <param name="Events">Oldest first.</param>
/// <param name="Position">From where to read on.</param>
/// <param name="HasGap">Some between were not kept long enough: what the reader knows may be out of date.</param>
public sealed record EventBatch(IReadOnlyList<FleetEvent> Events, string Position, bool HasGap);
