using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Fleet.Contract;
using Relay.Node.Fleet;

namespace Relay.Node.Tests.Fleet;

public class NodeDrainTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeTarget _target = new();
    private readonly NodeDrain _drain;

    public NodeDrainTests() => _drain = new NodeDrain(_target, _clock, NullLogger.Instance);

    [Fact]
    public void Gradual_GoesLameThenDrainsThenIsDrained()
    {
        _target.Tunnels = 3;
        Order("a", lame: 5, remaining: 65);
        AssertState(NodeState.Lame, new("a", 3, 3, 0, 0));
        Assert.True(_target.Accepts);
        Pass(4);
        _target.Tunnels = 4;
        Order("a", lame: 1, remaining: 61);
        AssertState(NodeState.Lame, new("a", 4, 4, 0, 0));
        Pass(1);
        AssertState(NodeState.Draining, new("a", 4, 4, 0, 0));
        Assert.Equal((false, TimeSpan.FromSeconds(60)), (_target.Accepts, _target.Time));
        _target.Tunnels = 1;
        Pass(1);
        AssertState(NodeState.Draining, new("a", 4, 1, 3, 0));
        _target.Tunnels = 0;
        Pass(1);
        AssertState(NodeState.Drained, new("a", 4, 0, 4, 0));
        Assert.Equal(0, _target.Forces);
    }

    [Fact]
    public void Immediate_StopsToAcceptAtOnce()
    {
        _target.Tunnels = 1;
        Order("a", lame: 5, remaining: 60, DrainMode.Immediate);
        AssertState(NodeState.Draining, new("a", 1, 1, 0, 0));
    }

    [Fact]
    public void WithoutTunnels_IsDrainedAtOnce()
    {
        Order("a", lame: 0, remaining: 60);
        AssertState(NodeState.Drained, new("a", 0, 0, 0, 0));
    }

    [Fact]
    public void Deadline_EndsWhatIsLeftByForce_ThoughNobodyAnswersAnyMore()
    {
        _target.Tunnels = 3;
        Order("a", lame: 5, remaining: 65);
        Pass(5);
        _target.Tunnels = 2;
        Pass(59);
        Assert.Equal(0, _target.Forces);
        Pass(1);
        AssertState(NodeState.Drained, new("a", 3, 0, 1, 2));
    }

    [Fact]
    public void Deadline_ThatWasChanged_IsFollowed()
    {
        _target.Tunnels = 1;
        Order("a", lame: 0, remaining: 60);
        Pass(10);
        Order("a", lame: 0, remaining: 500);
        Pass(100);
        AssertState(NodeState.Draining, new("a", 1, 1, 0, 0));
        Order("a", lame: 0, remaining: 0);
        AssertState(NodeState.Drained, new("a", 1, 0, 0, 1));
    }

    [Fact]
    public void Order_Repeated_ChangesNothing()
    {
        _target.Tunnels = 1;
        Order("a", lame: 5, remaining: 65);
        Pass(4);
        // An order that was long on its way does not make the node lame for longer.
        Order("a", lame: 5, remaining: 65);
        Pass(1);
        AssertState(NodeState.Draining, new("a", 1, 1, 0, 0));
        Order("a", lame: 0, remaining: 60);
        Order("a", lame: 0, remaining: 60);
        Assert.Equal(1, _target.Stops);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(6)]
    public void Undrain_FromAnyState_ServesAgain(int after)
    {
        _target.Tunnels = 1;
        Order("a", lame: 5, remaining: 65);
        Pass(after);
        if (after == 6)
        {
            _target.Tunnels = 0;
            Pass(1);
            Assert.Equal(NodeState.Drained, _drain.State);
        }
        _drain.Apply(null);
        Assert.Equal((NodeState.Serving, null), (_drain.State, _drain.Progress));
        Assert.True(_target.Accepts);
        Pass(1000);
        Assert.Equal((NodeState.Serving, 0), (_drain.State, _target.Forces));

        // And may be drained anew, counted anew.
        _target.Tunnels = 2;
        Order("b", lame: 0, remaining: 60);
        AssertState(NodeState.Draining, new("b", 2, 2, 0, 0));
        Assert.False(_target.Accepts);
    }

    [Fact]
    public void AnotherOrder_BeginsAnewWithoutServingInBetween()
    {
        _target.Tunnels = 5;
        Order("a", lame: 0, remaining: 60);
        _target.Tunnels = 3;
        Pass(1);
        Order("b", lame: 5, remaining: 30);
        AssertState(NodeState.Draining, new("b", 3, 3, 0, 0));
        Assert.False(_target.Accepts);
        Assert.Equal(1, _target.Stops);
        Pass(30);
        AssertState(NodeState.Drained, new("b", 3, 0, 0, 3));
    }

    [Fact]
    public void Tunnel_AdmittedAtTheVeryMoment_IsCounted()
    {
        _target.Tunnels = 1;
        Order("a", lame: 0, remaining: 60);
        _target.Tunnels = 2;
        Pass(1);
        AssertState(NodeState.Draining, new("a", 2, 2, 0, 0));
        _target.Tunnels = 1;
        Pass(1);
        AssertState(NodeState.Draining, new("a", 2, 1, 1, 0));
    }

    [Fact]
    public void Shutdown_TakesNoMoreOrders()
    {
        _target.Tunnels = 1;
        Order("a", lame: 5, remaining: 65);
        _drain.BeginShutdown();
        _drain.Apply(null);
        Assert.Equal(NodeState.Draining, _drain.State);
        Assert.Equal("a", _drain.Progress?.Id);
        Assert.Equal(0, _target.Accepted);
    }

    private void Order(string id, int lame, int remaining, DrainMode mode = DrainMode.Gradual) =>
        _drain.Apply(new DrainOrder(id, mode, lame * 1000, remaining * 1000, "test"));

    private void Pass(int seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        _drain.Tick();
        // Force takes effect on the loops, a moment later.
        _drain.Tick();
    }

    private void AssertState(NodeState state, NodeDrainProgress progress)
    {
        _drain.Tick();
        Assert.Equal((state, progress), (_drain.State, _drain.Progress));
    }

    private sealed class FakeTarget : IDrainTarget
    {
        public long Tunnels { get; set; }

        public long ForceClosedTunnels { get; private set; }

        public bool Accepts { get; private set; } = true;

        public int Stops { get; private set; }

        public int Accepted { get; private set; }

        public int Forces { get; private set; }

        public TimeSpan Time { get; private set; }

        public void StopAccepting(TimeSpan time)
        {
            Time = time;
            Stops++;
            Accepts = false;
        }

        public void Accept()
        {
            Accepted++;
            Accepts = true;
        }

        public void ForceCloseTunnels()
        {
            Forces++;
            ForceClosedTunnels += Tunnels;
            Tunnels = 0;
        }
    }
}
