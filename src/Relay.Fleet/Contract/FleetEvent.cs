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

    /// <summary>One that has happened, and has no id until the log gives it one.</summary>
    public static FleetEvent Of(FleetEventKind kind, string text, DateTimeOffset at) =>
        new() { Id = "", At = at, Kind = kind, Text = text };
}

/// <summary>Events that were read.</summary>
/// <param name="Events">Oldest first.</param>
/// <param name="Position">From where to read on.</param>
/// <param name="HasGap">Some between were not kept long enough: what the reader knows may be out of date.</param>
public sealed record EventBatch(IReadOnlyList<FleetEvent> Events, string Position, bool HasGap);
