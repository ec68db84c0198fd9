using Relay.Node.Http;
using Relay.Node.Options;
using Relay.Node.Tests.Http2;

namespace Relay.Node.Tests.Http;

public sealed class RequestTurnsTests : IDisposable
{
    private readonly RawPeer _peer = new();
    private readonly FakeLoop _loop;

    public RequestTurnsTests() => _loop = _peer.World.Loop;

    public void Dispose() => _peer.Dispose();

    [Fact]
    public void Waiting_MoreThanATurnHasRoomFor_EachComesToItsTurn()
    {
        var turns = new RequestTurns(_loop);
        var served = new List<int>();
        void Serve(int who)
        {
            served.Add(who);
            turns.OnRequests(_peer.Carrier.Client, NodeDefaults.MaxRequestsPerTurn / 2);
            turns.Wait(_peer.Carrier.Client, () => Serve(who));
        }
        for (var who = 0; who < 5; who++)
        {
            var each = who;
            turns.Wait(_peer.Carrier.Client, () => Serve(each));
        }
        for (var turn = 0; turn < 5; turn++)
            _loop.RunReady();
        Assert.Equal([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], served);
    }

    [Fact]
    public void Turn_OfAnotherSize_IsFullWithAsMany()
    {
        var turns = new RequestTurns(_loop, most: 3, ofConnection: 2);
        Assert.Equal(2, turns.OfConnection);
        turns.OnRequests(_peer.Carrier.Client, 2);
        Assert.False(turns.IsFullFor(_peer.Carrier.Client));
        turns.OnRequests(_peer.Carrier.Client, 1);
        Assert.True(turns.IsFullFor(_peer.Carrier.Client));
        Assert.Equal(0, _loop.Counters.RequestsDelayed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Waiting_ThatThrows_EndsItsConnection_AndIsNoReasonForOthersToWait(bool memory)
    {
        using var another = new RawPeer(world: _peer.World);
        var turns = new RequestTurns(_loop);
        var served = 0;
        turns.Wait(_peer.Carrier.Client, () => throw (memory ? new OutOfMemoryException() : new InvalidOperationException()));
        turns.Wait(another.Carrier.Client, () => served++);
        _loop.RunReady();
        Assert.Equal(1, served);
        Assert.False(_loop.HasWork);
        Assert.Equal((true, false), (_peer.Carrier.WasReset, another.Carrier.WasReset));
        Assert.Equal(memory ? (1, 0) : (0, 1), (_loop.OutOfMemory, _peer.World.Defects.Count));
    }
}
