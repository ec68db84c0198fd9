using Relay.Interop.Tests.Egress.World;
using Relay.Node.Egress;
using Relay.Protocol;

namespace Relay.Interop.Tests.Egress;

/// <summary>TCP targets that are gone without a FIN or a reset.</summary>
public sealed class VanishedTests : EgressTests
{
    private static readonly KeepaliveConfig Soon = new(Idle: 1, Interval: 1, Probes: 2);

    [Theory]
    [InlineData(EgressWorld.TargetIPv4)]
    [InlineData(EgressWorld.TargetIPv6)]
    public Task Tcp_SilentAndVanished_IsNoticedByProbes(string address) => AssertNoticedAsync(address, toSend: 0);

    // While something is on its way there are no probes: it is repeated, for a quarter of an hour if nobody limits it.
    [Fact]
    public Task Tcp_VanishedWithBytesOnTheirWay_IsNoticed() =>
        AssertNoticedAsync(EgressWorld.TargetIPv4, toSend: 100_000);

    [Fact]
    public async Task Tcp_SilentAndThere_StaysWhileAnotherIsNoticed()
    {
        using var living = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv4);
        using var vanishing = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv6);
        using var relay = Start();
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        var stays = await client.OpenTcpAsync(connection, living.Name);
        using var accepted = await living.AcceptAsync();
        var gone = await client.OpenTcpAsync(connection, vanishing.Name);
        using var other = await vanishing.AcceptAsync();
        await World.Router.ShellAsync("ip -6 route add blackhole 2001:db8:1::10");
        Assert.Equal(Http3ErrorCode.ConnectError, await gone.Signals.Closed);
        Assert.False(stays.Signals.IsClosed);
        stays.Send(1000);
        stays.End();
        Assert.Equal(1000, await TcpTarget.ReadAsync(accepted));
    }

    private async Task AssertNoticedAsync(string address, long toSend)
    {
        using var target = TcpTarget.Listen(World.Router, address);
        using var relay = Start();
        using var client = StartClient();
        var tunnel = await client.OpenTcpAsync(await client.ConnectAsync(), target.Name);
        using var accepted = await target.AcceptAsync();
        // From now on nothing of the target reaches the relay, as when it has lost its power.
        await World.Router.ShellAsync("""
            ip route add blackhole 203.0.113.10
            ip -6 route add blackhole 2001:db8:1::10
            """);
        tunnel.Send(toSend);
        Assert.Equal(Http3ErrorCode.ConnectError, await tunnel.Signals.Closed);
        await WaitUntilAsync(() => relay.Load.Tunnels == 0, () => $"{relay.Load}");
    }

    private RelayInNamespace Start() =>
        RelayInNamespace.Start(World.Host, [], static config => config with { TargetKeepalive = Soon });
}
