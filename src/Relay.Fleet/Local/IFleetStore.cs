using Relay.Fleet.State;

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
}
