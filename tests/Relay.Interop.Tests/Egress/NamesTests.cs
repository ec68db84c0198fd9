using System.Net.Sockets;
using Relay.Interop.Tests.Egress.World;
using Relay.Node.Targets;

namespace Relay.Interop.Tests.Egress;

/// <summary>Names: resolved off the loop and once, and what they resolve to is what the policy judges.</summary>
public sealed class NamesTests : EgressTests
{
    [Fact]
    public async Task Resolver_ThatHangs_HoldsUpNobodyElseOfTheLoop()
    {
        await using var udp = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        using var tcp = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv4);
        var resolver = new Resolver();
        // One loop: what blocked it would block all.
        using var relay = RelayInNamespace.Start(World.Host, [], resolver: resolver);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        var waiting = await client.RequestTcpAsync(connection, $"target.test:{IPEndPoint.Parse(tcp.Name).Port}");
        await WaitUntilAsync(() => resolver.Asked == 1, () => "the resolver was not asked");

        var other = await client.OpenUdpAsync(connection, udp.Name);
        for (var i = 0; i < 100; i++)
            await other.EchoAsync((byte)i);
        await (await client.OpenUdpAsync(await client.ConnectAsync(), udp.Name)).EchoAsync(1);
        Assert.False(waiting.Signals.IsAnswered);

        resolver.Answer(EgressWorld.TargetIPv4);
        Assert.StartsWith("status 200;", await waiting.Signals.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolver_ThatHangs_IsGivenUpInTime()
    {
        var resolver = new TargetResolver(
            static (_, _) => new TaskCompletionSource<IPAddress[]>().Task,
            TargetResolverLimits.Default with { Timeout = TimeSpan.FromSeconds(1) }, TimeProvider.System);
        using var relay = RelayInNamespace.Start(World.Host, [], resolver: resolver);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        foreach (var answer in (string[])
        [
            await (await client.RequestTcpAsync(connection, "target.test:80")).Signals.Answer,
            await (await client.RequestUdpAsync(connection, "target.test:53")).Signals.Answer,
        ])
        {
            Assert.StartsWith("status 504;", answer, StringComparison.Ordinal);
            Assert.Contains("error=dns_timeout", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("203.0.113.10")] // the relay's own
    public async Task Name_OfAProhibitedAddress_IsRefused_AndOfAnAllowedOneBesideReachedThere(string prohibited)
    {
        await using var udp = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        var port = IPEndPoint.Parse(udp.Name).Port;
        var resolver = new Resolver();
        using var relay = RelayInNamespace.Start(World.Host, [], resolver: resolver);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        resolver.Answer(prohibited);
        foreach (var answer in (string[])
        [
            await (await client.RequestTcpAsync(connection, "target.test:80")).Signals.Answer,
            await (await client.RequestUdpAsync(connection, "target.test:53")).Signals.Answer,
        ])
        {
            Assert.StartsWith("status 403;", answer, StringComparison.Ordinal);
            Assert.Contains("error=destination_ip_prohibited", answer, StringComparison.Ordinal);
        }

        resolver.Answer(prohibited, EgressWorld.TargetIPv4);
        var tunnel = await client.OpenUdpAsync(connection, $"target.test:{port}");
        await tunnel.EchoAsync(1);
        Assert.Contains(EgressWorld.TargetIPv4, await tunnel.Signals.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_ThatChangesItsMind_IsAskedOnce_AndWhatWasJudgedIsConnectedTo()
    {
        await using var udp = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        using var tcp = TcpTarget.Listen(World.Router, EgressWorld.TargetIPv4);
        var resolver = new Resolver();
        using var relay = RelayInNamespace.Start(World.Host, [], resolver: resolver);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        // DNS rebinding: a name that is harmless when it is looked at, and then is not.
        resolver.AnswerOnce(EgressWorld.TargetIPv4, "127.0.0.1");
        _ = await client.OpenTcpAsync(connection, $"target.test:{IPEndPoint.Parse(tcp.Name).Port}");
        Assert.Equal(1, resolver.Asked);
        using var accepted = await tcp.AcceptAsync();
        Assert.StartsWith(
            "status 403;", await (await client.RequestTcpAsync(connection, "target.test:80")).Signals.Answer,
            StringComparison.Ordinal);
        resolver.AnswerOnce(EgressWorld.TargetIPv4, "127.0.0.1");
        await (await client.OpenUdpAsync(connection, $"target.test:{IPEndPoint.Parse(udp.Name).Port}")).EchoAsync(1);
        Assert.Equal(3, resolver.Asked);
    }

    /// <summary>Answers when, and what, the test says, to the question for IPv4.</summary>
    private sealed class Resolver : ITargetResolver
    {
        private readonly Lock _gate = new();
        private readonly Queue<TaskCompletionSource<ResolveResult>> _waiting = new();
        private ResolveResult? _once;
        private ResolveResult? _answer;
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ValueTask<ResolveResult> ResolveAsync(
            string host, AddressFamily family, ulong source, CancellationToken cancellationToken)
        {
            if (family == AddressFamily.InterNetworkV6)
                return ValueTask.FromResult(ResolveResult.NotFound);
            Interlocked.Increment(ref _asked);
            lock (_gate)
            {
                if ((_once ?? _answer) is { } answer)
                {
                    _once = null;
                    return ValueTask.FromResult(answer);
                }
                var waiting =
                    new TaskCompletionSource<ResolveResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(waiting);
                return new ValueTask<ResolveResult>(waiting.Task);
            }
        }

        /// <summary>Whoever waits, and everybody from now on, gets these.</summary>
        public void Answer(params string[] addresses)
        {
            lock (_gate)
            {
                _answer = Of(addresses);
                while (_waiting.TryDequeue(out var waiting))
                    waiting.SetResult(_answer);
            }
        }

        /// <summary>The next one gets one address, and everybody after that the other.</summary>
        public void AnswerOnce(string first, string later)
        {
            lock (_gate)
                (_once, _answer) = (Of(first), Of(later));
        }

        private static ResolveResult Of(params string[] addresses) =>
            ResolveResult.Found(addresses.Select(IPAddress.Parse));
    }
}
