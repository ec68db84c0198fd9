using System.Net.Sockets;
using System.Text;
using Relay.Fleet.Contract;
using Relay.Node.Counters;
using Relay.Node.Egress;
using Relay.Node.Io;
using Relay.Node.Targets;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Egress;

/// <summary>
/// Connections to real sockets by a loop that does not turn: the test sets its clock and fires its timers.
/// </summary>
public sealed class TcpConnectTests : IDisposable
{
    private const ulong Second = 1_000_000_000;
    private const ulong Timeout = 10 * Second;

    private readonly EventLoop _loop = new(0, RelayHistograms.Off);
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);
    private readonly TcpClient _first = new();
    private readonly NextHopObserver<ITcpFlow> _observer = new();
    private readonly ulong _start;
    private readonly int _port;

    public TcpConnectTests()
    {
        // Whoever takes the only place in the queue: the kernel answers nobody else.
        _silent.Start(backlog: 0);
        _port = ((IPEndPoint)_silent.LocalEndpoint).Port;
        _first.Connect(IPAddress.Loopback, _port);
        _start = _loop.Now;
    }

    public void Dispose()
    {
        _first.Dispose();
        _silent.Dispose();
        _loop.Dispose();
    }

    [Fact]
    public void Target_ThatDoesNotAnswer_TimesOutAfterTheWholeTimeAndNotBefore()
    {
        Open($"127.0.0.1:{_port}");
        GoTo(Timeout - 1);
        Assert.Null(_observer.Failure);
        GoTo(Timeout);
        Assert.Equal(new ConnectFailure(ProxyErrorType.ConnectionTimeout, $"127.0.0.1:{_port}"), _observer.Failure);
        Assert.Equal(0, _loop.Timers.Count);
    }

    [Fact]
    public void Target_ThatNobodyWaitsForAnyMore_IsGivenUpWithoutAWord()
    {
        Open($"127.0.0.1:{_port}");
        _observer.IsGone = true;
        GoTo(Second);
        Assert.False(_observer.NextHop.IsCompleted);
        Assert.Equal(0, _loop.Timers.Count);
    }

    [Fact]
    public void Target_ThatHasAnswered_ButWhomNobodyWaitsFor_IsReset_SoThatItsPortIsFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Open(listener.LocalEndpoint.ToString()!);
        using var accepted = listener.AcceptSocket();
        _observer.IsGone = true;
        GoTo(Second);
        var failed = Assert.Throws<SocketException>(() => accepted.Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, failed.SocketErrorCode);
    }

    [Fact]
    public void NextAddress_IsTriedAfterTheAttemptDelay()
    {
        using var next = new TcpListener(IPAddress.Parse("127.0.0.2"), _port);
        next.Start();
        Open($"target.test:{_port}");
        // RFC 8305 §5: "Connection Attempt Delay … recommended … 250 milliseconds".
        GoTo((Second / 4) - 1);
        Assert.False(next.Pending());
        GoTo(Second / 4);
        Assert.True(next.Server.Poll(TimeSpan.FromMinutes(5), SelectMode.SelectRead));
        GoTo(Timeout);
        Assert.Equal(ProxyErrorType.ConnectionTimeout, _observer.Failure?.Error);
    }

    /// <summary>A lease's end finds what is on its way, whatever one of them throws.</summary>
    [Fact]
    public void Lease_ThatEnds_EndsEachConnectionOnItsWayFromIt()
    {
        var egress = new EgressState(new EgressConfig(), needsLease: true, static _ => { }, TimeProvider.System);
        var lease = new EgressLease(Prefix.Parse("127.0.1.0/24"), long.MaxValue);
        egress.Offer(lease);
        var connector = TestConnector.Create(_loop, Timeout, ["127.0.0.0/8"], Addresses, egress);
        var observers = Enumerable.Range(0, 3)
            .Select(static index => new NextHopObserver<ITcpFlow> { Fault = index == 1 ? null : new InvalidOperationException() }).ToArray();
        foreach (var observer in observers)
            connector.OpenTcp(Authority($"127.0.0.1:{_port}"), new EgressSession(), observer);
        connector.EndConnecting(new EgressLease(Prefix.Parse("127.0.2.0/24"), long.MaxValue));
        Assert.All(observers, static observer => Assert.True(observer.IsWaiting));
        connector.EndConnecting(lease);
        Assert.All(observers, static observer =>
        {
            Assert.Equal(ConnectFailure.Limit(RefusalDetails.NoEgressLease), observer.Failure);
            Exception[] thrown = observer.Fault is null ? [] : [observer.Fault];
            Assert.Equal(thrown, observer.Defects);
        });
        Assert.Equal(0, _loop.Timers.Count);
    }

    private void Open(string authority) =>
        TestConnector.Create(_loop, Timeout, ["127.0.0.0/8"], Addresses)
            .OpenTcp(Authority(authority), new EgressSession(), _observer);

    private static TargetAuthority Authority(string text)
    {
        Assert.True(TargetAuthority.TryParse(Encoding.ASCII.GetBytes(text), out var target));
        return target;
    }

    private void GoTo(ulong time)
    {
        _loop.Now = _start + time;
        _loop.Timers.Fire(_loop.Now);
    }

    private static Task<ResolveResult> Addresses(AddressFamily family) =>
        Task.FromResult(ResolveResult.Found(family == AddressFamily.InterNetwork
            ? [IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.0.0.2")] : []));
}
