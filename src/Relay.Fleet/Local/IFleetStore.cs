using Relay.Fleet.Events;
using Relay.Fleet.State;
using Relay.Fleet.Usage;

namespace Relay.Fleet.Local;

/// <summary>Where a fleet in one process keeps what it remembers. It is that process's alone.</summary>
public interface IFleetStore
{
    /// <summary>What there was at the start; null where nothing was.</summary>
    FleetState? Initial { get; }

    /// <summary>Puts all that the fleet remembers in the place of what there was. Not called before the last call has ended.</summary>
    /// <param name="state">The whole of it.</param>
    /// <returns>Completes when it would outlive the machine's end.</returns>
    /// <exception cref="Exception">
    /// It may not have been taken: what there is then is this state or the one before. The message says why, for an operator.
    /// </exception>
    Task WriteAsync(FleetState state);

    /// <summary>What users had used at the start, a record for each month; empty where nothing was.</summary>
    IReadOnlyList<UsageMonth> Usage { get; }

    /// <summary>
    /// Puts what users have used in the place of what there was of it. Not called before the last call has ended; beside
    /// <see cref="WriteAsync"/> it may be.
    /// </summary>
    /// <param name="months">Months that have changed.</param>
    /// <param name="kept">All months of which there is something; others are over.</param>
    /// <exception cref="Exception">It may not have been taken; the store has said so to the operator.</exception>
    Task WriteUsageAsync(IReadOnlyList<UsageMonth> months, IReadOnlyList<string> kept);

    /// <summary>What had happened and was done before the start; null where nothing is known of it.</summary>
    EventHistoryState? History { get; }

    /// <summary>
    /// Puts the history in the place of what there was of it. Not called before the last call has ended; beside the others it may be.
    /// </summary>
    /// <exception cref="Exception">It may not have been taken; the store has said so to the operator.</exception>
    Task WriteHistoryAsync(EventHistoryState history);
}
