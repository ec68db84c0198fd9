using System.Diagnostics;
using Relay.Interop.Tests.Egress.Client;
using Relay.Interop.Tests.Egress.World;
using Relay.Load.Client;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Egress;

/// <summary>The system's resolver, and a DNS server that answers one family alone, late, or nothing.</summary>
public sealed class NameServerTests : EgressTests
{
    private const string Server = "203.0.113.1";

    [Fact]
    public async Task Aaaa_NeverAnswered_TargetIsReachedByIPv4()
    {
        using var names = NameServer.Start(World.Router, Server);
        names.Answer(NameServer.A, EgressWorld.TargetIPv4);
        await AssertReachedAsync(names, EgressWorld.TargetIPv4);
        Assert.Contains(names.Asked, asked => asked.Type == NameServer.Aaaa);
    }

    [Fact]
    public async Task A_NeverAnswered_TargetIsReachedByIPv6()
    {
        using var names = NameServer.Start(World.Router, Server);
        names.Answer(NameServer.Aaaa, EgressWorld.TargetIPv6);
        await AssertReachedAsync(names, EgressWorld.TargetIPv6);
    }

    [Theory]
    [InlineData("--ipv4-only", NameServer.A, EgressWorld.TargetIPv4)]
    [InlineData("--ipv6-only", NameServer.Aaaa, EgressWorld.TargetIPv6)]
    [InlineData("--outbound-ipv4=203.0.113.10", NameServer.A, EgressWorld.TargetIPv4)]
    public async Task Family_ThatEgressCannotUse_IsNotAskedFor(string option, ushort type, string address)
    {
        using var names = NameServer.Start(World.Router, Server);
        names.Answer(type, address);
        await AssertReachedAsync(names, address, option);
        Assert.All(names.Asked, asked => Assert.Equal(type, asked.Type));
    }

    [Fact]
    public async Task Aaaa_AnsweredLate_IsUsedFromThenOn()
    {
        using var names = NameServer.Start(World.Router, Server);
        names.Answer(NameServer.A, EgressWorld.TargetIPv4);
        using var folder = new ScratchFolder();
        await using var relay = await StartAsync(folder, $"nameserver {Server}\n");
        await using var ipv4 = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        var first = await client.OpenUdpAsync(connection, $"late.test:{Port(ipv4.Name)}");
        await first.EchoAsync(1);
        Assert.Contains(EgressWorld.TargetIPv4, await first.Signals.Answer, StringComparison.Ordinal);

        names.Answer(NameServer.Aaaa, EgressWorld.TargetIPv6);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var began = Stopwatch.StartNew(); ;)
        {
            var answer = await (await client.OpenUdpAsync(connection, $"late.test:{Port(ipv4.Name)}")).Signals.Answer;
            if (answer.Contains(EgressWorld.TargetIPv6, StringComparison.Ordinal))
                return;
            Assert.True(began.Elapsed < Limits.Exchange, answer);
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Nothing_Answered_IsATimeoutWithoutARcode()
    {
        // The resolver gives up before the relay does, and says no more than "temporary failure".
        using var names = NameServer.Start(World.Router, Server);
        using var folder = new ScratchFolder();
        await using var relay = await StartAsync(folder, $"nameserver {Server}\noptions timeout:1 attempts:1\n");
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        await AssertTimeoutAsync(client, connection, "silent.test:443");
        Assert.Contains(names.Asked, asked => asked is ("silent.test", NameServer.A));
        Assert.Contains(names.Asked, asked => asked is ("silent.test", NameServer.Aaaa));
    }

    // A name that is known not to have IPv4 addresses may have IPv6 ones.
    [Fact]
    public async Task Aaaa_NeverAnswered_AndNoIPv4Address_IsATimeout()
    {
        using var names = NameServer.Start(World.Router, Server);
        names.Answer(NameServer.A, null);
        using var folder = new ScratchFolder();
        await using var relay = await StartAsync(folder, $"nameserver {Server}\noptions timeout:1 attempts:1\n");
        using var client = StartClient();
        await AssertTimeoutAsync(client, await client.ConnectAsync(), "half.test:443");
    }

    private static async Task AssertTimeoutAsync(RelayClient client, ClientConnection connection, string target)
    {
        var answer = await (await client.RequestTcpAsync(connection, target)).Signals.Answer;
        Assert.StartsWith("status 504;", answer, StringComparison.Ordinal);
        Assert.Contains("error=dns_timeout", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("rcode", answer, StringComparison.Ordinal);
    }

    /// <summary>
    /// A relay that would give up on names, and on connections, after the time of all other waits, reaches new names.
    /// </summary>
    private async Task AssertReachedAsync(NameServer names, string address, params string[] options)
    {
        using var folder = new ScratchFolder();
        await using var relay = await StartAsync(folder, $"nameserver {Server}\noptions timeout:30\n",
            ["--connect-timeout-secs", "600", .. options]);
        await using var udp = UdpTarget.BindEcho(World.Router, address);
        using var tcp = TcpTarget.Listen(World.Router, address);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        var tunnel = await client.OpenUdpAsync(connection, $"one.test:{Port(udp.Name)}");
        await tunnel.EchoAsync(1);
        var stream = await client.OpenTcpAsync(connection, $"two.test:{Port(tcp.Name)}");
        Assert.Contains(address, await stream.Signals.Answer, StringComparison.Ordinal);
        Assert.Equal(["one.test", "two.test"], names.Asked.Select(asked => asked.Name).Distinct().Order());
    }

    private Task<ChildProcess> StartAsync(ScratchFolder folder, string resolver, params string[] options) =>
        RelayProgram.StartAsync(World.Host, PrivateResolver.Wrap(folder, resolver, RelayProgram.Command(folder, options)));

    private static int Port(string target) => IPEndPoint.Parse(target).Port;
}
