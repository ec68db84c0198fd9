namespace Relay.Fleet.Contract;

/// <content>A drain as some of its nodes see it.</content>
public sealed partial record DrainInfo
{
    /// <summary>The operation as if it had these nodes and no others: it is over when they have been drained.</summary>
    /// <param name="isMeant">Says of a node's name whether it is one of them.</param>
    public DrainInfo PartOf(Func<string, bool> isMeant)
    {
        List<DrainNodeInfo> nodes = [.. Nodes.Where(node => isMeant(node.Node))];
        if (nodes.Count == Nodes.Count)
            return this;
        var drains = nodes.FindAll(static node => node.Step is DrainStep.Lame or DrainStep.Draining);
        var waiting = nodes.Count(static node => node.Step == DrainStep.Waiting);
        var isOver = State != DrainState.Running || drains.Count + waiting == 0;
        return this with
        {
            State = isOver && State == DrainState.Running ? DrainState.Completed : State,
            EndedAt = isOver ? EndedAt ?? nodes.Max(static node => node.EndedAt) : null,
            // It names others.
            Holdup = null,
            Nodes = nodes,
            Waiting = waiting,
            Draining = drains.Count,
            Drained = nodes.Count(static node => node.Step is DrainStep.Drained or DrainStep.Returned),
            TunnelsLeft = drains.SaturatingSum(static node => node.Progress?.TunnelsLeft ?? 0),
            Finished = nodes.SaturatingSum(static node => node.Progress?.Finished ?? 0),
            ForceClosed = nodes.SaturatingSum(static node => node.Progress?.ForceClosed ?? 0),
            Lost = nodes.Where(static node => node.Step == DrainStep.Lost)
                .SaturatingSum(static node => node.Progress?.TunnelsLeft ?? 0),
        };
    }
}
