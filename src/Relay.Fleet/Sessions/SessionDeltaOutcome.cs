using Relay.Fleet.Contract;

namespace Relay.Fleet.Sessions;

/// <summary>What became of a delta.</summary>
public enum SessionDeltaResult
{
    /// <summary>It told nothing that was not known.</summary>
    Unchanged,

    /// <summary>It was applied.</summary>
    Applied,

    /// <summary>Something before it is missing: the node has to begin anew with all of its sessions.</summary>
    Gap,
}

/// <summary>What a delta changed, for indexes that are kept elsewhere.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Changed">Sessions that began or changed, as they are now.</param>
/// <param name="Ended">Sessions that ended, as they last were.</param>
/// <param name="Refused">How many sessions were not taken, since the directory is full.</param>
public sealed record SessionDeltaOutcome(
    SessionDeltaResult Result, IReadOnlyList<SessionRecord> Changed, IReadOnlyList<SessionRecord> Ended,
    int Refused = 0)
{
    /// <summary>Nothing came of it.</summary>
    public static SessionDeltaOutcome Unchanged { get; } = new(SessionDeltaResult.Unchanged, [], []);

    /// <summary>It could not be applied.</summary>
    public static SessionDeltaOutcome Gap { get; } = new(SessionDeltaResult.Gap, [], []);
}
