using Relay.Fleet.Contract;

namespace Relay.Testing.Behaviour;

/// <summary>A simulated node's tunnels, and how it drains.</summary>
internal sealed class SimulatedDrain
{
    private string? order;
    private DateTimeOffset lameUntil;
    private DateTimeOffset deadline;
    private (long AtStart, long Finished, long Forced) counts;

    public long Tunnels { get; set; }

    public NodeState State { get; private set; } = NodeState.Serving;

    public NodeDrainProgress? Progress =>
        order is null ? null : new NodeDrainProgress(order, counts.AtStart, Tunnels, counts.Finished, counts.Forced);

    public void Finish(long count)
    {
        count = Math.Min(count, Tunnels);
        Tunnels -= count;
        if (State == NodeState.Draining)
            counts.Finished += count;
    }

    public void Clear() => (order, State, Tunnels) = (null, NodeState.Serving, 0);

    public void Obey(DrainOrder? ordered, DateTimeOffset now)
    {
        if (ordered is null)
        {
            (order, State) = (null, NodeState.Serving);
            return;
        }
        if (ordered.Id != order)
        {
            (order, State, counts) = (ordered.Id, NodeState.Lame, (Tunnels, 0, 0));
            lameUntil = now + TimeSpan.FromMilliseconds(ordered.LameMilliseconds);
        }
        deadline = now + TimeSpan.FromMilliseconds(ordered.RemainingMilliseconds);
        Move(now);
    }

    public void Move(DateTimeOffset now)
    {
        if (State == NodeState.Lame && now >= lameUntil)
            (State, counts.AtStart) = (NodeState.Draining, Tunnels);
        if (State == NodeState.Draining && now >= deadline)
            (counts.Forced, Tunnels) = (counts.Forced + Tunnels, 0);
        if (State == NodeState.Draining && Tunnels == 0)
            State = NodeState.Drained;
    }
}
