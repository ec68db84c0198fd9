using System.Net.Sockets;
using Relay.Interop.Tests.Egress.World;
using Relay.Node.Targets;

namespace Relay.Interop.Tests.Egress;

/// <summary>RFC 8305: a name with addresses of which some are dead.</summary>
public sealed class HappyEyeballsTests : EgressTests
{
    private const string Silent = "2001:db8:80::dead";

    [Fact]
    public async Task Tcp_FirstAddressNeverAnswers_TheOtherFamilyIsNotKeptWaiting()
    {
        // Nothing comes back from there: without a second attempt the request could only time out.
        await World.Router.ShellAsync($"""
            echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
            ip -6 route add blackhole {Silent}
            """);
        using var target = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv4);
        using var relay =
            RelayInNamespace.Start(World.Host, [], resolver: new Resolver(Silent, EgressWorld.TargetIPv4));
        using var client = StartClient();
        var port = IPEndPoint.Parse(target.Name).Port;
        var tunnel = await client.OpenTcpAsync(await client.ConnectAsync(), $"target.test:{port}");
        Assert.Contains(EgressWorld.TargetIPv4, await tunnel.Signals.Answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--ipv4-only", EgressWorld.TargetIPv4)]
    [InlineData("--ipv6-only", EgressWorld.TargetIPv6)]
    public async Task Name_OfBothFamilies_IsReachedByTheOneThatIsAllowed(string option, string expected)
    {
        await using var udp = UdpTarget.BindEcho(World.Router, expected);
        using var tcp = TcpTarget.Listen(World.Router, expected);
        using var relay = RelayInNamespace.Start(
            World.Host, [option], resolver: new Resolver(EgressWorld.TargetIPv6, EgressWorld.TargetIPv4));
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        var tunnel = await client.OpenUdpAsync(connection, $"target.test:{IPEndPoint.Parse(udp.Name).Port}");
        await tunnel.EchoAsync(1);
        _ = await client.OpenTcpAsync(connection, $"target.test:{IPEndPoint.Parse(tcp.Name).Port}");
    }

    private sealed class Resolver(params string[] addresses) : ITargetResolver
    {
        public ValueTask<ResolveResult> ResolveAsync(
            string host, AddressFamily family, ulong source, CancellationToken cancellationToken) =>
            ValueTask.FromResult(ResolveResult.Found(
                addresses.Select(IPAddress.Parse).Where(address => address.AddressFamily == family)));
    }
}
