using Relay.Interop.Tests.Egress.Client;
using Relay.Interop.Tests.Egress.World;

namespace Relay.Interop.Tests.Egress;

/// <summary>A node with little memory, and a client that leaves a byte in each of many tunnels without an answer.</summary>
public sealed class EarlyBytesTests : EgressTests
{
    // Together 3000: 188 MiB in blocks of 64 KiB.
    private const int Connections = 12;
    private const int TunnelsEach = 250;

    [Fact]
    public async Task Tcp_OneByteInEachOfManyUnansweredTunnels_LeavesANodeOf128MiBAtWork()
    {
        // Nothing comes back from there.
        await World.Router.ShellAsync("ip route add blackhole 192.0.2.99");
        await using var echo = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        using var folder = new ScratchFolder();
        var command = RelayProgram.Command(folder, ["--connect-timeout-secs", "600", "--target-keepalive-secs", "0"]);
        await using var relay = await RelayProgram.StartAsync(
            World.Host, command, new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x8000000" });
        using var client = StartClient();
        var open = new List<TcpTestTunnel>();
        for (var i = 0; i < Connections; i++)
        {
            var connection = await client.ConnectAsync();
            for (var j = 0; j < TunnelsEach; j++)
            {
                var tunnel = await client.RequestTcpAsync(connection, "192.0.2.99:443");
                tunnel.Send(1);
                open.Add(tunnel);
            }
            await WaitUntilAsync(() => open.All(tunnel => tunnel.Sent == 1), () => "bytes are left");
            // What is sent after them arrives after them.
            var other = await client.OpenUdpAsync(connection, echo.Name);
            for (var turn = 0; turn < 20; turn++)
                await other.EchoAsync((byte)turn);
        }
        Assert.All(open, tunnel => Assert.False(tunnel.Signals.IsAnswered));
        await (await client.OpenUdpAsync(await client.ConnectAsync(), echo.Name)).EchoAsync(1);
    }
}
