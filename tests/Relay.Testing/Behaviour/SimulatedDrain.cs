using Relay.Fleet.Contract;

namespace Relay.Testing.Behaviour;

/// <summary>A simulated node's tunnels, and how it drains.</summary>
internal sealed class SimulatedDrain
{
    private string? _order;
    private DateTimeOffset _lameUntil;
    private DateTimeOffset _deadline;
    private (long AtStart, long Finished, long Forced) _counts;

    public long Tunnels { get; set; }

    public NodeState State { get; private set; } = NodeState.Serving;

    public NodeDrainProgress? Progress =>
        _order is null ? null : new NodeDrainProgress(_order, _counts.AtStart, Tunnels, _counts.Finished, _counts.Forced);

    public void Finish(long count)
    {
        count = Math.Min(count, Tunnels);
        Tunnels -= count;
        if (State == NodeState.Draining)
            _counts.Finished += count;
    }

    public void Clear() => (_order, State, Tunnels) = (null, NodeState.Serving, 0);

    public void Obey(DrainOrder? ordered, DateTimeOffset now)
    {
        if (ordered is null)
        {
            (_order, State) = (null, NodeState.Serving);
            return;
        }
        if (ordered.Id != _order)
        {
            (_order, State, _counts) = (ordered.Id, NodeState.Lame, (Tunnels, 0, 0));
            _lameUntil = now + TimeSpan.FromMilliseconds(ordered.LameMilliseconds);
        }
        _deadline = now + TimeSpan.FromMilliseconds(ordered.RemainingMilliseconds);
        Move(now);
    }

    public void Move(DateTimeOffset now)
    {
        if (State == NodeState.Lame && now >= _lameUntil)
            (State, _counts.AtStart) = (NodeState.Draining, Tunnels);
        if (State == NodeState.Draining && now >= _deadline)
            (_counts.Forced, Tunnels) = (_counts.Forced + Tunnels, 0);
        if (State == NodeState.Draining && Tunnels == 0)
            State = NodeState.Drained;
    }
}
