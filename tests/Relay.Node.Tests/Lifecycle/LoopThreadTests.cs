using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Hosting;
using Relay.Node.Http;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Node.Server;
using Relay.Node.Streams;
using Relay.Node.Tests.Egress;
using Relay.Node.Tests.Http;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Lifecycle;

/// <summary>What is done on a loop for all that it has, and for whoever waits for it, is done whatever one of them throws.</summary>
public sealed class LoopThreadTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<FakeCarrier> _carriers = [];
    private readonly LoopThread _thread;
    private int _reports;

    public LoopThreadTests()
    {
        var loop = new EventLoop(0, RelayHistograms.Off) { WhenOutOfMemory = _ => _reports++ };
        var sessions = new SessionRegistry();
        var limits = new TunnelLimits(100, 100, sessions, egress: null);
        var connector = TestConnector.Create(loop, Time.Seconds(10), []);
        var context = new ConnectionContext(
            new LoopTunnels(loop, static _ => { }) { Unanswered = new() }, connector,
            new ConnectionTimeouts(
                Time.Seconds(600), Time.Seconds(120), new TcpTunnelTimeouts(Time.Seconds(30), Time.Seconds(10))))
        {
            Limits = limits,
            Sessions = sessions,
            Authenticator = new Authenticator(null, new ManualQueue(), TimeProvider.System),
            MaxFieldSection = 1000,
        };
        var state = new ServerState(1, new ServerIdentity(TestIdentity.Server), new ConnectionLimits(100, 100)) { Limits = limits };
        _thread = new LoopThread(
            loop, new Http3Context(context, new QuicParameters { StaticSecret = InMemoryNode.Secret }),
            new LoopConnections(loop, 0, state), (_, exception) => _failed.SetResult(exception))
        {
            Connector = connector,
        };
    }

    public void Dispose()
    {
        _thread.Dispose();
        _carriers.ForEach(static carrier => carrier.Dispose());
    }

    [Fact]
    public async Task Action_WithoutMemory_IsDoneInALaterTurn_AndWhoeverWaitsHearsOfIt()
    {
        _thread.Start();
        var tries = 0;
        await WithinPatience(_thread.RunAsync(_ =>
        {
            if (++tries < 3)
                throw new OutOfMemoryException();
        }));
        Assert.Equal(3, tries);
        Assert.InRange(_reports, 1, 2);
        Assert.False(_failed.Task.IsCompleted);
    }

    [Fact]
    public async Task Action_ThatThrows_EndsTheLoop_AndNobodyWaits()
    {
        _thread.Start();
        await WithinPatience(_thread.RunAsync(static _ => throw new InvalidOperationException()));
        await WithinPatience(_thread.RunAsync(static _ => { }));
        Assert.IsType<InvalidOperationException>(await _failed.Task);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task End_ThatOneConnectionFails_IsTheOthersAllTheSame(bool memory)
    {
        Exception fault = memory ? new OutOfMemoryException() : new InvalidOperationException();
        var (first, faulty, last) = (Add(), Add(), Add());
        (faulty.ShutdownFault, faulty.DisposeFault) = (fault, fault);
        _thread.Start();
        await WithinPatience(_thread.EndAsync(CancellationToken.None));
        Assert.Equal(["shutdown"], first.Told);
        Assert.Equal(["shutdown", "break"], faulty.Told);
        Assert.Equal(["shutdown"], last.Told);
        Assert.False(_failed.Task.IsCompleted);
        // What its end throws on a thread whose loop is over goes no further.
        Assert.Equal(memory ? 0 : 1, _thread.Loop.Counters.Defects);
    }

    private FakeCarrier Add()
    {
        var carrier = new FakeCarrier();
        _carriers.Add(carrier);
        _thread.Connections.Open.Add(carrier.Client);
        return carrier;
    }

    private static Task WithinPatience(Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);
}
