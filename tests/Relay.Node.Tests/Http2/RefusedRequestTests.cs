using System.Buffers.Binary;
using Relay.Node.Http;
using Relay.Node.Tunnels;
using Relay.Protocol;
using static Relay.Testing.Http2.Frames;

namespace Relay.Node.Tests.Http2;

/// <summary>
/// Requests that cross the final GOAWAY (RFC 9113 §6.8): those above what it names "were not or will not be processed", and
/// so may be tried again elsewhere.
/// </summary>
public sealed class RefusedRequestTests : IDisposable
{
    private readonly RawPeer _peer = new();

    public void Dispose() => _peer.Dispose();

    [Fact]
    public void Request_BetweenRefusalAndGoAway_IsNotBegun_AndMayBeTriedAgain()
    {
        _peer.Send(Request(1, Connect));
        Assert.True(_peer.IsAnswered(1));
        _peer.Carrier.RefuseRequests();
        // Before a turn of writing: GOAWAY is not written yet.
        _peer.Carrier.Receive(Request(3, Connect));
        _peer.Settle();
        Assert.False(_peer.IsAnswered(3));
        Assert.Single(_peer.World.Connector.Targets);
        Assert.Equal(1, LastStream());
        Assert.Equal((1L, 0L), (_peer.World.Loop.Counters.RefusedDraining, _peer.World.Loop.Counters.RefusedStreams));

        // The tunnel that was there goes on.
        Assert.True(_peer.IsAlive());
        _peer.World.Connector.Tcp[0].Produce(10);
        _peer.Settle();
        Assert.Contains(_peer.Received, static frame => frame is { Type: Data, Stream: 1, Payload.Length: 10 });
        Assert.Single(_peer.World.Loop.Counters.Carried, 1L);
        _peer.AssertClean();
    }

    [Fact]
    public void Requests_BetweenRefusalAndGoAway_CostTheirClientNothing()
    {
        _peer.Send(Request(1, Connect));
        _peer.Carrier.RefuseRequests();
        for (var i = 0; i < 60; i++)
            _peer.Carrier.Receive(Request(3 + (2 * i), Connect));
        _peer.Settle();
        Assert.Equal(1, LastStream());
        Assert.True(_peer.IsAlive());
        Assert.Equal([0L, 0, 0], _peer.World.Loop.Counters.Http2Floods);
        _peer.AssertClean();
    }

    [Fact]
    public void Requests_ThatWereRefused_AreResetAfterTheirAnswer_WhereTheirClientLeavesManyOpen()
    {
        const int many = ClientConnection.MaxLeft + 2;
        using var peer = new RawPeer(parameters: Http2World.Default with { MaxConcurrentStreams = 2 * many });
        peer.World.Connector.Failure = ConnectFailure.Limit(RefusalDetails.OpenFiles);
        for (var i = 0; i < many; i++)
            Ask(1 + (2 * i));
        Assert.Equal(
            [null, Http2ErrorCode.NoError, Http2ErrorCode.NoError],
            [peer.ResetCodeOf((2 * many) - 5), peer.ResetCodeOf((2 * many) - 3), peer.ResetCodeOf((2 * many) - 1)]);
        Assert.Equal(2, peer.World.Loop.Counters.StreamsStopped);
        // What is closed makes room, and who has ended its side needs no reset.
        peer.Send(Write(Data, EndStream, 1, []));
        Ask((2 * many) + 1);
        Assert.Null(peer.ResetCodeOf((2 * many) + 1));
        peer.Send(Request((2 * many) + 3, Connect, ends: true));
        Assert.Null(peer.ResetCodeOf((2 * many) + 3));
        Assert.True(peer.IsAlive());
        peer.AssertClean();

        void Ask(int stream)
        {
            peer.Send(Request(stream, Connect));
            Assert.True(peer.IsAnswered(stream));
        }
    }

    private int LastStream() => BinaryPrimitives.ReadInt32BigEndian(
        Assert.Single(_peer.Received, static frame => frame.Type == GoAway).Payload);
}
