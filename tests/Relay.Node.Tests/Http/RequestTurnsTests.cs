using Relay.Node.Http;
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
            turns.OnRequests(_peer.Carrier.Client, RequestTurns.PerTurn / 2);
            turns.Wait(() => Serve(who));
        }
        for (var who = 0; who < 5; who++)
        {
            var each = who;
            turns.Wait(() => Serve(each));
        }
        for (var turn = 0; turn < 5; turn++)
            _loop.RunReady();
        Assert.Equal([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], served);
    }

    [Fact]
    public void Waiting_ThatThrows_IsNoReasonForOthersToWaitForEver()
    {
        var turns = new RequestTurns(_loop);
        var served = 0;
        turns.Wait(static () => throw new OutOfMemoryException());
        turns.Wait(() => served++);
        Assert.Throws<OutOfMemoryException>(_loop.RunReady);
        Assert.Equal(0, served);
        _loop.RunReady();
        Assert.Equal(1, served);
        Assert.False(_loop.HasWork);
    }
}
