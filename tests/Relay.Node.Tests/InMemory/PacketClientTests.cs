namespace Relay.Node.Tests.InMemory;

/// <summary>A client that writes its own packets: it is served as any.</summary>
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
