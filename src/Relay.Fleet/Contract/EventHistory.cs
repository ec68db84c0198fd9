namespace Relay.Fleet.Contract;

/// <summary>What is asked of the history; what is absent is not asked for.</summary>
public sealed record EventQuery
{
    /// <summary>Only these kinds; empty for all.</summary>
    public IReadOnlyList<FleetEventKind> Kinds { get; init; } = [];

    /// <summary>Only what is about something of this name (<see cref="FleetEvent.IsAbout"/>).</summary>
    public string? Subject { get; init; }

    /// <summary>Only what somebody of this name did.</summary>
    public string? Actor { get; init; }

    /// <summary>Only what has a lower number.</summary>
    public long? Before { get; init; }

    /// <summary>How many at most, 1 to 1000.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>A part of the history.</summary>
public sealed record EventPage
{
    /// <summary>Newest first.</summary>
    public IReadOnlyList<FleetEvent> Items { get; init; } = [];

    /// <summary>Where the next part begins; null after the last. The number of the last item.</summary>
    public string? Next { get; init; }

    /// <summary>How many entries the storage did not take when it was last tried: a restart would lose them.</summary>
    public long Unwritten { get; init; }

    /// <summary>How many events and actions never came into the history, since it began: whoever told them could not wait any longer.</summary>
    public long Lost { get; init; }
}
