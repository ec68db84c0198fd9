using Orleans.CodeGeneration;
using Relay.Fleet.Contract;

namespace Relay.Grains.Contracts;

/// <summary>The fleet's newest events, in one sequence that every coordinator reads from.</summary>
[Version(2)]
[Alias("relay.events")]
internal interface IEventsGrain : IGrainWithStringKey
{
    /// <summary>Adds events, oldest first.</summary>
    [Alias("append")]
    Task AppendAsync(EventList events);

    /// <summary>What came after a position; waits a while for the first.</summary>
    [Alias("read")]
    Task<EventBatch> ReadAsync(string? position);
}

/// <summary>Events, oldest first.</summary>
internal sealed record EventList(IReadOnlyList<FleetEvent> Events);
