using Relay.Fleet.Contract;

namespace Relay.Fleet.Drains;

/// <content>What is told of an operation.</content>
public sealed partial class DrainPlan
{
    /// <summary>The operation as it is now, for the log.</summary>
    public FleetEvent ToEvent(DateTimeOffset now)
    {
        var info = ToInfo();
        return FleetEvent.Of(FleetEventKind.Drain, TextOf(info), now) with
        {
            Node = info.Nodes.Count == 1 ? info.Nodes[0].Node : null,
            Drain = info,
        };
    }

    private static string TextOf(DrainInfo info) => info.State switch
    {
        DrainState.Cancelled => $"drain {info.Id} was cancelled",
        DrainState.Completed =>
            $"drain {info.Id} has ended: {info.Finished} tunnels finished, {info.ForceClosed} were ended by force, {info.Lost} lost",
        _ => $"drain {info.Id}: {info.Waiting} nodes wait, {info.Draining} drain, {info.Drained} are drained",
    };
}
