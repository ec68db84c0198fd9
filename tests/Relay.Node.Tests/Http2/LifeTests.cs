using Relay.Protocol;

namespace Relay.Node.Tests.Http2;

/// <summary>A connection's life: drains, idle time, questions for life, and its ends.</summary>
public sealed class LifeTests : IDisposable
{
    private readonly Http2World _world = new();

    public void Dispose() => _world.Dispose();

    // RFC 9113 §6.8. The engine's client, which has nothing under way any more, does not look at the second GOAWAY.
    [Fact]
    public void Drain_LetsTheLastRequestEndAndThenTheConnection()
    {
        var stream = _world.Open(_world.Client.Connect());
        _world.Carrier.Client.Drain(0);
        Assert.True(_world.Run(() => _world.Client.GoAways.Count == 1));
        _world.Run(Time.Seconds(30));
        Assert.Equal([Http2ErrorCode.NoError], _world.Client.GoAways);
        stream.SendPattern(100_000);
        Assert.True(_world.Run(() => stream.BodyLength == 100_000));
        stream.Finish();
        Assert.True(_world.Run(() => _world.Carrier.IsClosed));
        Assert.Equal([0u], _world.Client.GoAways);
        Assert.True(stream.Ended);
        Assert.False(_world.Carrier.HttpProtocol.HasFailed);
        Assert.Equal((0u, true), ((uint)_world.Carrier.CloseFacts.Code, _world.Carrier.HasEndedWriting));
        _world.AssertClean();
    }

    [Fact]
    public void Drain_RequestOnItsWay_IsAnswered()
    {
        Assert.True(_world.Run(() => _world.Client.HasPeerSettings));
        _world.ClientTakes = false;
        _world.Carrier.Client.Drain(0);
        var stream = _world.Client.Connect();
        _world.Run(Time.Milliseconds(1));
        _world.ClientTakes = true;
        Assert.True(_world.Run(() => stream.Status == 200));
        stream.Finish();
        Assert.True(_world.Run(() => _world.Carrier.IsClosed));
        Assert.Equal([0u], _world.Client.GoAways);
    }

    [Fact]
    public void Drain_NamesTheHighestStreamAndThenTheLastOne()
    {
        using var peer = new RawPeer();
        peer.Send(Frames.Request(1, Frames.Get, ends: true));
        peer.Carrier.Client.Drain(0);
        Assert.True(peer.Carrier.Run(() => peer.Carrier.IsClosed));
        Assert.Equal(
            [[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0]],
            peer.Received.Where(static frame => frame.Type == Frames.GoAway).Select(static frame => frame.Payload));
    }

    [Fact]
    public void Drain_OfAnIdleConnection_EndsIt()
    {
        Assert.True(_world.Run(() => _world.Client.HasPeerSettings));
        _world.Carrier.Client.Drain(0);
        Assert.True(_world.Run(() => _world.Carrier.IsClosed));
        Assert.Equal([0u], _world.Client.GoAways);
    }

    [Fact]
    public void Silence_EndsItAsIdle()
    {
        _ = _world.Open(_world.Client.Connect());
        _world.Run(Time.Seconds(599));
        Assert.False(_world.Carrier.IsClosed);
        Assert.True(_world.Run(() => _world.Carrier.IsClosed));
        Assert.Equal([0u], _world.Client.GoAways);
        Assert.Contains(" outcome=idle_timeout ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
        _world.AssertClean();
    }

    [Fact]
    public void QuestionForLife_IsAskedUntilThereIsAnAnswer()
    {
        using var peer = new RawPeer();
        peer.Carrier.AskForLife(Time.Seconds(1));
        peer.World.Simulation.Run(Time.Milliseconds(900));
        Assert.Equal(0, Pings());
        peer.World.Simulation.Run(Time.Milliseconds(2500));
        Assert.Equal(3, Pings());
        peer.Send(Frames.Write(Frames.Ping, Frames.Ack, 0, new byte[8]));
        peer.World.Simulation.Run(Time.Seconds(10));
        Assert.Equal(3, Pings());

        int Pings() => peer.Received.Count(static frame => frame is { Type: Frames.Ping, Flags: 0 });
    }

    [Fact]
    public void QuestionForLife_IsAnsweredByTheEngine()
    {
        _world.Client.Ping();
        Assert.True(_world.Run(() => _world.Client.Pongs == 1));
    }

    [Fact]
    public void Client_SaysGoodbye_IsAnEndInOrder()
    {
        var stream = _world.Open(_world.Client.Connect());
        stream.Finish();
        Assert.True(_world.Run(() => stream.IsClosed));
        _world.Client.Terminate(Http2ErrorCode.NoError);
        Assert.True(_world.Run(() => _world.Carrier.IsClosed));
        Assert.False(_world.Carrier.HttpProtocol.HasFailed);
        _world.AssertClean();
    }

    [Fact]
    public void Client_TellsOfAnError_IsAFailure()
    {
        _ = _world.Open(_world.Client.Connect());
        _world.Client.Terminate(Http2ErrorCode.InternalError);
        Assert.True(_world.Run(() => _world.Carrier.HttpProtocol.HasFailed));
        Assert.Equal(Http2ErrorCode.InternalError, _world.Carrier.CloseFacts.Code);
        _world.AssertClean();
        Assert.Contains(" outcome=client_aborted ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void Client_EndsTheWay_EndsTheConnection()
    {
        _ = _world.Open(_world.Client.Connect());
        _world.Carrier.ReceiveEnd();
        Assert.True(_world.Run(() => _world.Carrier.IsClosed));
        Assert.True(_world.Carrier.HasEndedWriting);
        _world.AssertClean();
    }

    [Fact]
    public void Way_IsLostWhileMuchIsUnderWay_LeavesNothing()
    {
        _world.Connector.SetUpTcp = static flow => flow.Source = 10_000_000;
        var streams = Enumerable.Range(0, 10).Select(_ => _world.Client.Connect()).ToArray();
        var udp = _world.Client.ConnectUdp();
        foreach (var stream in streams)
            (stream.KeepsBody, stream.Reads) = (false, false);
        Assert.True(_world.Run(() => udp.Status == 200));
        _world.Carrier.Room = 0;
        streams[0].SendPattern(1_000_000);
        _world.Connector.Udp[0].Flood(10, 65_000);
        _world.Run(Time.Milliseconds(10));
        _world.AssertClean();
        Assert.Equal(11, _world.World.Access.Count);
    }
}
