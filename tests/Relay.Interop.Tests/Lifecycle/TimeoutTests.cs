using System.Diagnostics;
using System.Net.Sockets;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>
/// Every timeout of docs/reference.md#1-relay-node once for real, as short as a busy machine lets it be; exactness is
/// tested on a simulated clock; the UDP idle timeout, which is never below two minutes, has a class of its own.
/// </summary>
public sealed class TimeoutTests
{
    [Fact]
    public async Task ClientIdle_SilentConnection_IsClosedInOrder()
    {
        await using var world = await TunnelWorld.StartAsync("--client-idle-timeout-secs", "3");
        _ = await world.OpenAsync();
        await world.Relay.Log.WaitForAsync("TCP tunnel ended: IdleTimeout", Limits.Exchange);
        await world.Client.Log.WaitForAsync(
            "connection ended: (the relay closed the connection with H3_NO_ERROR|idle timeout)", Limits.Exchange);
        await world.Relay.StopAsync();
    }

    [Fact]
    public async Task QuicIdle_ClientThatVanished_IsGivenUp()
    {
        await using var world = await TunnelWorld.StartAsync("--quic-idle-timeout-secs", "3");
        _ = await world.OpenAsync();
        world.Client.Signal(Signals.Kill);
        await world.Relay.Log.WaitForAsync("TCP tunnel ended: IdleTimeout", Limits.Exchange);
        await world.Relay.StopAsync();
    }

    [Fact]
    public async Task Upstream_TargetSilentAfterItsClientEnded_IsGivenUp()
    {
        await using var world = await TunnelWorld.StartAsync("--upstream-timeout-secs", "1");
        var (client, target) = await world.OpenAsync();
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await target.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        await world.Relay.Log.WaitForAsync("TCP tunnel ended: IdleTimeout", Limits.Exchange);
        // The connection was reset: there is nobody to write to.
        await Assert.ThrowsAsync<IOException>(
            async () => await target.WriteAsync(new byte[1], TestContext.Current.CancellationToken));
        await world.Relay.StopAsync();
    }

    [Fact]
    public async Task RelayShutdownDrain_TargetThatDoesNotEnd_IsAborted()
    {
        await using var world = await TunnelWorld.StartAsync(
            "--quic-idle-timeout-secs", "3", "--relay-shutdown-drain-timeout-secs", "1");
        var (client, target) = await world.OpenAsync();
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await target.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        world.Client.Signal(Signals.Kill);
        await world.Relay.Log.WaitForAsync("TCP tunnel ended: IdleTimeout", Limits.Exchange);
        // The connection was reset: there is nobody to write to.
        await Assert.ThrowsAsync<IOException>(
            async () => await target.WriteAsync(new byte[1], TestContext.Current.CancellationToken));
        await world.Relay.StopAsync();
    }

    [Fact]
    public async Task ClientCloses_AfterItsEndAndAllThatTheTargetSent_IsCompleted()
    {
        await using var world = await TunnelWorld.StartAsync();
        var (client, target) = await world.OpenAsync();
        await target.WriteAsync(new byte[1], TestContext.Current.CancellationToken);
        await client.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await target.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        _ = await world.Client.TerminateAsync(Limits.Stop);
        await world.Relay.Log.WaitForAsync("TCP tunnel ended: Completed", Limits.Exchange);
        await world.Relay.StopAsync();
    }

    [Fact]
    public async Task Connect_TargetThatDoesNotAnswer_IsRefusedInTime()
    {
        await using var world = await TunnelWorld.StartAsync(
            "--connect-timeout-secs", "1", "--log-format", "json", "--access-log", "-");
        await world.FillTargetAsync();
        await world.StartClientAsync();
        var watch = Stopwatch.StartNew();
        _ = await world.ConnectAsync();
        await world.Relay.Log.WaitForAsync("\"outcome\":\"refused\",\"error\":\"connection_timeout\"", Limits.AtOnce);
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(0.9), $"{watch.Elapsed}");
        await world.Client.Log.WaitForAsync("a tunnel was refused: .*504", Limits.AtOnce);
        await world.Relay.StopAsync();
    }
}
