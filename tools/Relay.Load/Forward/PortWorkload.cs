using System.Net;
using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Forward;

/// <summary>
/// Forwards a local port to one target: a tunnel for each who comes, over one connection that is made again when it ends,
/// or with HTTP/1.1 over one each.
/// </summary>
internal abstract class PortWorkload(TargetAuthority target) : Workload
{
    private ClientConnection? _connection;

    /// <summary>Whoever it forwards to.</summary>
    protected TargetAuthority Target => target;

    /// <summary>The port is open.</summary>
    protected void Begin(IPEndPoint local)
    {
        Console.Error.WriteLine($"relay-load: listening on {local} for {target}");
        if (!Loop.Config.ConnectsForEach)
            Loop.Connect();
    }

    /// <summary>A connection for another tunnel; null where there is none now.</summary>
    protected ClientConnection? Next() => Loop.Config.ConnectsForEach ? Loop.TryConnect()
        : _connection is { IsEnded: false } ? _connection : null;

    public override void OnConnectionReady(ClientConnection connection)
    {
        if (!Loop.Config.ConnectsForEach)
            _connection = connection;
    }

    public override void OnConnectionEnded(ClientConnection connection)
    {
        if (_connection is null && !Loop.Config.ConnectsForEach)
        {
            base.OnConnectionEnded(connection);
            return;
        }
        Console.Error.WriteLine($"relay-load: the connection ended: {connection.DescribeEnd()}");
        _connection = null;
        if (!Loop.Config.ConnectsForEach)
            Loop.Connect();
    }

    public override void OnTunnelRefused(TunnelStream tunnel)
    {
        Console.Error.WriteLine($"relay-load: a tunnel was refused: {tunnel.DescribeAnswer()}");
        tunnel.Abort(TunnelAbort.Cancelled);
    }
}
