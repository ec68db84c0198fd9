using Relay.Interop.Tests.Egress.Client;
using Relay.Interop.Tests.Egress.World;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Ngtcp2;
using Relay.Interop.Tests.Origins;
using Relay.Load.Client;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Egress;

/// <summary>
/// RFC 9298 §5: what is too large for a path is dropped, never fragmented and never moved to a capsule; the tunnel
/// lives.
/// </summary>
public sealed class PathMtuTests : EgressTests
{
    [Fact]
    public async Task TowardTheTarget_LargerThanALinkFurtherOn_IsDroppedAndCountedOnceThatIsKnown()
    {
        // The host's link takes it, and the router says by ICMP that its next one does not.
        await World.Router.ShellAsync("""
            echo 1 > /proc/sys/net/ipv4/ip_forward
            ip link add next0 mtu 1280 type veth peer name next1
            ip link set next0 up
            ip link set next1 up
            ip route add 192.0.2.90/32 dev next0
            """);
        await using var target = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        using var relay = RelayInNamespace.Start(World.Host, []);
        using var client = RelayClient.Start(World.Client, EgressWorld.Relay, Carrier.Capsule);
        var connection = await client.ConnectAsync();
        var far = await client.OpenUdpAsync(connection, "192.0.2.90:9");
        await WaitUntilAsync(
            () =>
            {
                far.Send(new byte[1300]);
                return relay.Count(counters => counters.UpstreamDropsTooLarge) > 0;
            },
            () => "nothing was dropped as too large");
        Assert.False(far.Signals.IsClosed);
        await (await client.OpenUdpAsync(connection, target.Name)).EchoAsync(1);
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(1400)]
    public async Task TowardTheClient_LargerThanTheLink_IsDroppedAndCounted(int mtu)
    {
        await World.Host.ShellAsync($"ip link set client0 mtu {mtu}");
        await World.Client.ShellAsync($"ip link set eth0 mtu {mtu}");
        await using var target = UdpTarget.Bind(World.Router, EgressWorld.TargetIPv4);
        using var relay = RelayInNamespace.Start(World.Host, []);
        using var client = StartClient();
        var tunnel = await client.OpenUdpAsync(await client.ConnectAsync(), target.Name);
        tunnel.Send([1]);
        var (_, flow) = await target.ReceiveAsync();

        target.Send(new byte[mtu], flow);
        await WaitUntilAsync(
            () => relay.Count(counters => counters.DownstreamDropsTooLarge) == 1, () =>
                "nothing was dropped as too large");
        target.Send([2], flow);
        Assert.Equal([2], await tunnel.ReceiveAsync());
        var large = new byte[1100];
        target.Send(large, flow);
        Assert.Equal(large, await tunnel.ReceiveAsync());
    }

    /// <summary>
    /// RFC 9000 §14: whatever carries QUIC carries 1200 bytes. 1280 is the MTU of phones' VPNs and the least of IPv6, where
    /// 1200 just fit with short connection IDs.
    /// </summary>
    [Theory]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(1308, false)]
    [InlineData(1308, true)]
    [InlineData(1328, false)]
    [InlineData(1328, true)]
    [InlineData(1400, false)]
    [InlineData(1400, true)]
    [InlineData(1500, false)]
    [InlineData(1500, true)]
    public async Task Quic_InsideATunnelOverSmallLinks_IsCarried(int mtu, bool ipv6)
    {
        var endPoint = ipv6 ? EgressWorld.RelayIPv6 : EgressWorld.Relay;
        await World.Host.ShellAsync($"ip link set client0 mtu {mtu}");
        await World.Client.ShellAsync($"ip link set eth0 mtu {mtu}");
        await using var target = UdpTarget.Bind(World.Router, EgressWorld.TargetIPv4);
        using var relay = RelayInNamespace.Start(World.Host, ["-a", EgressWorld.RelayIPv6.ToString()]);
        using var client = RelayClient.Start(World.Client, endPoint);
        var tunnel = await client.OpenUdpAsync(await client.ConnectAsync(), target.Name);

        // On a busy machine a path may not have proven itself when the first datagrams have waited for it.
        var atTarget = target.ReceiveAsync();
        await WaitUntilAsync(() => IsThere(atTarget, () => tunnel.Send(new byte[1200])), () => "nothing went up");
        var (payload, flow) = await atTarget;
        Assert.Equal(1200, payload.Length);
        var atClient = tunnel.ReceiveAsync();
        await WaitUntilAsync(() => IsThere(atClient, () => target.Send(new byte[1200], flow)), () => "nothing came down");
        Assert.Equal(1200, (await atClient).Length);
        await ShakeHandsInsideAsync(endPoint);
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(1400)]
    public async Task Tcp_OverSmallLinks_PassesEitherWay(int mtu)
    {
        const int length = 4 << 20;
        await World.Host.ShellAsync($"ip link set client0 mtu {mtu}; ip link set eth0 mtu {mtu}");
        await World.Client.ShellAsync($"ip link set eth0 mtu {mtu}");
        using var target = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv4);
        using var relay = RelayInNamespace.Start(World.Host, []);
        using var client = StartClient();
        var tunnel = await client.OpenTcpAsync(await client.ConnectAsync(), target.Name);
        using var accepted = await target.AcceptAsync();
        tunnel.Send(length);
        tunnel.End();
        Assert.Equal(length, await TcpTarget.ReadAsync(accepted));
        var sending = accepted.SendAsync(new byte[length], TestContext.Current.CancellationToken).AsTask();
        for (var received = 0; received < length;)
            received += (await tunnel.ReceiveAsync()).Length;
        Assert.Equal(length, await sending);
    }

    [Theory]
    [InlineData(1280, EgressWorld.TargetIPv4, 1252)]
    [InlineData(1280, EgressWorld.TargetIPv6, 1232)]
    [InlineData(1400, EgressWorld.TargetIPv4, 1372)]
    [InlineData(1400, EgressWorld.TargetIPv6, 1352)]
    public async Task TowardTheTarget_LargerThanTheLink_IsDroppedAndCounted(int mtu, string address, int largest)
    {
        await World.Host.ShellAsync($"ip link set eth0 mtu {mtu}");
        await using var target = UdpTarget.Bind(World.Router, address);
        using var relay = RelayInNamespace.Start(World.Host, []);
        // Capsules carry what is larger than the client's own path, too.
        using var client = RelayClient.Start(World.Client, EgressWorld.Relay, Carrier.Capsule);
        var tunnel = await client.OpenUdpAsync(await client.ConnectAsync(), target.Name);
        tunnel.Send(new byte[largest + 1]);
        tunnel.Send(new byte[largest]);
        Assert.Equal(largest, (await target.ReceiveAsync()).Payload.Length);
        tunnel.Send([1]);
        var (payload, flow) = await target.ReceiveAsync();
        Assert.Equal([1], payload);
        Assert.Equal(1, relay.Count(counters => counters.UpstreamDropsTooLarge));
        target.Send([2], flow);
        Assert.Equal([2], await tunnel.ReceiveAsync());
    }
    private static bool IsThere(Task arrival, Action send)
    {
        if (!arrival.IsCompleted)
            send();
        return arrival.IsCompleted;
    }

    /// <summary>ngtcp2's client and server, with a tunnel between them.</summary>
    private async Task ShakeHandsInsideAsync(IPEndPoint relay)
    {
        GtlsClient.RequireInstalled();
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        using var certificate = authority.IssueServer("localhost");
        await using var server = await Http3Origin.StartAsync(
            World.Router, CertificateFiles.Write(folder, "server", certificate), folder.Folder("empty"),
            EgressWorld.TargetIPv4);
        var target = IPEndPoint.Parse($"{EgressWorld.TargetIPv4}:{server.Port}");
        var (forwarder, listens) = await LoadForwarder.StartUdpAsync(World.Client, target, relay);
        await using var ends = forwarder;
        var run = await GtlsClient.GetAsync(World.Client, listens.Port, "/", GtlsClient.WithoutBytes);
        run.AssertAnswered("404");
    }
}
