using System.Net.Sockets;
using Relay.Node.Egress;
using Relay.Node.Targets;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Egress;

/// <summary>
/// A name whose IPv6 address is known at once and of no use, and whose IPv4 address comes later, on a loop that turns.
/// </summary>
public sealed class LateAddressTests : IDisposable
{
    private const string Allowed = "127.0.0.0/8";

    private readonly RunningLoop _running = new();
    private readonly TaskCompletionSource<ResolveResult> _late = new();

    public void Dispose() => _running.Dispose();

    [Fact]
    public async Task Tcp_FirstAddressIsUnroutable_TheLateOneIsConnectedTo()
    {
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        var port = ((IPEndPoint)target.LocalEndpoint).Port;
        // Without an interface the kernel knows no way to it.
        var observer = Open<ITcpFlow>(port, connector => connector.OpenTcp, Allowed, "fe80::/10");
        await TurnAsync();
        Assert.True(observer.IsWaiting);
        AnswerLate("127.0.0.1");
        Assert.Equal($"127.0.0.1:{port}", await EndAsync(observer));
    }

    [Fact]
    public async Task Tcp_FirstAddressIsProhibited_TheLateOneIsConnectedTo()
    {
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        var port = ((IPEndPoint)target.LocalEndpoint).Port;
        var observer = Open<ITcpFlow>(port, connector => connector.OpenTcp, Allowed);
        await TurnAsync();
        Assert.True(observer.IsWaiting);
        AnswerLate("127.0.0.1");
        Assert.Equal($"127.0.0.1:{port}", await EndAsync(observer));
    }

    [Fact]
    public async Task Udp_FirstAddressIsProhibited_TheLateOneIsConnectedTo()
    {
        var observer = Open<IUdpFlow>(9, connector => connector.OpenUdp, Allowed);
        await TurnAsync();
        Assert.True(observer.IsWaiting);
        AnswerLate("127.0.0.1");
        Assert.Equal("127.0.0.1:9", await EndAsync(observer));
    }

    [Fact]
    public async Task FirstAddressIsProhibited_AndThereIsNoOther_IsProhibited()
    {
        var tcp = Open<ITcpFlow>(9, connector => connector.OpenTcp, Allowed);
        var udp = Open<IUdpFlow>(9, connector => connector.OpenUdp, Allowed);
        AnswerLate();
        await EndAsync(tcp);
        await EndAsync(udp);
        Assert.Equal(ProxyErrorType.DestinationIpProhibited, tcp.Failure?.Error);
        Assert.Equal(ProxyErrorType.DestinationIpProhibited, udp.Failure?.Error);
    }

    private delegate void Opener<TFlow>(
        TargetAuthority target, EgressSession session, IConnectObserver<TFlow> observer);

    private NextHopObserver<TFlow> Open<TFlow>(
        int port, Func<TargetConnector, Opener<TFlow>> how, params string[] allowed)
    {
        var policy = new TargetPolicy([.. allowed.Select(TargetRule.Parse)], [], [], []);
        var egress = new EgressState(new EgressConfig(), needsLease: false, static _ => { }, TimeProvider.System);
        var connector = new TargetConnector(_running.Loop, new Resolver(_late.Task), () => policy, egress, 600_000_000_000);
        var observer = new NextHopObserver<TFlow>();
        _running.Loop.Post(() => how(connector)(new TargetAuthority("name.test", port), new EgressSession(), observer));
        return observer;
    }

    private void AnswerLate(params string[] addresses) =>
        _late.SetResult(ResolveResult.Found(addresses.Select(IPAddress.Parse)));

    /// <summary>What was posted has been done.</summary>
    private Task TurnAsync()
    {
        var turned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running.Loop.Post(turned.SetResult);
        return turned.Task;
    }

    private static Task<string?> EndAsync<TFlow>(NextHopObserver<TFlow> observer) =>
        observer.NextHop.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    private sealed class Resolver(Task<ResolveResult> late) : ITargetResolver
    {
        public ValueTask<ResolveResult> ResolveAsync(
            string host, AddressFamily family, ulong source, CancellationToken cancellationToken) =>
            family == AddressFamily.InterNetwork
                ? new(late) : ValueTask.FromResult(ResolveResult.Found([IPAddress.Parse("fe80::1")]));
    }
}
