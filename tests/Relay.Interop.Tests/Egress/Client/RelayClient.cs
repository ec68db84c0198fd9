using System.Collections.Concurrent;
using Relay.Interop.Tests.Relays;
using Relay.Load.Cli;
using Relay.Load.Client;
using Relay.Native.Tls;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Egress.Client;

/// <summary>
/// A client of a relay, on a thread that may be inside a namespace, whose connections and tunnels the test opens.
/// </summary>
internal sealed class RelayClient : Workload, IDisposable
{
    private readonly ConcurrentQueue<Action> _commands = new();

    // The relay gives credit for further streams as the requests of those before them arrive.
    private readonly List<Func<bool>> _waiting = [];
    private readonly Dictionary<ClientConnection, TaskCompletionSource<ClientConnection>> _connecting = [];
    private readonly ClientLoop _loop;
    private readonly TlsContext _tls;
    private readonly Thread _thread;

    private RelayClient(NetworkNamespace? network, IPEndPoint relay, Carrier carrier)
    {
        _tls = TlsContext.CreateClient([], verifyPeer: false);
        _loop = new ClientLoop(
            new ClientConfig { Relay = relay, ServerName = RelayProcess.Name, Tls = _tls, Carrier = carrier }, this);
        // A thread is in the namespace of the thread that started it.
        _thread = network is null ? StartThread() : network.Run(StartThread);
    }

    /// <summary>Starts on the machine's own loopback.</summary>
    public static RelayClient Start(IPEndPoint relay) => new(null, relay, Carrier.Datagram);

    public static RelayClient Start(
        NetworkNamespace network, IPEndPoint relay, Carrier carrier = Carrier.Datagram) => new(network, relay, carrier);

    /// <summary>Runs something on the client's thread.</summary>
    public void Post(Action command)
    {
        _commands.Enqueue(command);
        _loop.Wake();
    }

    public Task<ClientConnection> ConnectAsync()
    {
        var ready = new TaskCompletionSource<ClientConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => _connecting.Add(_loop.Connect(), ready));
        return ready.Task.WaitAsync(Limits.Exchange);
    }

    public Task<UdpTestTunnel> RequestUdpAsync(ClientConnection connection, string target) => RequestAsync(
        connection, TunnelRequest.Udp(_loop.Config, Values.Authority(target)),
        client => new UdpTestTunnel(this, client));

    public Task<TcpTestTunnel> RequestTcpAsync(ClientConnection connection, string target) => RequestAsync(
        connection, TunnelRequest.Tcp(_loop.Config, Values.Authority(target)),
        client => new TcpTestTunnel(this, client));

    public async Task<UdpTestTunnel> OpenUdpAsync(ClientConnection connection, string target)
    {
        var tunnel = await RequestUdpAsync(connection, target);
        Assert.StartsWith("status 200;", await tunnel.Signals.Answer, StringComparison.Ordinal);
        return tunnel;
    }

    public async Task<TcpTestTunnel> OpenTcpAsync(ClientConnection connection, string target)
    {
        var tunnel = await RequestTcpAsync(connection, target);
        Assert.StartsWith("status 200;", await tunnel.Signals.Answer, StringComparison.Ordinal);
        return tunnel;
    }

    public override void OnStart()
    {
    }

    public override void OnTurn()
    {
        while (_commands.TryDequeue(out var command))
            command();
        _waiting.RemoveAll(static open => open());
    }

    public override void OnConnectionReady(ClientConnection connection) =>
        _connecting[connection].TrySetResult(connection);

    public override void OnConnectionEnded(ClientConnection connection) =>
        _connecting[connection].TrySetException(new IOException(connection.DescribeEnd()));

    public override void OnTunnelOpened(TunnelStream tunnel) => Answered(tunnel);

    public override void OnTunnelRefused(TunnelStream tunnel) => Answered(tunnel);

    public override void OnTunnelClosed(TunnelStream tunnel)
    {
        Answered(tunnel);
        ((ISignalling)tunnel).Signals.OnClosed(tunnel.ErrorCode ?? 0);
    }

    public void Dispose()
    {
        Post(Finish);
        _thread.Join();
        _loop.Dispose();
        _tls.Dispose();
    }

    private Thread StartThread()
    {
        var thread = new Thread(_loop.Run) { Name = "client" };
        thread.Start();
        return thread;
    }

    private static void Answered(TunnelStream tunnel) =>
        ((ISignalling)tunnel).Signals.OnAnswer(tunnel.DescribeAnswer());

    private Task<T> RequestAsync<T>(
        ClientConnection connection, TunnelRequest request, Func<ClientConnection, T> create)
        where T : TunnelStream
    {
        var opened = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            if (!TryOpen())
                _waiting.Add(TryOpen);
        });
        return opened.Task.WaitAsync(Limits.Exchange);

        bool TryOpen()
        {
            if (!connection.TryOpen(request, create, out var tunnel))
                return false;
            opened.SetResult((T)tunnel!);
            return true;
        }
    }
}
