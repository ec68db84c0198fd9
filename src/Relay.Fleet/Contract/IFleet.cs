namespace Relay.Fleet.Contract;

/// <summary>
/// The fleet, to its nodes and to its operators. Implemented in one process (LocalFleet) and by grains; the
/// rules are the same. Every change has an id or is the same when done twice, so that each can be tried again.
/// </summary>
/// <remarks>
/// Queries throw <see cref="FleetUnavailableException"/> while nobody can answer; changes say so in their result.
/// </remarks>
public interface IFleet : IFleetReports, IFleetUsers
{
    /// <summary>
    /// Whether this coordinator can answer reports: it is a member of its cluster, and its own part of it answers. It says
    /// nothing of what is at other coordinators.
    /// </summary>
    /// <exception cref="FleetUnavailableException">It cannot; the message says why.</exception>
    ValueTask CheckAsync(CancellationToken cancellation);

    /// <summary>The fleet at a glance.</summary>
    ValueTask<FleetOverview> GetOverviewAsync(CancellationToken cancellation);

    /// <summary>Nodes by name.</summary>
    /// <param name="limit">1 to 1000.</param>
    /// <param name="cursor">From <see cref="Page{T}.Next"/>; null for the first.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<Page<NodeInfo>> ListNodesAsync(int limit, string? cursor, CancellationToken cancellation);

    /// <summary>A node; null when there is none of that name.</summary>
    ValueTask<NodeInfo?> GetNodeAsync(string node, CancellationToken cancellation);

    /// <summary>How it went at a node, as far as the coordinator that it reports to remembers; null when there is none of that name.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="windowSeconds"><see cref="NodeHistory.MinSeconds"/> to <see cref="NodeHistory.MaxSeconds"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<NodeHistory?> GetNodeHistoryAsync(string node, int windowSeconds, CancellationToken cancellation);

    /// <summary>
    /// Forgets a silent node, as time does later: what it said counts no more. Its leases run out as they would. A node that
    /// reports is a conflict.
    /// </summary>
    ValueTask<FleetResult<NodeInfo>> ForgetNodeAsync(string node, CancellationToken cancellation);

    /// <summary>
    /// Takes a node's word no more: its reports are refused, its leases run out unrenewed, its sessions leave the directory, and
    /// what it carried leaves the sums. It stays listed, over restarts as well, until that is lifted.
    /// </summary>
    /// <param name="node">Its name; one that is not known is not found.</param>
    /// <param name="expectedVersion">As with pools.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<FleetResult<NodeQuarantine>> QuarantineNodeAsync(
        string node, string? expectedVersion, CancellationToken cancellation);

    /// <summary>Lifts a quarantine: the node is as one that is silent, and its next report is taken.</summary>
    ValueTask<FleetResult<NodeQuarantine>> LiftQuarantineAsync(
        string node, string? expectedVersion, CancellationToken cancellation);

    /// <summary>Begins a drain, or gives the one of the same id.</summary>
    ValueTask<FleetResult<DrainInfo>> StartDrainAsync(DrainRequest request, CancellationToken cancellation);

    /// <summary>
    /// Makes a node serve again, and takes it out of the drain it is in; gives that drain, or null where there was
    /// none.
    /// </summary>
    ValueTask<FleetResult<DrainInfo?>> UndrainAsync(string node, CancellationToken cancellation);

    /// <summary>Ends a drain: nodes that wait are left alone, those that drain or are drained serve again.</summary>
    ValueTask<FleetResult<DrainInfo>> CancelDrainAsync(string drain, CancellationToken cancellation);

    /// <summary>A drain; null when there is none of that id.</summary>
    ValueTask<DrainInfo?> GetDrainAsync(string drain, CancellationToken cancellation);

    /// <summary>Drains, newest first. The newest thousand are kept.</summary>
    ValueTask<Page<DrainInfo>> ListDrainsAsync(int limit, string? cursor, CancellationToken cancellation);

    /// <summary>Sessions that fit a query.</summary>
    ValueTask<Page<SessionRecord>> ListSessionsAsync(SessionQuery query, CancellationToken cancellation);

    /// <summary>A session; null when there is none of that id.</summary>
    ValueTask<SessionRecord?> GetSessionAsync(string session, CancellationToken cancellation);

    /// <summary>Orders a session to end; its node does so with its next report.</summary>
    ValueTask<FleetResult<SessionRecord>> EndSessionAsync(string session, CancellationToken cancellation);

    /// <summary>All pools by name.</summary>
    ValueTask<IReadOnlyList<PrefixPoolInfo>> ListPoolsAsync(CancellationToken cancellation);

    /// <summary>A pool; null when there is none of that name.</summary>
    ValueTask<PrefixPoolInfo?> GetPoolAsync(string pool, CancellationToken cancellation);

    /// <summary>Defines a pool, or changes one whose live leases fit the new definition.</summary>
    /// <param name="pool">The definition; its version is not looked at.</param>
    /// <param name="expectedVersion">
    /// The version that it must have; empty when it must not be there; null for either.
    /// </param>
    /// <param name="isNew">
    /// Nobody can hold an address of it, as an operator knows who has not moved or restored a fleet: it grants from now on, though
    /// it were to wait for what may be held. A conflict where a block of it is known to be held, or kept from others still.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<FleetResult<PrefixPoolInfo>> PutPoolAsync(
        PrefixPool pool, string? expectedVersion, bool isNew, CancellationToken cancellation);

    /// <summary>Removes a pool without live leases. One that is not there is not found.</summary>
    ValueTask<FleetResult<PrefixPoolInfo>> DeletePoolAsync(
        string pool, string? expectedVersion, CancellationToken cancellation);

    /// <summary>The blocks of a pool that are not free, in order of address; null when there is no such pool.</summary>
    ValueTask<Page<LeaseInfo>?> ListLeasesAsync(string pool, int limit, string? cursor, CancellationToken cancellation);

    /// <summary>
    /// Takes a block back: its node is told to stop, and then, or when the lease runs out, it is quarantined.
    /// </summary>
    ValueTask<FleetResult<LeaseInfo>> RevokeLeaseAsync(string pool, Prefix prefix, CancellationToken cancellation);

    /// <summary>All limits by identity.</summary>
    ValueTask<IReadOnlyList<LimitRule>> ListLimitsAsync(CancellationToken cancellation);

    /// <summary>Sets a limit; versions as with pools.</summary>
    ValueTask<FleetResult<LimitRule>> PutLimitAsync(
        LimitRule rule, string? expectedVersion, CancellationToken cancellation);

    /// <summary>Removes a limit.</summary>
    ValueTask<FleetResult<LimitRule>> DeleteLimitAsync(
        string identity, string? expectedVersion, CancellationToken cancellation);

    /// <summary>What the fleet carried.</summary>
    /// <param name="windowSeconds">10 to 3600.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<FleetStats> GetStatsAsync(int windowSeconds, CancellationToken cancellation);

    /// <summary>Reads events from a position on; waits a while for the first, and may come back with none.</summary>
    /// <param name="position">
    /// From a batch, or the id of the last event seen; null for those that come from now on.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<EventBatch> ReadEventsAsync(string? position, CancellationToken cancellation);

    /// <summary>The history of what happened and of what was done, newest first: the last thousand, kept over restarts.</summary>
    ValueTask<EventPage> ReadHistoryAsync(EventQuery query, CancellationToken cancellation);

    /// <summary>Adds actions and refusals to what has happened. Told again after no answer, they may be in it twice.</summary>
    /// <param name="records">Oldest first.</param>
    /// <param name="lost">How many there were beside them that could not be told.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="FleetUnavailableException">They may not have been added.</exception>
    ValueTask RecordAsync(IReadOnlyList<FleetEvent> records, long lost, CancellationToken cancellation);
}
