using Relay.Interop.Tests.Egress.World;

namespace Relay.Interop.Tests.Egress;

/// <summary>The family of targets follows the egress.</summary>
public sealed class FamilyTests : EgressTests
{
    private const string V4 = EgressWorld.TargetIPv4;
    private const string V6 = EgressWorld.TargetIPv6;

    [Theory]
    [InlineData(V4, V6, "--ipv4-only")]
    [InlineData(V6, V4, "--ipv6-only")]
    [InlineData(V4, V6, "--outbound-ipv4", "203.0.113.10")]
    [InlineData(V6, V4, "--outbound-ipv6", "2001:db8:1::10")]
    [InlineData(V6, V4, "--outbound-prefix-ipv6", "2001:db8:1::10/128")]
    public async Task Family_WithoutEgress_IsNotTried(string allowed, string other, params string[] options)
    {
        await using var target = UdpTarget.BindEcho(World.Router, allowed);
        await using var unwanted = UdpTarget.BindEcho(World.Router, other);
        using var tcp = TcpTarget.Listen(World.Router, allowed);
        using var unwantedTcp = TcpTarget.Listen(World.Router, other);
        using var relay = RelayInNamespace.Start(World.Host, options);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        await (await client.OpenUdpAsync(connection, target.Name)).EchoAsync(1);
        _ = await client.OpenTcpAsync(connection, tcp.Name);

        var udp = await client.RequestUdpAsync(connection, unwanted.Name);
        UnreachableTests.AssertUnroutable(await udp.Signals.Answer);
        var refused = await client.RequestTcpAsync(connection, unwantedTcp.Name);
        UnreachableTests.AssertUnroutable(await refused.Signals.Answer);
    }
}
