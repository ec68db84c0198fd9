using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Node.Fleet;

/// <summary>What drains: the data plane.</summary>
internal interface IDrainTarget
{
    /// <summary>Tunnels that are open.</summary>
    long Tunnels { get; }

    /// <summary>Tunnels that were ended by force since the process began.</summary>
    long ForceClosedTunnels { get; }

    /// <summary>Takes no new connection or tunnel; GOAWAY to every client. Done already is fine.</summary>
    /// <param name="time">How long open tunnels may run.</param>
    void StopAccepting(TimeSpan time);

    /// <summary>Takes connections and tunnels again; those that got GOAWAY finish and close.</summary>
    void Accept();

    /// <summary>Ends every tunnel that is open.</summary>
    void ForceCloseTunnels();
}

/// <summary>
/// Carries out the fleet's drain orders: Serving → Lame → Draining → Drained, and back to Serving from any of them.
/// What was ordered goes on by the node's own clock when nobody answers any more. Not thread-safe.
/// </summary>
/// <param name="target">The data plane.</param>
/// <param name="clock">The monotonic clock.</param>
/// <param name="log">Where to say what happens.</param>
internal sealed class NodeDrain(IDrainTarget target, TimeProvider clock, ILogger log)
{
    private DrainOrder? _order;
    private bool _isShuttingDown;
    private long _lameUntil;
    private long _deadline;
    private long _atStart;
    private long _forcedBefore;

    /// <summary>Where the node is.</summary>
    public NodeState State { get; private set; } = NodeState.Serving;

    /// <summary>How the ordered drain goes; null when there is none.</summary>
    public NodeDrainProgress? Progress { get; private set; }

    /// <summary>Takes what a directive orders; null to serve.</summary>
    public void Apply(DrainOrder? order)
    {
        if (_isShuttingDown)
            return;
        if (order is null)
        {
            if (_order is not null)
                Undrain();
            return;
        }
        var now = clock.GetTimestamp();
        if (_order?.Id != order.Id)
            Begin(order, now);
        _order = order;
        // A lame time that is told again does not begin again; it may be cut short.
        _lameUntil = Math.Min(_lameUntil, Later(now, order.Mode == DrainMode.Immediate ? 0 : order.LameMilliseconds));
        _deadline = Later(now, order.RemainingMilliseconds);
        Tick();
    }

    /// <summary>Goes on by the clock.</summary>
    public void Tick()
    {
        if (_order is null)
            return;
        var now = clock.GetTimestamp();
        if (State == NodeState.Lame && now >= _lameUntil)
            StopAccepting(now);
        if (State == NodeState.Draining && target.Tunnels > 0 && now >= _deadline)
            target.ForceCloseTunnels();
        Count();
        if (State != NodeState.Draining || Progress!.TunnelsLeft > 0)
            return;
        State = NodeState.Drained;
        Log.FleetDrained(log, _order.Id, Progress.Finished, Progress.ForceClosed);
    }

    /// <summary>The process is about to end: it drains by itself, and takes no more orders.</summary>
    public void BeginShutdown()
    {
        _isShuttingDown = true;
        if (State is not (NodeState.Serving or NodeState.Lame))
            return;
        State = NodeState.Draining;
        StartCounting();
    }

    private void Begin(DrainOrder order, long now)
    {
        _lameUntil = long.MaxValue;
        Log.FleetDrainBegins(
            log, order.Id, order.Mode, order.Reason.Length > 0 ? order.Reason : "no reason given",
            TimeSpan.FromMilliseconds(order.RemainingMilliseconds));
        if (State is NodeState.Serving)
            State = NodeState.Lame;
        // One that refuses already, for an operation before, has nothing to announce.
        StartCounting();
        Progress = new NodeDrainProgress(order.Id, _atStart, _atStart, 0, 0);
    }

    private void StopAccepting(long now)
    {
        State = NodeState.Draining;
        target.StopAccepting(clock.GetElapsedTime(now, Math.Max(now, _deadline)));
        StartCounting();
    }

    private void StartCounting()
    {
        _forcedBefore = target.ForceClosedTunnels;
        _atStart = target.Tunnels;
    }

    private void Undrain()
    {
        Log.FleetUndrained(log, _order!.Id, State);
        _order = null;
        Progress = null;
        if (State != NodeState.Lame)
            target.Accept();
        State = NodeState.Serving;
    }

    private void Count()
    {
        var left = target.Tunnels;
        if (State == NodeState.Lame)
        {
            Progress = new NodeDrainProgress(_order!.Id, left, left, 0, 0);
            return;
        }
        var forced = target.ForceClosedTunnels - _forcedBefore;
        // One that was admitted at the very moment was there at the start, too.
        _atStart = Math.Max(_atStart, left + forced);
        Progress = new NodeDrainProgress(_order!.Id, _atStart, left, _atStart - left - forced, forced);
    }

    private long Later(long now, long milliseconds) =>
        now + (Math.Clamp(milliseconds, 0, MaxMilliseconds) * clock.TimestampFrequency / 1000);

    /// <summary>A month: what is longer is a mistake, and must not overflow.</summary>
    private const long MaxMilliseconds = 30L * 24 * 3600 * 1000;
}
