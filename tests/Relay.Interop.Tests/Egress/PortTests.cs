using Relay.Interop.Tests.Egress.World;

namespace Relay.Interop.Tests.Egress;

/// <summary>A source address that has no port left toward a target.</summary>
public sealed class PortTests : EgressTests
{
    [Theory]
    [InlineData(EgressWorld.TargetIPv4)]
    [InlineData(EgressWorld.TargetIPv4, "--outbound-ipv4", "203.0.113.10")]
    [InlineData(EgressWorld.TargetIPv6, "--outbound-ipv6", "2001:db8:1::10")]
    public async Task Tcp_WithoutAPortLeft_IsTheRelaysLimit_NotTheTargetsFault(string address, params string[] options)
    {
        using var target = TcpTarget.Listen(World.Router, address);
        using var relay = RelayInNamespace.Start(World.Host, options);
        await World.Host.ShellAsync("echo 40000 40000 > /proc/sys/net/ipv4/ip_local_port_range");
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        _ = await client.OpenTcpAsync(connection, target.Name);
        var answer = await (await client.RequestTcpAsync(connection, target.Name)).Signals.Answer;
        Assert.StartsWith("status 503;", answer, StringComparison.Ordinal);
        Assert.Contains(
            "error=connection_limit_reached; details=\"ports of the egress address\"", answer, StringComparison.Ordinal);
    }
}
