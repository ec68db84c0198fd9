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

    // Without an interface the kernel knows no way to it.
    [Fact]
    public Task Tcp_FirstAddressIsUnroutable_TheLateOneIsConnectedTo() => AssertLateIsConnectedToAsync(Allowed, "fe80::/10");

    [Fact]
    public Task Tcp_FirstAddressIsProhibited_TheLateOneIsConnectedTo() => AssertLateIsConnectedToAsync(Allowed);

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

    private async Task AssertLateIsConnectedToAsync(params string[] allowed)
    {
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        var port = ((IPEndPoint)target.LocalEndpoint).Port;
        var observer = Open<ITcpFlow>(port, connector => connector.OpenTcp, allowed);
        await TurnAsync();
        Assert.True(observer.IsWaiting);
        AnswerLate("127.0.0.1");
        Assert.Equal($"127.0.0.1:{port}", await EndAsync(observer));
    }

    private delegate void Opener<TFlow>(
        TargetAuthority target, EgressSession session, IConnectObserver<TFlow> observer);

    private NextHopObserver<TFlow> Open<TFlow>(
        int port, Func<TargetConnector, Opener<TFlow>> how, params string[] allowed)
    {
        var connector = TestConnector.Create(
            _running.Loop, timeout: 600_000_000_000, allowed, family => family == AddressFamily.InterNetwork
                ? _late.Task : Task.FromResult(ResolveResult.Found([IPAddress.Parse("fe80::1")])));
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
}
