using Relay.Protocol;

namespace Relay.Node.Tests.Http2;

/// <summary>UDP tunnels over HTTP/2: datagrams are capsules, both ways.</summary>
public sealed class UdpTunnelTests : IDisposable
{
    private readonly Http2World _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16 * 1024)]
    public void Capsules_InPiecesOfAnySize_Return(int piece)
    {
        _world.Piece = piece;
        var stream = _world.Open(_world.Client.ConnectUdp());
        byte[] capsules =
        [
            .. Capsules.Write(CapsuleType.Datagram, 0, "one"u8), .. Capsules.Write(CapsuleType.Datagram, 0, ""u8),
            .. Capsules.Write(0x1234, 0, "unknown"u8), .. Capsules.Write(CapsuleType.Datagram, 0, new byte[200]),
        ];
        foreach (var value in capsules)
            stream.Send([value]);
        byte[] expected =
        [
            .. Capsules.Write(CapsuleType.Datagram, 0, "one"u8), .. Capsules.Write(CapsuleType.Datagram, 0, ""u8),
            .. Capsules.Write(CapsuleType.Datagram, 0, new byte[200]),
        ];
        Assert.True(_world.Run(() => stream.Body.Count == expected.Length));
        Assert.Equal(expected, stream.Body);
        stream.Finish();
        Assert.True(_world.Run(() => stream.IsClosed));
        Assert.Contains(
            " datagrams_up=3 datagrams_down=3 ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
        _world.AssertClean();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(1200)]
    [InlineData(16_382)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(40_000)]
    [InlineData(65_507)]
    [InlineData(65_527)]
    public void Payload_OfEachSize_IsWholeBothWays(int length)
    {
        var stream = _world.Open(_world.Client.ConnectUdp());
        var payload = Pattern.Bytes(length);
        byte[] expected = [.. Capsules.Write(CapsuleType.Datagram, 0, payload)];
        stream.Send(expected);
        Assert.True(_world.Run(() => stream.Body.Count == expected.Length));
        // A target that has answered may be sent as much as one likes.
        stream.Send(expected);
        stream.Send(expected);
        Assert.True(_world.Run(() => stream.Body.Count == 3 * expected.Length));
        Assert.Equal([.. expected, .. expected, .. expected], stream.Body);
        Assert.All(_world.Connector.Udp[0].Sent, sent => Assert.Equal(payload, sent));
        _world.AssertClean();
    }

    [Fact]
    public void Client_DoesNotRead_LeavesDatagramsInTheKernel()
    {
        var stream = _world.Client.ConnectUdp();
        (stream.Reads, stream.KeepsBody) = (false, false);
        Assert.True(_world.Run(() => stream.Status == 200));
        var flow = _world.Connector.Udp[0];
        flow.Flood(10_000, 1200);
        _world.Run(Time.Seconds(1));
        Assert.Equal(Http2World.Default.InitialStreamWindow, stream.BodyLength);
        Assert.InRange(flow.Unread, 9_700, 9_800);
        stream.BeginReading();
        Assert.True(_world.Run(() => flow.Unread == 0));
    }

    [Fact]
    public void Client_ResetsInTheMidstOfALargeDatagram_LeavesNothing()
    {
        var stream = _world.Client.ConnectUdp();
        stream.Reads = false;
        Assert.True(_world.Run(() => stream.Status == 200));
        _world.Connector.Udp[0].Flood(5, 65_000);
        _world.Run(Time.Seconds(1));
        stream.Reset(Http2ErrorCode.Cancel);
        Assert.True(_world.Run(() => _world.Carrier.StreamCount == 0));
        _world.AssertClean();
    }

    [Fact]
    public void Target_Unreachable_EndsTheStreamInOrder()
    {
        var stream = _world.Open(_world.Client.ConnectUdp());
        _world.Connector.Udp[0].Fail(errno: 111);
        Assert.True(_world.Run(() => stream.Ended));
        stream.Finish();
        Assert.True(_world.Run(() => stream.IsClosed));
        Assert.Equal(0u, stream.ClosedCode);
        Assert.Contains(" outcome=target_aborted ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void Capsule_CutShort_IsAProtocolError()
    {
        var stream = _world.Open(_world.Client.ConnectUdp());
        stream.Send(Capsules.Write(CapsuleType.Datagram, 0, "cut"u8).AsSpan(0, 4));
        stream.Finish();
        Assert.True(_world.Run(() => stream.IsClosed));
        Assert.Equal(Http2ErrorCode.ProtocolError, stream.ResetCode);
        Assert.Contains(" outcome=protocol_violation ", Assert.Single(_world.World.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void ForceClosed_IsNoError()
    {
        var stream = _world.Open(_world.Client.ConnectUdp());
        _world.Carrier.Client.ForceCloseTunnels();
        Assert.True(_world.Run(() => stream.IsClosed));
        Assert.Equal(Http2ErrorCode.NoError, stream.ResetCode);
    }
}
