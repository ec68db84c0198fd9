using Relay.Interop.Tests.Egress.Client;
using Relay.Interop.Tests.Egress.World;

namespace Relay.Interop.Tests.Egress;

/// <summary>Sides that do nothing more.</summary>
public sealed class StalledTests : EgressTests
{
    private const long Offered = 64 << 20;

    [Fact]
    public async Task Tcp_TargetThatNeverReads_StopsTheClientAndNotTheOthers()
    {
        using var stalled = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv4);
        await using var echo = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        using var relay = RelayInNamespace.Start(World.Host, []);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        var tunnel = await client.OpenTcpAsync(connection, stalled.Name);
        using var accepted = await stalled.AcceptAsync();
        tunnel.Send(Offered);

        // The client has stopped when nothing goes out while echoes on the same connection come and go.
        var other = await client.OpenUdpAsync(connection, echo.Name);
        await UntilStoppedAsync(other, () => tunnel.Sent);
        // What the kernels of both ends keep, and the window of the stream.
        Assert.InRange(tunnel.Sent, 1, Offered / 2);

        // It had only stopped: once the target reads, everything arrives.
        tunnel.End();
        Assert.Equal(Offered, await TcpTarget.ReadAsync(accepted));
    }

    [Fact]
    public async Task Tcp_ManyTargetsThatNeverRead_TakeLittleMemory()
    {
        const int tunnels = 24;
        using var folder = new ScratchFolder();
        using var stalled = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv4);
        await using var echo = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        await using var relay = await RelayProgram.StartAsync(World.Host, folder);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        var other = await client.OpenUdpAsync(connection, echo.Name);
        await other.EchoAsync(1);
        var before = ChildProcess.ResidentKib(relay.Id);
        var open = new List<TcpTestTunnel>();
        for (var i = 0; i < tunnels; i++)
        {
            // Stalled streams use up their connection's window, so it takes several to offer much.
            if (i % 4 == 0)
                connection = await client.ConnectAsync();
            open.Add(await client.OpenTcpAsync(connection, stalled.Name));
        }
        foreach (var tunnel in open)
            tunnel.Send(Offered);
        await UntilStoppedAsync(other, () => open.Sum(tunnel => tunnel.Sent));

        // 1.5 GiB are on offer; a few MiB of them may wait in the relay.
        var grown = ChildProcess.ResidentKib(relay.Id) - before;
        Assert.True(grown < 128 * 1024, $"{grown} KiB more with {tunnels} stalled tunnels");
    }

    [Fact]
    public async Task Client_ThatVanishes_LeavesNothingBehind()
    {
        using var tcp = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv4);
        await using var udp = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv6);
        using var relay = RelayInNamespace.Start(
            World.Host,
            ["--client-idle-timeout-secs", "2", "--upstream-timeout-secs", "1", "--relay-shutdown-drain-timeout-secs",
                "1"]);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        _ = await client.OpenTcpAsync(connection, tcp.Name);
        using var accepted = await tcp.AcceptAsync();
        await (await client.OpenUdpAsync(connection, udp.Name)).EchoAsync(1);
        Assert.Equal((1, 2), relay.Load);

        await World.Client.ShellAsync("ip link set eth0 down");
        await WaitUntilAsync(() => relay.Load == (0, 0), () => $"{relay.Load}");
        Assert.Equal(0, await TcpTarget.ReadAsync(accepted));
    }

    [Fact]
    public async Task Udp_AloneAndSilent_EndsByItsTimeoutAndTheConnectionLives()
    {
        await using var udp = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        using var relay = RelayInNamespace.Start(
            World.Host, [], config => config with { UdpIdleTimeout = TimeSpan.FromSeconds(1) });
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        var silent = await client.OpenUdpAsync(connection, udp.Name);
        await silent.EchoAsync(1);
        await silent.Signals.Closed;
        Assert.True(silent.EndedInOrder);
        await (await client.OpenUdpAsync(connection, udp.Name)).EchoAsync(2);
    }

    private static async Task UntilStoppedAsync(UdpTestTunnel other, Func<long> sent)
    {
        long before;
        do
        {
            before = sent();
            for (var i = 0; i < 200; i++)
                await other.EchoAsync((byte)i);
        }
        while (sent() > before);
    }
}
