using Relay.Protocol;

namespace Relay.Node.Tests.Http2;

/// <summary>TCP tunnels over HTTP/2: bytes, ends and resets, each way.</summary>
public sealed class TcpTunnelTests : IDisposable
{
    private const int Length = 8_000_000;

    private readonly Http2World _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(16 * 1024)]
    [InlineData(1000)]
    public void Megabytes_BothWaysAtOnce_Arrive(int piece)
    {
        _world.Piece = piece;
        _world.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Length, true);
        var stream = _world.Client.Connect();
        stream.KeepsBody = false;
        stream.SendPattern(Length);
        stream.Finish();
        Assert.True(_world.Run(() => stream.IsClosed));
        var flow = _world.Connector.Tcp[0];
        Assert.Equal((Length, true, 0u), (stream.BodyLength, stream.BodyIsPattern, stream.ClosedCode));
        Assert.Equal((Length, true, true), (flow.Delivered, flow.DeliveredPattern, flow.EndDelivered));
        Assert.Contains(" outcome=completed ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
        _world.AssertClean();
    }

    // nghttp2 closes a stream with its last frame, whatever of it TCP has yet to hear.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ends_OfBothSides_AreCompleted_BeforeAllIsAcknowledged(bool clientFirst)
    {
        _world.Carrier.HasArrived = false;
        var stream = _world.Open(_world.Client.Connect());
        var flow = _world.Connector.Tcp[0];
        if (clientFirst)
        {
            stream.Finish();
            Assert.True(_world.Run(() => flow.EndDelivered));
            flow.End();
        }
        else
        {
            flow.End();
            Assert.True(_world.Run(() => stream.Ended));
            stream.Finish();
        }
        Assert.True(_world.Run(() => stream.IsClosed && _world.World.Access.Count == 1));
        Assert.Contains(" outcome=completed ", _world.World.Access[0], StringComparison.Ordinal);
        Assert.Equal(0, flow.Aborts);
        _world.AssertClean();
    }

    [Fact]
    public void Megabytes_WithSmallWindowsAndLittleRoom_Arrive()
    {
        using var world = new Http2World(
            ofClient: Http2World.Default with { InitialStreamWindow = 1, InitialConnectionWindow = 65535 });
        world.Connector.SetUpTcp = static flow => flow.Source = 500;
        var stream = world.Open(world.Client.Connect());
        Assert.True(world.Run(() => stream.BodyLength == 500));
        Assert.True(stream.BodyIsPattern);
        world.AssertClean();
    }

    [Fact]
    public void WayToTheClient_Blocked_LeavesBytesWithTheTarget()
    {
        _world.Connector.SetUpTcp = static flow => flow.Source = Length;
        var stream = _world.Client.Connect();
        stream.KeepsBody = false;
        Assert.True(_world.Run(() => stream.Status == 200));
        for (var i = 0; i < 20; i++)
        {
            var taken = _world.Connector.Tcp[0].Taken;
            _world.Carrier.Room = 3;
            _world.Carrier.RequestWrite();
            _world.Run(Time.Milliseconds(10));
            Assert.InRange(_world.Connector.Tcp[0].Taken - taken, 0, 4 * 16 * 1024);
        }
        _world.Carrier.Room = int.MaxValue;
        _world.Carrier.RequestWrite();
        Assert.True(_world.Run(() => stream.BodyLength == Length));
        Assert.True(stream.BodyIsPattern);
    }

    [Fact]
    public void Client_DoesNotRead_StopsItsTargetAndNoOther()
    {
        _world.Connector.SetUpTcp = static flow => flow.Source = Length;
        var (slow, fast) = (_world.Client.Connect(), _world.Client.Connect());
        (slow.Reads, slow.KeepsBody, fast.KeepsBody) = (false, false, false);
        Assert.True(_world.Run(() => fast.BodyLength == Length));
        Assert.Equal(Http2World.Default.InitialStreamWindow, slow.BodyLength);
        slow.BeginReading();
        Assert.True(_world.Run(() => slow.BodyLength == Length));
        Assert.True(slow.BodyIsPattern && fast.BodyIsPattern);
    }

    [Fact]
    public void Bulk_SharesTheConnection()
    {
        _world.Connector.SetUpTcp = static _ => { };
        var streams = Enumerable.Range(0, 4).Select(_ => _world.Client.Connect()).ToArray();
        Assert.True(_world.Run(() => streams.All(static stream => stream.Status == 200)));
        _world.Carrier.Room = 200;
        foreach (var flow in _world.Connector.Tcp)
            flow.Produce(Length);
        _world.Run(Time.Seconds(1));
        Assert.All(streams, static stream => Assert.InRange(stream.BodyLength, 700_000, 900_000));
    }

    [Fact]
    public void ClientEnds_TargetGoesOn()
    {
        _world.Connector.SetUpTcp = static _ => { };
        var stream = _world.Open(_world.Client.Connect());
        stream.SendPattern(10);
        stream.Finish();
        var flow = _world.Connector.Tcp[0];
        Assert.True(_world.Run(() => flow.EndDelivered));
        Assert.False(stream.Ended);
        flow.Produce(100_000);
        Assert.True(_world.Run(() => stream.BodyLength == 100_000));
        flow.End();
        Assert.True(_world.Run(() => stream.IsClosed));
        Assert.Equal((1, 0, true), (flow.Closes, flow.Aborts, stream.Ended));
    }

    [Fact]
    public void TargetEnds_ClientGoesOn()
    {
        _world.Connector.SetUpTcp = static _ => { };
        var stream = _world.Open(_world.Client.Connect());
        var flow = _world.Connector.Tcp[0];
        flow.End();
        Assert.True(_world.Run(() => stream.Ended));
        stream.SendPattern(500_000);
        Assert.True(_world.Run(() => flow.Delivered == 500_000));
        stream.Finish();
        Assert.True(_world.Run(() => stream.IsClosed));
        Assert.Equal((true, 1, 0), (flow.DeliveredPattern, flow.Closes, flow.Aborts));
        Assert.Contains(" outcome=completed ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void TargetResets_IsAConnectError()
    {
        var stream = _world.Open(_world.Client.Connect());
        _world.Connector.Tcp[0].Reset();
        Assert.True(_world.Run(() => stream.IsClosed));
        Assert.Equal((Http2ErrorCode.ConnectError, false), (stream.ResetCode, stream.Ended));
        Assert.Contains(" outcome=target_aborted ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
        _world.AssertClean();
    }

    [Theory]
    [InlineData(Http2ErrorCode.Cancel)]
    [InlineData(Http2ErrorCode.NoError)]
    [InlineData(0x1234u)]
    public void ClientResets_ResetsTheTarget(uint code)
    {
        var stream = _world.Open(_world.Client.Connect());
        stream.SendPattern(1000);
        Assert.True(_world.Run(() => stream.BodyLength == 1000));
        stream.Reset(code);
        Assert.True(_world.Run(() => _world.Carrier.StreamCount == 0));
        Assert.Equal((0, 1), (_world.Connector.Tcp[0].Closes, _world.Connector.Tcp[0].Aborts));
        Assert.Contains(" outcome=client_aborted ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
        // RFC 9113 §5.4.2: no RST_STREAM is answered with one.
        Assert.Null(stream.ResetCode);
        _world.AssertClean();
    }

    [Fact]
    public void BothEnd_IsTheEndOfTheStream()
    {
        _world.Connector.SetUpTcp = static _ => { };
        var stream = _world.Open(_world.Client.Connect());
        stream.SendPattern(1000);
        stream.Finish();
        var flow = _world.Connector.Tcp[0];
        Assert.True(_world.Run(() => flow.EndDelivered));
        flow.End();
        Assert.True(_world.Run(() => stream.IsClosed));
        Assert.Equal((1000, 1, 0), (flow.Delivered, flow.Closes, flow.Aborts));
    }

    [Fact]
    public void ClientResets_BeforeTheTargetIsThere_GivesUpTheWay()
    {
        _world.Connector.Hold = true;
        var stream = _world.Client.Connect();
        stream.SendPattern(10_000);
        Assert.True(_world.Run(() => _world.Connector.HeldCount == 1));
        stream.Reset(Http2ErrorCode.Cancel);
        Assert.True(_world.Run(() => _world.Carrier.StreamCount == 0));
        _world.Connector.Release();
        _world.Run(Time.Seconds(1));
        Assert.Equal((1, 0), (_world.Connector.Abandoned, _world.Connector.Tcp.Count));
        _world.AssertClean();
    }

    [Fact]
    public void ForceClosed_IsAConnectError()
    {
        var stream = _world.Open(_world.Client.Connect());
        Assert.Equal(1, _world.Carrier.Client.ForceCloseTunnels());
        Assert.True(_world.Run(() => stream.IsClosed));
        Assert.Equal(Http2ErrorCode.ConnectError, stream.ResetCode);
        Assert.Contains(" outcome=force_closed ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
    }
}
