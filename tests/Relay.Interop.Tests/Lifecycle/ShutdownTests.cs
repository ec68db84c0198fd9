using System.Net.Sockets;
using System.Text.Json;
using Relay.Interop.Tests.Egress.Client;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>docs/reference.md#5-lifecycle with real signals and sockets.</summary>
public sealed class ShutdownTests
{
    private const int Transfer = 32 * 1024 * 1024;

    [Theory]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Interrupt)]
    public async Task Signal_OpenTransferFinishes_NothingNewIsTaken(int signal)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var world =
            await TunnelWorld.StartAsync("--workers", "2", "--graceful-shutdown-timeout-secs", "60");
        var (client, target) = await world.OpenAsync();
        world.Relay.Signal(signal);
        await world.Relay.Log.WaitForAsync("draining: 1 tunnel", Limits.AtOnce);

        // A new connection is refused, at once and in words.
        await using var late = LoadRun.Start(world.Relay.Port, "handshakes", "--count", "1");
        Assert.Equal(1, await late.WaitForExitAsync(Limits.Exchange));
        Assert.Contains("CONNECTION_REFUSED", late.Log.Describe(), StringComparison.Ordinal);

        var received = ReceiveAllAsync(client, cancel);
        var block = new byte[64 * 1024];
        for (var sent = 0; sent < Transfer; sent += block.Length)
            await target.WriteAsync(block, cancel);
        target.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(Transfer, await received.WaitAsync(Limits.Transfer, cancel));
        client.Socket.Shutdown(SocketShutdown.Send);

        Assert.Equal(0, await world.Relay.WaitForExitAsync(Limits.Stop));
        await world.Relay.Log.WaitForAsync(@"drained: 1 tunnel\(s\) finished, 0 ended by force", Limits.AtOnce);
        await world.Client.Log.WaitForAsync("the relay closed the connection with H3_NO_ERROR", Limits.AtOnce);
    }

    [Theory]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Interrupt)]
    public async Task SecondSignal_EndsAtOnce(int second)
    {
        await using var world = await TunnelWorld.StartAsync("--graceful-shutdown-timeout-secs", "600");
        _ = await world.OpenAsync();
        world.Relay.Signal(Signals.Terminate);
        await world.Relay.Log.WaitForAsync("draining: 1 tunnel", Limits.AtOnce);
        world.Relay.Signal(second);
        Assert.Equal(0, await world.Relay.WaitForExitAsync(Limits.AtOnce));
        await world.Relay.Log.WaitForAsync("a second signal", Limits.AtOnce);
        await world.Relay.Log.WaitForAsync(@"drained: 0 tunnel\(s\) finished, 1 ended by force", Limits.AtOnce);
    }

    [Fact]
    public async Task Deadline_TunnelThatIsLeft_IsEndedByForceAndCounted()
    {
        await using var world = await TunnelWorld.StartAsync("--graceful-shutdown-timeout-secs", "1");
        var (client, _) = await world.OpenAsync();
        world.Relay.Signal(Signals.Terminate);
        Assert.Equal(0, await world.Relay.WaitForExitAsync(Limits.Stop));
        await world.Relay.Log.WaitForAsync("tunnel ended: ForceClosed", Limits.AtOnce);
        await world.Relay.Log.WaitForAsync(@"drained: 0 tunnel\(s\) finished, 1 ended by force", Limits.AtOnce);
        await Assert.ThrowsAsync<IOException>(
            async () => await ReceiveAllAsync(client, TestContext.Current.CancellationToken)
                .WaitAsync(Limits.Exchange));
    }

    [Fact]
    public async Task Deadline_OnAClockOfTheTest_ComesThenAndNotBefore()
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        await using var node = NodeInProcess.Start(authority, folder, workers: 1);
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        using var client = RelayClient.Start(new IPEndPoint(IPAddress.Loopback, node.Port));
        _ = await client.OpenTcpAsync(await client.ConnectAsync(), target.LocalEndpoint.ToString()!);
        var clock = new DeadlineClock();
        var drain = node.Server.DrainAsync(TimeSpan.FromSeconds(20), CancellationToken.None, clock);
        Assert.Equal(TimeSpan.FromSeconds(20), await clock.Asked);
        clock.Advance(TimeSpan.FromSeconds(19.9));
        Assert.False(drain.IsCompleted);
        Assert.Equal(1, node.Server.Load.Tunnels);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        await drain.WaitAsync(Limits.Stop);
        Assert.Equal((0, 0, 1), (node.Server.Load.Tunnels, node.Server.ReadCounters().DrainedFinished,
            node.Server.ReadCounters().DrainedForced));
    }

    [Fact]
    public async Task IdleClients_DoNotHoldUpTheEnd()
    {
        await using var world = await TunnelWorld.StartAsync("--graceful-shutdown-timeout-secs", "600");
        var (client, target) = await world.OpenAsync();
        target.Close();
        client.Close();
        await world.Relay.Log.WaitForAsync("tunnel ended", Limits.AtOnce);
        world.Relay.Signal(Signals.Terminate);
        Assert.Equal(0, await world.Relay.WaitForExitAsync(Limits.AtOnce));
    }

    /// <summary>A tenth of 20 s for eight clients: each a quarter of a second after the one before, or later.</summary>
    [Fact]
    public async Task IdleClients_AreClosedOneAfterTheOther()
    {
        const int count = 8;
        using var authority = new TestAuthority();
        await using var relay = await RelayProcess.StartAsync(
            authority, "--workers", "1", "--graceful-shutdown-timeout-secs", "20", "--log-format", "json");
        using var clients = RelayClient.Start(new IPEndPoint(IPAddress.Loopback, relay.Port));
        for (var i = 0; i < count; i++)
            await clients.ConnectAsync();
        await relay.Log.WaitForAsync("\"event\":\"ConnectionEstablished\"", Limits.Exchange, count);
        var from = DateTimeOffset.UtcNow;
        relay.Signal(Signals.Terminate);
        Assert.Equal(0, await relay.WaitForExitAsync(Limits.AtOnce));
        List<DateTimeOffset> ends =
        [
            .. relay.Log.Lines.Where(static line => line.Contains("\"ConnectionEnded\"", StringComparison.Ordinal))
                .Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("time").GetDateTimeOffset()),
        ];
        Assert.Equal(count, ends.Count);
        // Of a busy machine only this is certain: none is closed before its time.
        for (var i = 0; i < count; i++)
            Assert.True(ends[i] - from > TimeSpan.FromMilliseconds((i * 2000 / count) - 50), relay.Log.Describe());
    }

    [Fact]
    public async Task Drain_UnderLoad_EveryDownloadArrivesWhole()
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        await using var node = NodeInProcess.Start(authority, folder, workers: 2);
        // Of one connection each: relay-load takes a connection that ends for a failure, and each ends with its last
        // tunnel.
        var downloads = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => LoadRun.AgainstAsync(
            node.Port, Limits.Transfer, "tcp-down", "--flows", "4", "--bytes", "64MiB", "--verify", "Sha256")));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (node.Server.Load.Tunnels < 8 && !downloads.IsCompleted)
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        await node.Server.DrainAsync(Limits.Transfer, CancellationToken.None);
        foreach (var run in await downloads)
            Assert.Equal((4 * 64L * 1024 * 1024, true), (run["bytes"], run.Verified));
        Assert.Equal(0, node.Server.Load.Tunnels);
    }

    private static async Task<long> ReceiveAllAsync(Stream stream, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        long total = 0;
        for (int read; (read = await stream.ReadAsync(buffer, cancel)) > 0;)
            total += read;
        return total;
    }
}
