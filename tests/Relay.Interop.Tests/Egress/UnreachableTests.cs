using Relay.Interop.Tests.Egress.World;

namespace Relay.Interop.Tests.Egress;

/// <summary>Targets that are not there.</summary>
public sealed class UnreachableTests : EgressTests
{
    [Theory]
    [InlineData(EgressWorld.TargetIPv4)]
    [InlineData(EgressWorld.TargetIPv6)]
    public async Task Udp_PortUnreachable_ClosesTheTunnelInOrder(string address)
    {
        using var relay = RelayInNamespace.Start(World.Host, []);
        using var client = StartClient();
        var tunnel = await client.OpenUdpAsync(
            await client.ConnectAsync(), new IPEndPoint(IPAddress.Parse(address), 9).ToString());
        tunnel.Send([1]);
        await tunnel.Signals.Closed;
        Assert.True(tunnel.EndedInOrder);
        await WaitUntilAsync(() => relay.Load.Tunnels == 0, () => $"{relay.Load}");
    }

    [Theory]
    [InlineData("192.0.2.99", "")]
    [InlineData("[2001:db8:80::99]", "")]
    [InlineData("192.0.2.99", "ip route add unreachable 192.0.2.99")]
    [InlineData("[2001:db8:80::99]", "ip -6 route add unreachable 2001:db8:80::99")]
    public async Task Target_WithoutARoute_IsAnsweredAsUnroutable(string address, string route)
    {
        await World.Host.ShellAsync(route.Length > 0 ? route : "ip route del default; ip -6 route del default");
        using var relay = RelayInNamespace.Start(World.Host, []);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        AssertUnroutable(await (await client.RequestUdpAsync(connection, $"{address}:9")).Signals.Answer);
        AssertUnroutable(await (await client.RequestTcpAsync(connection, $"{address}:9")).Signals.Answer);
    }

    [Theory]
    [InlineData("192.0.2.99", "ip route add unreachable 192.0.2.99; echo 1 > /proc/sys/net/ipv4/ip_forward")]
    [InlineData("[2001:db8:80::99]",
        "ip -6 route add unreachable 2001:db8:80::99; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")]
    public async Task Tcp_ARouterSaysUnreachable_IsAnsweredAsUnroutable(string address, string route)
    {
        await World.Router.ShellAsync(route);
        using var relay = RelayInNamespace.Start(World.Host, []);
        using var client = StartClient();
        var tunnel = await client.RequestTcpAsync(await client.ConnectAsync(), $"{address}:9");
        AssertUnroutable(await tunnel.Signals.Answer);
    }

    internal static void AssertUnroutable(string answer)
    {
        Assert.StartsWith("status 502;", answer, StringComparison.Ordinal);
        Assert.Contains("error=destination_ip_unroutable", answer, StringComparison.Ordinal);
    }
}
