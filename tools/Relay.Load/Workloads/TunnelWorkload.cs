using Relay.Load.Client;
using Relay.Load.Measure;

namespace Relay.Load.Workloads;

/// <summary>Opens a number of tunnels, spread over a number of connections, and begins when all are open.</summary>
internal abstract class TunnelWorkload(TunnelOptions options, RunMeter meter) : Workload
{
    /// <summary>How long opening may stand still: a relay may allow fewer streams than are asked for, or have a busy machine.</summary>
    private const ulong Patience = 60_000_000_000;

    /// <summary>
    /// Requests of a connection that wait for their answers: nghttp3 takes thousands of acknowledged header sections
    /// without a new one between them for an attack.
    /// </summary>
    private const int MaxUnanswered = 256;

    private readonly Dictionary<ClientConnection, Opening> _openings = [];
    private ulong _lastOpened;

    /// <summary>What is measured.</summary>
    public RunMeter Meter => meter;

    /// <summary>Connections that take requests.</summary>
    public List<ClientConnection> Connections { get; } = [];

    /// <summary>The tunnels that are open.</summary>
    public List<TunnelStream> Tunnels { get; } = [];

    protected bool AllOpen { get; private set; }

    /// <summary>What every tunnel asks for.</summary>
    protected virtual TunnelRequest CreateRequest() => TunnelRequest.Udp(Loop.Config, options.Target);

    protected abstract TunnelStream CreateTunnel(ClientConnection connection, int number);

    /// <summary>Every tunnel is open.</summary>
    protected abstract void OnAllOpen();

    public override (double Fraction, string Text) Progress => (-1, $"{Tunnels.Count} of {options.Flows} tunnels open");

    public override void OnStart()
    {
        _lastOpened = Loop.Now;
        for (var i = 0; i < options.Connections; i++)
            Loop.Connect();
    }

    public override void OnConnectionReady(ClientConnection connection)
    {
        if (CreateRequest().IsUdp && connection.WhyNoUdp is { } reason)
        {
            Fail(reason);
            return;
        }
        Connections.Add(connection);
        _openings[connection] = new Opening { Next = connection.Index };
        OpenMore(connection);
    }

    public override void OnStreamsAvailable(ClientConnection connection) => OpenMore(connection);

    public override void OnTunnelOpened(TunnelStream tunnel)
    {
        Tunnels.Add(tunnel);
        _lastOpened = Loop.Now;
        _openings[tunnel.Client].Unanswered--;
        OpenMore(tunnel.Client);
        if (Tunnels.Count < options.Flows || AllOpen)
            return;
        AllOpen = true;
        OnAllOpen();
    }

    public override void OnTick()
    {
        if (!AllOpen && Loop.Now - _lastOpened > Patience)
            Fail($"only {Tunnels.Count} of {options.Flows} tunnels opened; the relay may allow no more for a connection");
    }

    public override void OnTunnelRefused(TunnelStream tunnel) =>
        Fail($"a tunnel was refused: {tunnel.DescribeAnswer()}");

    public override void OnTunnelClosed(TunnelStream tunnel)
    {
        if (!IsFinished)
            Fail($"a tunnel ended early: {tunnel.DescribeAnswer()}; {tunnel.DescribeEnd()}");
    }

    /// <inheritdoc/>
    public override void OnInterrupt()
    {
        if (meter.HasBegun)
            End();
        else
            Fail("interrupted before anything was measured");
    }

    /// <inheritdoc/>
    protected override void OnFailed() => meter.BreakOff();

    /// <summary>All is measured.</summary>
    protected virtual void End()
    {
        meter.End();
        Finish();
    }

    private void OpenMore(ClientConnection connection)
    {
        if (!_openings.TryGetValue(connection, out var opening) || opening.Next >= options.Flows)
            return;
        var request = CreateRequest();
        for (; opening.Next < options.Flows && opening.Unanswered < MaxUnanswered; opening.Next += options.Connections)
        {
            var number = opening.Next;
            if (!connection.TryOpen(request, c => CreateTunnel(c, number), out _))
                break;
            opening.Unanswered++;
        }
    }

    /// <summary>How far a connection is with its tunnels.</summary>
    private sealed class Opening
    {
        internal int Next;
        internal int Unanswered;
    }
}
