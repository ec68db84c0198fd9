using System.Net.Sockets;
using Relay.Fleet.Contract;
using Relay.Interop.Tests.Egress.World;
using Relay.Node.Egress;

namespace Relay.Interop.Tests.Egress;

/// <summary>What targets see of a prefix: sources all over it, and answers that return to them.</summary>
public sealed class PrefixTests : EgressTests
{
    private static readonly string[] Prefixes =
        ["--outbound-prefix-ipv4", "198.51.100.0/28", "--outbound-prefix-ipv6", "2001:db8:77::/64"];

    private const string HostRoutes = """
        ip route add local 198.51.100.0/28 dev lo
        ip -6 route add local 2001:db8:77::/64 dev lo
        """;

    private const string RouterRoutes = """
        ip route add 198.51.100.0/28 via 203.0.113.10
        ip -6 route add 2001:db8:77::/64 via 2001:db8:1::10
        """;

    [Theory]
    [InlineData(EgressWorld.TargetIPv4)]
    [InlineData(EgressWorld.TargetIPv6)]
    public async Task ByTunnel_ManyTunnels_ComeUniformlyFromThePrefixAndHearAnswers(string address)
    {
        const int tunnels = 640;
        await RouteAsync();
        await using var target = UdpTarget.BindEcho(World.Router, address);
        using var relay = RelayInNamespace.Start(World.Host, [.. Prefixes, "--outbound-selection", "tunnel"]);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        for (var i = 0; i < tunnels; i++)
        {
            var tunnel = await client.OpenUdpAsync(connection, target.Name);
            await tunnel.EchoAsync((byte)i);
            tunnel.Close();
        }

        Assert.Equal(tunnels, target.Sources.Length);
        AssertUniform(target.Sources);
    }

    [Theory]
    [InlineData(EgressWorld.TargetIPv4)]
    [InlineData(EgressWorld.TargetIPv6)]
    public async Task BySession_TunnelsOfASession_ShareASourceAndSessionsDoNot(string address)
    {
        const int sessions = 40;
        await RouteAsync();
        await using var udp = UdpTarget.BindEcho(World.Router, address);
        using var tcp = TcpTarget.Listen(World.Router, address);
        using var relay = RelayInNamespace.Start(World.Host, Prefixes);
        using var client = StartClient();
        for (var i = 0; i < sessions; i++)
        {
            var connection = await client.ConnectAsync();
            await (await client.OpenUdpAsync(connection, udp.Name)).EchoAsync(1);
            await (await client.OpenUdpAsync(connection, udp.Name)).EchoAsync(2);
            var tunnel = await client.OpenTcpAsync(connection, tcp.Name);
            using var accepted = await tcp.AcceptAsync();
            var sources = udp.Sources[^2..];
            Assert.Equal(sources[0], sources[1]);
            Assert.Equal(sources[0], ((IPEndPoint)accepted.RemoteEndPoint!).Address);
            await accepted.SendAsync((byte[])[7], TestContext.Current.CancellationToken);
            Assert.Equal([7], await tunnel.ReceiveAsync());
        }

        var distinct = udp.Sources.Distinct().Count();
        // Fewer than four of fourteen addresses in forty draws: less than once in 10^19 runs.
        Assert.InRange(distinct, udp.Sources[0].AddressFamily == AddressFamily.InterNetworkV6 ? sessions : 4, sessions);
    }

    [Fact]
    public async Task Targets_InThePrefix_AreNotReachedThroughTheRelay()
    {
        await RouteAsync();
        // Whoever listens on the host's wildcard would be reached at any address of the prefix.
        using var daemon = TcpTarget.Listen(World.Host, "0.0.0.0", 22);
        using var relay = RelayInNamespace.Start(World.Host, Prefixes);
        using var client = StartClient();
        var tunnel = await client.RequestTcpAsync(await client.ConnectAsync(), "198.51.100.5:22");
        Assert.StartsWith("status 403;", await tunnel.Signals.Answer, StringComparison.Ordinal);
    }

    private async Task RouteAsync()
    {
        await World.Host.ShellAsync(HostRoutes);
        await World.Router.ShellAsync(RouterRoutes);
    }

    private static void AssertUniform(IPAddress[] sources)
    {
        var isIPv4 = sources[0].AddressFamily == AddressFamily.InterNetwork;
        var prefix = Prefix.Parse(isIPv4 ? Prefixes[1] : Prefixes[3]);
        Assert.All(sources, source => Assert.True(EgressSelector.IsHost(prefix, AddressBits.Of(source)), $"{source}"));
        // IPv4 by address; of IPv6, where each is another, by the first four bits of the interface identifier.
        var buckets = sources.CountBy(source => isIPv4 ? source.GetAddressBytes()[3] : source.GetAddressBytes()[8] >> 4)
            .Select(bucket => bucket.Value).ToArray();
        var count = isIPv4 ? 14 : 16;
        var expected = (double)sources.Length / count;
        var chiSquare = buckets.Sum(bucket => Math.Pow(bucket - expected, 2) / expected)
            + ((count - buckets.Length) * expected);
        // At up to 15 degrees of freedom, more than 120 happens by chance once in 10^18 runs.
        Assert.True(chiSquare < 120, $"chi-square {chiSquare}: {string.Join(' ', buckets)}");
        if (!isIPv4)
            Assert.Equal(sources.Length, sources.Distinct().Count());
    }
}
