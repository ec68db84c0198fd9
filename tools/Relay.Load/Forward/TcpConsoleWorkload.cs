using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Forward;

/// <summary>Joins standard input and output to one target, through one tunnel.</summary>
internal sealed class TcpConsoleWorkload(TargetAuthority target) : Workload
{
    private TcpForwardTunnel? _tunnel;

    public override void OnStart() => Loop.Connect();

    public override void OnConnectionReady(ClientConnection connection)
    {
        var console = new ConsoleEnd(Loop);
        connection.TryOpen(
            TunnelRequest.Tcp(Loop.Config, target), c => new TcpForwardTunnel(c, console), out var tunnel);
        _tunnel = (TcpForwardTunnel?)tunnel;
        if (tunnel is null)
            Fail("the relay allows no streams");
    }

    public override void OnTunnelRefused(TunnelStream tunnel)
    {
        Fail($"the tunnel was refused: {tunnel.DescribeAnswer()}");
        tunnel.Abort(TunnelAbort.Cancelled);
    }

    public override void OnTunnelClosed(TunnelStream tunnel)
    {
        if (IsFinished)
            return;
        if (tunnel is TcpForwardTunnel { EndedInOrder: true })
            Finish();
        else
            Fail($"the tunnel ended early: {tunnel.DescribeEnd()}");
    }

    public override void OnTurn() => _tunnel?.OnLocalReady();
}
