using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>A client that writes its own packets: it is served as any, and what no library would say is answered.</summary>
public sealed class PacketClientTests : InMemoryTests
{
    private readonly Dictionary<ulong, List<byte>> _received = [];

    [Fact]
    public void Tunnel_OfOwnPackets_Echoes()
    {
        var network = Start();
        var client = Establish(network);
        client.Send(QuicFrames.Stream(0, 0, RawClient.ConnectHeaders()));
        client.Send(QuicFrames.Stream(0, (ulong)RawClient.ConnectHeaders().Length, [0, 5, .. "hello"u8]));
        Assert.True(network.Run(() => _received.TryGetValue(0, out var body) && Tail(body, 5) == "hello"));
        client.Send(QuicFrames.Of(0x1d, Protocol.Http3ErrorCode.NoError, 0));
    }

    [Fact]
    public void Bytes_OutOfOrder_ArePutInOrder()
    {
        var network = Start();
        var client = Establish(network);
        var head = RawClient.ConnectHeaders();
        client.Send(QuicFrames.Stream(0, (ulong)head.Length, [0, 5, .. "hello"u8]));
        network.Run(Time.Milliseconds(50));
        Assert.DoesNotContain(0ul, _received.Keys);
        client.Send(QuicFrames.Stream(0, 0, head));
        Assert.True(network.Run(() => _received.TryGetValue(0, out var body) && Tail(body, 5) == "hello"));
        client.Send(QuicFrames.Of(0x1d, Protocol.Http3ErrorCode.NoError, 0));
    }

    /// <summary>RFC 9000 §20.1: the code of each.</summary>
    [Theory]
    [InlineData("02 01 00 00 05", 0x07)] // ACK whose range begins before 0: FRAME_ENCODING_ERROR
    [InlineData("3f", 0x07)] // a frame that is none
    [InlineData("1e", 0x0a)] // HANDSHAKE_DONE of a client: PROTOCOL_VIOLATION
    [InlineData("07 01 00", 0x0a)] // NEW_TOKEN of a client
    [InlineData("0e 03 00 01 00", 0x05)] // STREAM on one of the server's that only sends: STREAM_STATE_ERROR
    [InlineData("0e 90 00 00 00 00 01 00", 0x04)] // a stream beyond what is allowed: STREAM_LIMIT_ERROR
    [InlineData("12 ff ff ff ff ff ff ff ff", 0x07)] // MAX_STREAMS above 2^60: FRAME_ENCODING_ERROR
    [InlineData("06 00 41 00", 0x07)] // CRYPTO that is cut off
    public void Frame_ThatMustNotBe_EndsTheConnectionWithItsCode(string hex, ulong code)
    {
        var network = Start();
        var client = Establish(network);
        client.Send(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.True(network.Run(() => client.Close is not null));
        Assert.Equal((0x1cul, code), (client.Close!.Type, client.Close.Numbers[0]));
        Assert.Equal(CloseKind.Transport, Assert.Single(network.Node.Closed).Kind);
    }

    private PacketClient Establish(Network network)
    {
        var client = network.EstablishPacketClient().Client;
        client.OnFrame = frame =>
        {
            if (!frame.IsStream)
                return;
            if (!_received.TryGetValue(frame.Numbers[0], out var bytes))
                _received[frame.Numbers[0]] = bytes = [];
            bytes.AddRange(frame.Data);
        };
        client.Send(QuicFrames.Stream(2, 0, [0, 4, 0]));
        return client;
    }

    private static string Tail(List<byte> bytes, int length) =>
        System.Text.Encoding.ASCII.GetString([.. bytes.TakeLast(length)]);
}
