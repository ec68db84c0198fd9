using System.Net.Sockets;
using Relay.Interop.Tests.Relays;
using Relay.Load.Targets;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Loopback;

/// <summary>relay-load by every version of HTTP, against the same relay: the same bytes, whatever carries them.</summary>
public sealed class CarrierTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private RelayProcess _relay = null!;

    public async ValueTask InitializeAsync() => _relay = await RelayProcess.StartAsync(_authority, "--workers", "2");

    public async ValueTask DisposeAsync()
    {
        await using (_relay)
            await _relay.StopAsync();
        _authority.Dispose();
    }

    [Theory]
    [InlineData("1", "tcp-down")]
    [InlineData("1", "tcp-up")]
    [InlineData("2", "tcp-down")]
    [InlineData("2", "tcp-up")]
    [InlineData("3", "tcp-down")]
    [InlineData("3", "tcp-up")]
    public async Task Connect_OverEachVersion_ArrivesWithTheSameHash(string http, string mode)
    {
        var run = await LoadRun.AgainstAsync(
            _relay.Port, Limits.Transfer, mode, "--http", http, "--bytes", "64MiB", "--flows", "2", "--verify", "Sha256");
        Assert.Equal(int.Parse(http), run["http"]);
        Assert.Equal(2L * 64 << 20, run["bytes"]);
        Assert.Equal(http == "1" ? 2 : 1, run["connections"]);
        Assert.True(run.Verified);
    }

    // A relay takes little for a target that has not answered yet: large ones are few at a time.
    [Theory]
    [InlineData("1", "16", "64", 10_000)]
    [InlineData("1", "1100", "64", 100_000)]
    [InlineData("1", "9000", "4", 10_000)]
    [InlineData("1", "65507", "1", 10_000)]
    [InlineData("2", "16", "64", 10_000)]
    [InlineData("2", "1100", "64", 100_000)]
    [InlineData("2", "9000", "4", 10_000)]
    [InlineData("2", "65507", "1", 10_000)]
    [InlineData("3", "16", "64", 10_000)]
    [InlineData("3", "1100", "64", 10_000)]
    public async Task ConnectUdp_OverEachVersion_LosesNone(string http, string size, string window, int count)
    {
        var run = await LoadRun.AgainstAsync(
            _relay.Port, Limits.Transfer, "echo", "--http", http, "--count", $"{count}", "--size", size, "--window", window,
            "--fail-on-loss", "--timeout", "120");
        Assert.Equal(count, run["echoes"]);
        Assert.Equal(0, run["corrupt"]);
        Assert.Equal(http == "3" ? 0 : run["sent"], run["sent_by_capsule"]);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task ConnectUdp_ManyTunnelsOverTcp_LoseNone(string http)
    {
        var run = await LoadRun.AgainstAsync(
            _relay.Port, Limits.Transfer, "echo", "--http", http, "--flows", "50", "--count", "20000", "--window", "4",
            "--fail-on-loss", "--timeout", "120");
        Assert.InRange(run["echoes"], 20_000, 20_200);
        Assert.Equal(http == "1" ? 50 : 1, run["connections"]);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Connections_OverTcp_OpenAndEnd(string http)
    {
        var handshakes = await LoadRun.AgainstAsync(
            _relay.Port, Limits.Exchange, "handshakes", "--http", http, "--count", "50");
        Assert.Equal(50, handshakes["completed"]);
        var idle = await LoadRun.AgainstAsync(
            _relay.Port, Limits.Exchange, "idle", "50", "--http", http, "--hold", "0.1");
        Assert.Equal(50, idle["connections"]);
        Assert.Equal(0, idle["lost_while_held"]);
        var flood = await LoadRun.AgainstAsync(
            _relay.Port, Limits.Exchange, "flood-down", "--http", http, "--count", "5000");
        Assert.Equal(0, flood["corrupt"]);
        Assert.True(flood["received"] >= 5000);
        flood = await LoadRun.AgainstAsync(
            _relay.Port, Limits.Exchange, "flood-up", "--http", http, "--count", "5000");
        Assert.Equal(int.Parse(http), flood["http"]);
        Assert.True(flood["sent"] >= 5000);
        // The target's own socket may overflow.
        Assert.InRange(flood["delivered"], 1, long.MaxValue);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Forwarder_OverTcp_JoinsConnectionsAndDatagramsToTheirTarget(string http)
    {
        using var targets = new TargetSet(IPAddress.Loopback, cpu: null);
        var (tcpEcho, udpEcho) = (targets.AddTcpEcho(0).LocalEndPoint, targets.AddUdpEcho(0).LocalEndPoint);
        targets.Start();
        var (tcp, accepts) = await LoadForwarder.StartAsync("tcp", tcpEcho, _relay.Port, "tcp", "--http", http);
        await using var tcpProcess = tcp;
        var (udp, receives) = await LoadForwarder.StartAsync("udp", udpEcho, _relay.Port, "udp", "--http", http);
        await using var udpProcess = udp;

        var cancel = TestContext.Current.CancellationToken;
        for (var i = 0; i < 3; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(accepts, cancel);
            var sent = new byte[100_000 * (i + 1)];
            Random.Shared.NextBytes(sent);
            var stream = client.GetStream();
            var sending = SendAsync(client, sent, cancel);
            var received = new MemoryStream();
            await stream.CopyToAsync(received, cancel).WaitAsync(Limits.Exchange, cancel);
            await sending;
            Assert.True(received.ToArray().AsSpan().SequenceEqual(sent));

            using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            socket.Connect(receives);
            var answer = await AskAsync(socket, sent.AsMemory(0, 1000 * (i + 1)), cancel);
            Assert.True(answer.Buffer.AsSpan().SequenceEqual(sent.AsSpan(0, 1000 * (i + 1))));
        }
    }

    /// <summary>Sends a datagram until it is answered: where a tunnel cannot be opened in time it is lost, as any may be.</summary>
    private static async Task<UdpReceiveResult> AskAsync(UdpClient socket, ReadOnlyMemory<byte> datagram, CancellationToken cancel)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromSeconds(2));
        var answer = socket.ReceiveAsync(cancel).AsTask().WaitAsync(Limits.Exchange, cancel);
        do
            await socket.SendAsync(datagram, cancel);
        while (await Task.WhenAny(answer, pulse.WaitForNextTickAsync(cancel).AsTask()) != answer);
        return await answer;
    }

    private static async Task SendAsync(TcpClient client, byte[] data, CancellationToken cancel)
    {
        await client.GetStream().WriteAsync(data, cancel);
        client.Client.Shutdown(SocketShutdown.Send);
    }
}
