using System.Net.Sockets;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>
/// A relay, and relay-load forwarding a local TCP port to a target that the test itself plays: a tunnel whose both ends
/// the test holds.
/// </summary>
internal sealed class TunnelWorld : IAsyncDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TcpListener _target;
    private readonly List<TcpClient> _sockets = [];
    private IPEndPoint _local = null!;

    private TunnelWorld(TcpListener target) => _target = target;

    public RelayProcess Relay { get; private set; } = null!;

    /// <summary>relay-load, as a client; started with the first connection.</summary>
    public ChildProcess Client { get; private set; } = null!;

    public int TargetPort => ((IPEndPoint)_target.LocalEndpoint).Port;

    /// <summary>Starts it all.</summary>
    /// <param name="options">Options of the relay.</param>
    public static async Task<TunnelWorld> StartAsync(params string[] options)
    {
        var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start(backlog: 0);
        return await new TunnelWorld(target).ReadyAfterAsync(
            async world => world.Relay = await RelayProcess.StartAsync(world._authority, options));
    }

    /// <summary>Opens a tunnel, and returns its two ends, over which a byte has passed.</summary>
    public async Task<(NetworkStream Client, NetworkStream Target)> OpenAsync()
    {
        var client = await ConnectAsync();
        var target = Keep(await _target.AcceptTcpClientAsync(TestContext.Current.CancellationToken)
            .AsTask().WaitAsync(Limits.Exchange));
        await client.WriteAsync("!"u8.ToArray(), TestContext.Current.CancellationToken);
        var stream = target.GetStream();
        await stream.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(Limits.Exchange);
        return (client, stream);
    }

    /// <summary>Starts relay-load, unless it runs.</summary>
    public async Task StartClientAsync()
    {
        if (Client is not null)
            return;
        (Client, _local) = await LoadForwarder.StartAsync(_target.LocalEndpoint, Relay.Port, "relay-load tcp");
    }

    /// <summary>Connects to the local port; the tunnel follows, or not.</summary>
    public async Task<NetworkStream> ConnectAsync()
    {
        await StartClientAsync();
        var client = Keep(new TcpClient());
        await client.ConnectAsync(_local, TestContext.Current.CancellationToken);
        return client.GetStream();
    }

    /// <summary>Takes the only place in the target's queue: the kernel does not answer anybody else.</summary>
    public async Task FillTargetAsync() =>
        await Keep(new TcpClient()).ConnectAsync(IPAddress.Loopback, TargetPort, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        _target.Dispose();
        if (Client is not null)
            await Client.DisposeAsync();
        if (Relay is not null)
            await Relay.DisposeAsync();
        _authority.Dispose();
    }

    private TcpClient Keep(TcpClient socket)
    {
        _sockets.Add(socket);
        return socket;
    }
}
