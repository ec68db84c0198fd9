namespace Relay.Fleet.Tests.Drains;

/// <summary>A node's process, as far as drains concern it.</summary>
internal sealed class DrainProcess(string node)
{
    private DateTimeOffset _lameUntil;
    private DateTimeOffset _deadline;
    private long _tunnelsAtStart;
    private long _finished;
    private long _forced;

    public string Node => node;

    public Guid Incarnation { get; private set; } = Guid.NewGuid();

    public bool IsAlive { get; private set; } = true;

    public NodeState State { get; private set; } = NodeState.Serving;

    public string? Order { get; private set; }

    public long Tunnels { get; private set; } = 3;

    public DateTimeOffset HeardAt { get; set; }

    /// <summary>It was silent for so long that the fleet does not wait for it, and has not served since.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>Out of service because it was told to be, whatever anybody else thinks of it.</summary>
    public bool IsOut => IsAlive && Order is not null && State != NodeState.Serving;

    public void Die() => IsAlive = false;

    public void Restart()
    {
        (Incarnation, IsAlive, State, Order, Tunnels) = (Guid.NewGuid(), true, NodeState.Serving, null, 3);
    }

    public void Finish()
    {
        if (Tunnels == 0)
            return;
        Tunnels--;
        if (State == NodeState.Draining)
            _finished++;
    }

    public NodeInfo Report(DateTimeOffset now)
    {
        Move(now);
        return new NodeInfo
        {
            Id = node,
            State = State,
            Incarnation = Incarnation,
            Version = "1",
            StartedAt = now,
            LastReportAt = now,
            Load = new NodeLoad { TcpTunnels = Tunnels },
            Drain = Order is null ? null : new NodeDrainProgress(Order, _tunnelsAtStart, Tunnels, _finished, _forced),
        };
    }

    public void Obey(DrainOrder? order, DateTimeOffset now)
    {
        if (order is null)
        {
            (Order, State) = (null, NodeState.Serving);
            return;
        }
        if (order.Id != Order)
        {
            (Order, State, _finished, _forced, _tunnelsAtStart) = (order.Id, NodeState.Lame, 0, 0, Tunnels);
            _lameUntil = now + TimeSpan.FromMilliseconds(order.LameMilliseconds);
        }
        _deadline = now + TimeSpan.FromMilliseconds(order.RemainingMilliseconds);
        Move(now);
    }

    private void Move(DateTimeOffset now)
    {
        if (State == NodeState.Lame && now >= _lameUntil)
            (State, _tunnelsAtStart) = (NodeState.Draining, Tunnels);
        if (State == NodeState.Draining && now >= _deadline)
            (_forced, Tunnels) = (_forced + Tunnels, 0);
        if (State == NodeState.Draining && Tunnels == 0)
            State = NodeState.Drained;
    }
}
