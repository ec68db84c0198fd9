namespace Relay.Fleet.Contract;

/// <summary>What a node needs of the fleet: one exchange, once a second. Reached in process or over HTTPS.</summary>
public interface IFleetReports
{
    /// <summary>
    /// Takes a node's report and answers with what the node shall do. A lost report is repaired by the next; the same
    /// report twice changes nothing.
    /// </summary>
    /// <remarks>
    /// An answer that takes longer than <see cref="FleetTimings.HolderMargin"/> must not be used: the leases in it may
    /// be of a time that is over. Who implements this gives up sooner.
    /// </remarks>
    /// <exception cref="FleetUnavailableException">
    /// Nobody answers at the moment; the node carries on as it is.
    /// </exception>
    /// <exception cref="NodeNameTakenException">
    /// Another process has the node's name; the node is not ready, and asks again.
    /// </exception>
    /// <exception cref="FleetRejectedException">The report itself is refused: the message says why.</exception>
    ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation);
}
