using Relay.Fleet.Contract;

namespace Relay.Fleet.State;

/// <summary>A fleet's memory as one document: for backups, moves and disasters.</summary>
public interface IFleetBackup
{
    /// <summary>
    /// All that the fleet remembers; of drains that are over, the newest, as far as <see cref="FleetState.MaxHistory"/> goes.
    /// </summary>
    /// <exception cref="FleetUnavailableException">A part of it cannot be read; the message says why.</exception>
    ValueTask<FleetState> ExportAsync(CancellationToken cancellation);

    /// <summary>
    /// Adds what a document has and this fleet has not. What is the same here is left; what is here and is another, or cannot be
    /// beside what is here, is a conflict, and then nothing changes. Pools that are added renew for a lease time what is claimed,
    /// and grant nothing.
    /// </summary>
    /// <param name="state">The document; without faults, as <see cref="FleetStateFaults"/> has them.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>What was added. The same document again adds nothing.</returns>
    ValueTask<FleetResult<FleetImport>> ImportAsync(FleetState state, CancellationToken cancellation);
}

/// <summary>What an import has added.</summary>
public sealed record FleetImport
{
    /// <summary>Pools, by name.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    /// <summary>Identities whose limit was added.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];

    /// <summary>How many users.</summary>
    public int Users { get; init; }

    /// <summary>Users of the document who were removed here, by name: they stay so, and are none of <see cref="Users"/>.</summary>
    public IReadOnlyList<string> RemovedUsers { get; init; } = [];

    /// <summary>Drains, oldest first.</summary>
    public IReadOnlyList<string> Drains { get; init; } = [];

    /// <summary>Nodes that are quarantined, by name.</summary>
    public IReadOnlyList<string> Quarantined { get; init; } = [];
}
