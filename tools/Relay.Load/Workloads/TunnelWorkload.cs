using Relay.Load.Client;
using Relay.Native.Http3;

namespace Relay.Load.Workloads;

/// <summary>Opens a number of tunnels, spread over a number of connections, and begins when all are open.</summary>
internal abstract class TunnelWorkload(int connections, int tunnels) : Workload
{
    private readonly Dictionary<ClientConnection, int> _nextTunnel = [];

    /// <summary>Connections whose HTTP/3 is up.</summary>
    public List<ClientConnection> Connections { get; } = [];

    /// <summary>The tunnels that are open.</summary>
    public List<TunnelStream> Tunnels { get; } = [];

    protected bool AllOpen { get; private set; }

    /// <summary>What every tunnel asks for.</summary>
    protected abstract HeaderBlock CreateRequest();

    protected abstract TunnelStream CreateTunnel(ClientConnection connection, long id, int number);

    /// <summary>Every tunnel is open.</summary>
    protected abstract void OnAllOpen();

    protected virtual bool NeedsDatagrams => Loop.Config.Carrier != Carrier.Capsule;

    public override (double Fraction, string Text) Progress => (-1, $"{Tunnels.Count} of {tunnels} tunnels open");

    public override void OnStart()
    {
        for (var i = 0; i < connections; i++)
            Loop.Connect();
    }

    public override void OnConnectionReady(ClientConnection connection)
    {
        if (NeedsDatagrams && !connection.PeerTakesDatagrams)
        {
            Fail("the relay announces no HTTP datagrams (SETTINGS_H3_DATAGRAM); try --carrier capsule");
            return;
        }
        Connections.Add(connection);
        _nextTunnel[connection] = connection.Index;
        OpenMore(connection);
    }

    public override void OnStreamsAvailable(ClientConnection connection) => OpenMore(connection);

    public override void OnTunnelOpened(TunnelStream tunnel)
    {
        Tunnels.Add(tunnel);
        if (Tunnels.Count < tunnels || AllOpen)
            return;
        AllOpen = true;
        OnAllOpen();
    }

    public override void OnTunnelRefused(TunnelStream tunnel) => Fail($"a tunnel was refused: {tunnel.DescribeAnswer()}");

    public override void OnTunnelClosed(TunnelStream tunnel)
    {
        if (!IsFinished)
            Fail($"a tunnel ended early: {tunnel.DescribeAnswer()}; {EndText.Http3Error(tunnel.ErrorCode ?? 0)}");
    }

    private void OpenMore(ClientConnection connection)
    {
        if (!_nextTunnel.TryGetValue(connection, out var number))
            return;
        var request = CreateRequest();
        for (; number < tunnels; number += connections)
        {
            var tunnel = number;
            if (!connection.TryOpen(request, (c, id) => CreateTunnel(c, id, tunnel), out _))
                break;
        }
        _nextTunnel[connection] = number;
    }
}
