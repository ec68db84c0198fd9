using Orleans.CodeGeneration;
using Relay.Fleet.Contract;

namespace Relay.Grains.Contracts;

/// <summary>The fleet's newest events, in one sequence that every coordinator reads from, and their history.</summary>
[Version(3)]
[Alias("relay.events")]
internal interface IEventsGrain : IGrainWithStringKey
{
    /// <summary>Adds events, oldest first.</summary>
    [Alias("append")]
    Task AppendAsync(EventList events);

    /// <summary>What came after a position; waits a while for the first.</summary>
    [Alias("readOn")]
    Task<EventBatch> ReadAsync(EventQuestion question);

    /// <summary>The same for a coordinator of version 2, without the kinds that it does not know.</summary>
    [Alias("read")]
    Task<EventBatch> ReadKnownAsync(string? position);

    /// <summary>A part of the history.</summary>
    [Alias("history")]
    Task<EventPage> ReadHistoryAsync(EventQuery query);

    /// <summary>Stores what is not stored, as the timer does now and then.</summary>
    [Alias("tick")]
    Task TickAsync();
}

/// <summary>Events, oldest first.</summary>
/// <param name="Events">The events.</param>
/// <param name="Lost">How many there were beside them that could not wait any longer.</param>
internal sealed record EventList(IReadOnlyList<FleetEvent> Events, long Lost = 0);

/// <summary>From where to read on.</summary>
/// <param name="Position">From a batch, or an event's id; null for the end.</param>
internal sealed record EventQuestion(string? Position);
