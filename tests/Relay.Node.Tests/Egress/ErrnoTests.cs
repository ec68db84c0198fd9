using System.Net.Sockets;
using System.Text;
using Relay.Native.Linux;
using Relay.Node.Counters;
using Relay.Node.Egress;
using Relay.Node.Io;
using Relay.Node.Server;
using Relay.Node.Targets;
using Relay.Node.Tunnels;
using Relay.Protocol;
using Relay.Testing.Faults;

namespace Relay.Node.Tests.Egress;

/// <summary>
/// What becomes of each error of a system call: those of connect, send and receive toward targets, and of accept and receive toward
/// clients. The sockets are real, and the kernel fails the calls of the test's own thread.
/// </summary>
public sealed class ErrnoTests : IDisposable
{
    private const ulong Second = 1_000_000_000;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly UdpClient _target = new(new IPEndPoint(IPAddress.Loopback, 0));
    private IPEndPoint? _anyone;

    public ErrnoTests() => _listener.Start();

    /// <summary>Errors of a connected socket that tell that nobody is there, or that it is of no more use.</summary>
    public static TheoryData<int> Fatal =>
    [
        Errno.ECONNREFUSED, Errno.ECONNRESET, Errno.EHOSTUNREACH, Errno.ENETUNREACH, Errno.EHOSTDOWN, Errno.ENETDOWN,
        Errno.ENONET, Errno.ETIMEDOUT, Errno.EACCES, Errno.EINVAL, Errno.EPROTO, Errno.ENOPROTOOPT, Errno.EOPNOTSUPP, Errno.EPIPE,
        Errno.ENOTCONN, Errno.EBADF, Errno.EIO,
    ];

    /// <summary>Errors of one send: a full queue, no memory, a firewall, a datagram that is too large.</summary>
    public static TheoryData<int> Passing => [Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM, Errno.EPERM, Errno.EMSGSIZE];

    public void Dispose()
    {
        _listener.Dispose();
        _target.Dispose();
    }

    [Theory]
    [ClassData(typeof(ConnectErrnos))]
    public void Connect_OfTcp_IsToldAsItIs(int errno, string error, int _) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        calls.Begin(SystemCall.Connect, errno);
        world.OpenTcp(_listener.LocalEndpoint);
        Assert.Equal((error, $"{_listener.LocalEndpoint}"), world.Failure);
    });

    // The kernel says it later (SO_ERROR), as of an answer from the network.
    [Theory]
    [ClassData(typeof(ConnectErrnos))]
    public void Connect_OfTcp_ThatFailsLater_IsToldAsItIs(int errno, string error, int _) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        calls.Begin(SystemCall.GetSockOpt, errno);
        world.OpenTcp(_listener.LocalEndpoint);
        world.Turn();
        Assert.Equal((error, $"{_listener.LocalEndpoint}"), world.Failure);
    });

    [Theory]
    [ClassData(typeof(ConnectErrnos))]
    public void Connect_OfUdp_IsToldAsItIs(int errno, string error, int _) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        calls.Begin(SystemCall.Connect, errno);
        world.OpenUdp(_target);
        Assert.Equal((error, $"{_target.Client.LocalEndPoint}"), world.Failure);
    });

    // Of IPv6 connect(2) says the same where the machine has no address of it, unless it was given one.
    [Theory]
    [InlineData(null, ProxyErrorType.DestinationIpUnroutable)]
    [InlineData("[2001:db8::1]:0", ProxyErrorType.ConnectionLimitReached)]
    public void Ports_OfIPv6_AreUsedUp_WhereTheSourceIsGiven(string? source, ProxyErrorType error) => Assert.Equal(
        error, TargetConnector.FailureOf(
            Errno.EADDRNOTAVAIL, IPEndPoint.Parse("[2001:db8:80::1]:443"), source is null ? null : IPEndPoint.Parse(source)).Error);

    [Theory]
    [InlineData(SystemCall.Socket, Errno.EMFILE, "open files of the node")]
    [InlineData(SystemCall.Socket, Errno.ENFILE, "open files of the node")]
    [InlineData(SystemCall.Socket, Errno.ENOBUFS, "memory of the node")]
    [InlineData(SystemCall.Socket, Errno.ENOMEM, "memory of the node")]
    [InlineData(SystemCall.EpollCtl, Errno.ENOSPC, "open files of the node")]
    [InlineData(SystemCall.EpollCtl, Errno.ENOMEM, "memory of the node")]
    public void Machine_ThatHasNoMore_IsALimit_AndNothingIsLeftOpen(SystemCall call, int errno, string details) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        calls.Begin(call, errno);
        world.OpenTcp(_listener.LocalEndpoint);
        Assert.Equal($"connection_limit_reached; details=\"{details}\"", world.Failure?.Error);
        _ = world.OpenUdp(_target);
        Assert.Equal($"connection_limit_reached; details=\"{details}\"", world.Failure?.Error);
        Assert.False(IsConnectedToTarget());
    });

    [Fact]
    public void Connect_ThatASignalInterrupts_GoesOn() => FailingCalls.Run(calls =>
    {
        using var world = new World();
        calls.Begin(SystemCall.Connect, Errno.EINTR);
        world.OpenTcp(_listener.LocalEndpoint);
        Assert.Null(world.Failure);
    });

    [Theory]
    [MemberData(nameof(Fatal))]
    public void Send_OfUdp_ThatSaysNobodyIsThere_EndsTheTunnelOnce(int errno) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        var flow = world.OpenUdp(_target)!;
        calls.Begin(SystemCall.SendTo, errno);
        calls.Begin(SystemCall.SendMMsg, errno);
        world.Send(flow, 1);
        Assert.Equal([errno], world.Failed);
        world.Send(flow, 3);
        Assert.Equal([errno, errno], world.Failed);
        Assert.Equal((4, 0), (world.Loop.Counters.UpstreamDropsBlocked, world.Loop.Counters.UpstreamDropsTooLarge));
    });

    /// <summary>What is done at a failure may fail itself.</summary>
    [Fact]
    public void Send_OfUdp_WhoseOwnerThrows_IsSentOnce_AndItsSocketIsClosed() => FailingCalls.Run(calls =>
    {
        using var world = new World { Fault = new InvalidOperationException() };
        var flow = world.OpenUdp(_target)!;
        Assert.True(IsConnectedToTarget());
        calls.Begin(SystemCall.SendTo, Errno.ECONNREFUSED);
        world.Send(flow, 1);
        Assert.Same(world.Fault, Assert.Single(world.Defects));
        flow.Close();
        Assert.False(IsConnectedToTarget());
        world.Loop.Flush();
        Assert.Equal(1, world.Loop.Counters.UpstreamDropsBlocked);
    });

    /// <summary>What a client has sent before its tunnel's end goes on, whether it can be sent or not.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(Errno.ECONNREFUSED)]
    public void Send_OfUdp_BeforeItsEnd_IsDone_AndItsSocketIsClosedThen(int errno) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        var flow = world.OpenUdp(_target)!;
        if (errno != 0)
            calls.Begin(SystemCall.SendTo, errno);
        flow.Send([1, 2, 3]);
        flow.Close();
        Assert.True(IsConnectedToTarget());
        world.Loop.Flush();
        Assert.False(IsConnectedToTarget());
        Assert.Equal((errno == 0 ? 0 : 1, 0), (world.Loop.Counters.UpstreamDropsBlocked, world.Failed.Count));
        if (errno == 0)
            Assert.Equal([1, 2, 3], _target.Receive(ref _anyone));
    });

    [Theory]
    [MemberData(nameof(Passing))]
    public void Send_OfUdp_ThatMayGoWellLater_CostsItsDatagramsAlone(int errno) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        var flow = world.OpenUdp(_target)!;
        calls.Begin(SystemCall.SendTo, errno);
        calls.Begin(SystemCall.SendMMsg, errno);
        world.Send(flow, 1);
        world.Send(flow, 3);
        Assert.Empty(world.Failed);
        Assert.Equal(
            errno == Errno.EMSGSIZE ? (0, 4) : (4, 0),
            (world.Loop.Counters.UpstreamDropsBlocked, world.Loop.Counters.UpstreamDropsTooLarge));
    });

    [Theory]
    [MemberData(nameof(Fatal))]
    public void Receive_OfUdp_ThatSaysNobodyIsThere_EndsTheTunnel(int errno) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        var flow = world.OpenUdp(_target)!;
        calls.Begin(SystemCall.RecvMMsg, errno);
        Assert.False(flow.TryPeek(out _));
        Assert.Equal([errno], world.Failed);
    });

    // One such error is of a datagram that was sent before; a socket that has nothing else to say is of no more use, and the
    // loop must not ask it for ever.
    [Theory]
    [InlineData(Errno.ENOBUFS)]
    [InlineData(Errno.ENOMEM)]
    [InlineData(Errno.EPERM)]
    [InlineData(Errno.EMSGSIZE)]
    public void Receive_OfUdp_ThatOnlyFails_ComesToAnEnd(int errno) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        var flow = world.OpenUdp(_target)!;
        calls.Begin(SystemCall.RecvMMsg, errno);
        Assert.False(flow.TryPeek(out _));
        Assert.Equal([errno], world.Failed);
    });

    [Fact]
    public void Receive_OfUdp_ThatHasNothing_IsNoFailure() => FailingCalls.Run(calls =>
    {
        using var world = new World();
        var flow = world.OpenUdp(_target)!;
        calls.Begin(SystemCall.RecvMMsg, Errno.EAGAIN);
        Assert.False(flow.TryPeek(out _));
        Assert.Empty(world.Failed);
    });

    [Theory]
    [MemberData(nameof(Fatal))]
    [InlineData(Errno.EAGAIN)]
    public void SendAndReceive_OfTcp_AreToldAsTheyAre(int errno) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        world.OpenTcp(_listener.LocalEndpoint);
        world.Turn();
        var flow = world.Tcp!;
        calls.Begin(SystemCall.RecvFrom, errno);
        calls.Begin(SystemCall.SendTo, errno);
        calls.Begin(SystemCall.SendMsg, errno);
        Assert.Equal(-errno, flow.Receive(new byte[10]));
        flow.BeginSending(world, default);
        flow.Enqueue(new byte[10]);
        Assert.Equal(-errno, flow.Send(int.MaxValue));
        flow.Enqueue(new byte[200_000]);
        Assert.Equal(-errno, flow.Send(int.MaxValue));
        Assert.Equal(200_010, flow.Waiting);
        flow.Abort();
    });

    // accept(2): errors of the machine, of the network below a connection that was not accepted yet, and of a firewall.
    [Theory]
    [InlineData(Errno.EMFILE)]
    [InlineData(Errno.ENFILE)]
    [InlineData(Errno.ENOBUFS)]
    [InlineData(Errno.ENOMEM)]
    [InlineData(Errno.ECONNABORTED)]
    [InlineData(Errno.EPERM)]
    [InlineData(Errno.EPROTO)]
    [InlineData(Errno.ENETDOWN)]
    [InlineData(Errno.ENOPROTOOPT)]
    [InlineData(Errno.EHOSTDOWN)]
    [InlineData(Errno.ENONET)]
    [InlineData(Errno.EHOSTUNREACH)]
    [InlineData(Errno.EOPNOTSUPP)]
    [InlineData(Errno.ENETUNREACH)]
    [InlineData(Errno.EINVAL)]
    public void Accept_ThatOnlyFails_IsTriedAgainAfterAPause(int errno) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        var accepted = 0;
        using var listener = new StreamListener(
            world.Loop, StreamSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0)), socket =>
            {
                accepted++;
                socket.Dispose();
            });
        calls.Begin(SystemCall.Accept4, errno);
        Assert.False(listener.Accept(new TurnShare(new FakeLoop(new Simulation()))));
        Assert.False(listener.IsReady);
        world.Loop.Timers.Fire(world.Loop.Now + Second);
        Assert.True(listener.IsReady);
        Assert.Equal(0, accepted);
    });

    // recvmmsg(2): what is the socket's own, and not of one packet, would be told for ever.
    [Theory]
    [MemberData(nameof(Fatal))]
    [InlineData(Errno.ENOBUFS)]
    [InlineData(Errno.ENOMEM)]
    [InlineData(Errno.EPERM)]
    [InlineData(Errno.EMSGSIZE)]
    public void Receive_OfClients_ThatOnlyFails_IsTriedAgainAfterAPause(int errno) => FailingCalls.Run(calls =>
    {
        using var world = new World();
        using var network = new Network();
        var node = network.Node;
        using var listener = new Listener(
            world.Loop, node.Http3, node.State, node.Connections, new ConnectionTable(world.Loop),
            DatagramSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), new DatagramSocketOptions()), new DatagramBatch());
        calls.Begin(SystemCall.RecvMMsg, errno);
        for (var again = 0; again < 2; again++)
        {
            // Packets may wait behind an error.
            Assert.True(listener.Receive());
            for (var turns = 0; listener.Receive(); turns++)
                Assert.InRange(turns, 0, 10);
            Assert.False(listener.Receive());
            world.Loop.Timers.Fire(world.Loop.Now + Second);
        }
        // As soon as it works there is nothing to be tried again.
        calls.Begin(SystemCall.RecvMMsg, Errno.EAGAIN);
        Assert.False(listener.Receive());
        Assert.Equal(0, world.Loop.Timers.Count);
    });

    /// <summary>Whether the kernel has a socket of this network that is connected to the target.</summary>
    private bool IsConnectedToTarget() => File.ReadLines("/proc/thread-self/net/udp").Any(
        line => line.Contains($":{((IPEndPoint)_target.Client.LocalEndPoint!).Port:X4} 01 ", StringComparison.Ordinal));

    /// <summary>A loop that turns only when told, and who waits for targets.</summary>
    private sealed class World : IConnectObserver<ITcpFlow>, IConnectObserver<IUdpFlow>, ITcpSender, IDisposable
    {
        private readonly TargetConnector _connector;
        private IUdpFlow? _udp;

        public World()
        {
            var policy = new TargetPolicy([TargetRule.Parse("127.0.0.0/8")], [], [], []);
            var egress = new EgressState(new EgressConfig(), needsLease: false, static _ => { }, TimeProvider.System);
            _connector = new TargetConnector(Loop, new NoResolver(), () => policy, egress, 10 * Second);
        }

        public EventLoop Loop { get; } = new(0, RelayHistograms.Off);

        public (string Error, string? NextHop)? Failure { get; private set; }

        public ITcpFlow? Tcp { get; private set; }

        /// <summary>Errors after which a socket is of no more use, in order.</summary>
        public List<int> Failed { get; } = [];

        /// <summary>What the next of them throws.</summary>
        public Exception? Fault { get; init; }

        public List<Exception> Defects { get; } = [];

        public bool IsWaiting => true;

        public void OpenTcp(EndPoint target) => _connector.OpenTcp(Authority(target), new EgressSession(), this);

        public IUdpFlow? OpenUdp(UdpClient target)
        {
            _connector.OpenUdp(Authority(target.Client.LocalEndPoint!), new EgressSession(), this);
            return _udp;
        }

        /// <summary>Turns until the target has answered, in whatever way.</summary>
        public void Turn() => Loop.Run();

        public void Send(IUdpFlow flow, int count)
        {
            for (var i = 0; i < count; i++)
                flow.Send(new byte[100]);
            Loop.Flush();
        }

        public void OnStep(SetUpStep step)
        {
        }

        public void OnConnected(ITcpFlow flow, string nextHop)
        {
            Tcp = flow;
            Loop.Stop();
        }

        public void OnConnected(IUdpFlow flow, string nextHop) => _udp = flow;

        public void OnConnectFailed(ConnectFailure failure)
        {
            // As it is written after "relay-node; error=".
            Failure = (ProxyStatus.Format(error: failure.Error, details: failure.Details).Split("error=")[1], failure.NextHop);
            Loop.Stop();
        }

        public void OnDefect(Exception exception) => Defects.Add(exception);

        public void OnReadable()
        {
        }

        public void OnFailed(int errno)
        {
            if (Fault is not null)
                throw Fault;
            Failed.Add(errno);
        }

        public void OnFlush()
        {
        }

        public void Dispose()
        {
            _udp?.Close();
            Tcp?.Abort();
            Loop.Dispose();
            Assert.All(Defects, defect => Assert.Same(Fault, defect));
        }

        private static TargetAuthority Authority(EndPoint target)
        {
            Assert.True(TargetAuthority.TryParse(Encoding.ASCII.GetBytes($"{target}"), out var authority));
            return authority;
        }
    }

    private sealed class NoResolver : ITargetResolver
    {
        public ValueTask<ResolveResult> ResolveAsync(
            string host, AddressFamily family, ulong source, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("every target is an address");
    }
}
