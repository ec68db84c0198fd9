using System.Net.Sockets;
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
        long before;
        do
        {
            before = tunnel.Sent;
            for (var i = 0; i < 200; i++)
                await other.EchoAsync((byte)i);
        }
        while (tunnel.Sent > before);
        // What the kernels of both ends keep, and the window of the stream.
        Assert.InRange(tunnel.Sent, 1, Offered / 2);

        // It had only stopped: once the target reads, everything arrives.
        tunnel.End();
        Assert.Equal(Offered, await ReadAsync(accepted));
    }

    [Fact]
    public async Task Client_ThatVanishes_LeavesNothingBehind()
    {
        using var tcp = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv4);
        await using var udp = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv6);
        using var relay = RelayInNamespace.Start(
            World.Host,
            ["--client-idle-timeout-secs", "2", "--upstream-timeout-secs", "1", "--relay-shutdown-drain-timeout-secs", "1"]);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        _ = await client.OpenTcpAsync(connection, tcp.Name);
        using var accepted = await tcp.AcceptAsync();
        await (await client.OpenUdpAsync(connection, udp.Name)).EchoAsync(1);
        Assert.Equal((1, 2), relay.Load);

        await World.Client.ShellAsync("ip link set eth0 down");
        await WaitUntilAsync(() => relay.Load == (0, 0), () => $"{relay.Load}");
        Assert.Equal(0, await ReadAsync(accepted));
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
        Assert.True(silent.HasEnded);
        await (await client.OpenUdpAsync(connection, udp.Name)).EchoAsync(2);
    }

    /// <summary>Reads to the end, which may be a reset, and verifies what came.</summary>
    private static async Task<long> ReadAsync(Socket socket)
    {
        var buffer = new byte[1 << 20];
        using var deadline = new CancellationTokenSource(Limits.Transfer);
        for (long total = 0; ;)
        {
            int length;
            try
            {
                length = await socket.ReceiveAsync(buffer, deadline.Token);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                return total;
            }
            if (length == 0)
                return total;
            for (var i = 0; i < length; i++)
            {
                if (buffer[i] != TcpTestTunnel.ByteAt(total + i))
                    Assert.Fail($"byte {total + i} is {buffer[i]}");
            }
            total += length;
        }
    }
}
