using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// Packets outside any connection: Version Negotiation, Retry, stateless reset, and what is not answered.
/// </summary>
public class StrangerPacketTests : InMemoryTests
{
    private const int ManyHandshakes = 1024;
    private const ulong InvalidToken = 0xb;

    [Fact]
    public void Initial_UnknownVersion_IsAnsweredWithTheVersionsThatAreKnown()
    {
        var network = Start();
        Receive(network, LongHeader(0x1a2a3a4a, 1200));
        var answer = Assert.Single(network.Stray).Payload;
        Assert.True((answer[0] & 0x80) != 0);
        Assert.Equal([0, 0, 0, 0], answer[1..5]);
        Assert.Equal(1, network.Node.Loop.Counters.VersionNegotiationsSent);
        // RFC 9000 §6.1: version 1 and, RFC 9369, version 2, behind two connection IDs of 8 bytes each.
        Assert.Equal("00000001" + "6b3343cf", Convert.ToHexStringLower(answer[23..31]));
    }

    // RFC 9000 §17.2, RFC 8999 §5.1.
    [Theory]
    [InlineData(21, 8)]
    [InlineData(8, 21)]
    [InlineData(255, 255)]
    [InlineData(0, 0)]
    public void Initial_UnknownVersionWithIdsOfAnyLength_IsAnswered(int destination, int source)
    {
        var network = Start();
        var packet = LongHeader(0x1a2a3a4a, 1200);
        packet[5] = (byte)destination;
        packet[6 + destination] = (byte)source;
        Receive(network, packet);
        var answer = Assert.Single(network.Stray).Payload;
        Assert.Equal([0, 0, 0, 0], answer[1..5]);
        Assert.Equal(source, answer[5]);
        Assert.Equal(packet.AsSpan(7 + destination, source), answer.AsSpan(6, source));
        Assert.Equal(destination, answer[6 + source]);
        Assert.Equal(packet.AsSpan(6, destination), answer.AsSpan(7 + source, destination));
        Assert.Equal("00000001" + "6b3343cf", Convert.ToHexStringLower(answer[(7 + source + destination)..]));
    }

    [Fact]
    public void Initial_KnownVersionWithAnIdThatIsTooLong_IsNotAnswered()
    {
        var network = Start();
        var packet = LongHeader(1, 1200);
        packet[5] = 21;
        packet[27] = 8;
        Receive(network, packet);
        Assert.Empty(network.Stray);
        Assert.Equal(1, network.Node.Loop.Counters.Discarded[(int)PacketDiscard.Unknown]);
    }

    [Theory]
    [InlineData(0x1a2a3a4au, 1199)]
    [InlineData(0x00000001u, 100)]
    [InlineData(0x00000000u, 1200)]
    public void LongHeader_TooShortOrNegotiation_IsNotAnswered(uint version, int length)
    {
        var network = Start();
        Receive(network, LongHeader(version, length));
        Assert.Empty(network.Stray);
        Assert.Equal(1, network.Node.Loop.Counters.Discarded[(int)PacketDiscard.Unknown]);
    }

    [Theory]
    [InlineData(1200)]
    [InlineData(44)]
    [InlineData(30)]
    [InlineData(23)]
    public void ShortHeader_UnknownId_IsResetByAShorterPacket(int length)
    {
        var network = Start();
        var packet = new byte[length];
        new Random(1).NextBytes(packet);
        packet[0] = 0x41;
        Receive(network, packet);
        // RFC 9000 §10.3: at least 21 bytes, always shorter than what it answers, and like a short header.
        var answer = Assert.Single(network.Stray).Payload;
        Assert.InRange(answer.Length, 21, Math.Min(length - 1, 43));
        Assert.Equal(0x40, answer[0] & 0xc0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(21)]
    public void ShortHeader_TooShortToBeAnswered_IsDropped(int length)
    {
        var network = Start();
        var packet = new byte[length];
        packet.AsSpan().Fill(0x41);
        Receive(network, packet);
        Assert.Empty(network.Stray);
    }

    [Fact]
    public void Handshakes_TooManyPending_ClientsMustProveTheirAddress()
    {
        var network = Start();
        network.Node.Ids.Handshakes += ManyHandshakes;
        var client = network.AddClient(null, out var link);
        Assert.True(network.Run(() => client.IsEstablished));
        Assert.Equal(1, network.Node.Loop.Counters.RetriesSent);
        Assert.Equal(1, network.Node.Loop.Counters.ConnectionsAccepted);
        // A proven address is not held to three times what it sent, and needs one round trip more than without Retry.
        network.Answered(client.Connect());
        network.Node.Ids.Handshakes -= ManyHandshakes;
        network.CloseAndAssertClean();
        Assert.True(link.Down.Sent > 0);
    }

    [Fact]
    public void Handshakes_WithoutAny_ClientsMustProveTheirAddressWhereTheNodeSaysSo()
    {
        var network = Start(new NodeSettings { RetryThreshold = 0 });
        var client = network.AddClient();
        Assert.True(network.Run(() => client.IsEstablished));
        Assert.Equal(1, network.Node.Loop.Counters.RetriesSent);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public void Token_OfAnEarlierConnection_SparesItsAddressTheRetry(int host, int retries)
    {
        var (network, first) = Start().WithClient(new ClientSettings { Host = 1 });
        Assert.True(network.Run(() => first.Token.Length > 0));
        network.Node.Ids.Handshakes += ManyHandshakes;
        var second = network.AddClient(new ClientSettings { Host = host, Token = first.Token });
        Assert.True(network.Run(() => second.IsEstablished));
        Assert.Equal(retries, network.Node.Loop.Counters.RetriesSent);
        network.Node.Ids.Handshakes -= ManyHandshakes;
    }

    [Fact]
    public void Initial_BeginsWithinTheClientHello_IsAnsweredWithRetry()
    {
        // A ClientHello of two packets, the second of which arrives first.
        var network = Start();
        byte[] id = [1, 2, 3, 4, 5, 6, 7, 8];
        Receive(network, InitialForge.Write(id, [9, 9, 9, 9], InitialForge.Crypto(1000, new byte[300])));
        var answer = Assert.Single(network.Stray).Payload;
        Assert.Equal(0xf0, answer[0] & 0xf0);
        Assert.Equal([9, 9, 9, 9], answer[6..10]);
        Assert.Equal(1, network.Node.Loop.Counters.RetriesSent);
        Assert.Empty(network.Node.Connections.Open);
    }

    [Fact]
    public void Initial_WithTheBeginningOfTheClientHello_IsAccepted()
    {
        var network = Start();
        byte[] id = [1, 2, 3, 4, 5, 6, 7, 8];
        var beginning = InitialForge.Crypto(0, [1, 0, 2, 0, 3, 3, .. new byte[100]]);
        Receive(network, InitialForge.Write(id, [9, 9, 9, 9], beginning));
        Assert.Single(network.Node.Connections.Open);
        Assert.Equal(0, network.Node.Loop.Counters.RetriesSent);
        network.Run(Time.Seconds(15));
        Assert.Equal(CloseKind.HandshakeTimeout, Assert.Single(network.Node.Closed).Kind);
    }

    [Theory]
    [InlineData("01")] // PING
    [InlineData("00")] // PADDING
    [InlineData("08 00 61")] // STREAM, which has no place here
    [InlineData("06 41 00 01 00")] // CRYPTO that begins within the ClientHello
    public void Initials_WithoutTheBeginningOfAClientHello_MakeClientsProveTheirAddressForAWhile(string hex)
    {
        var network = Start();
        var frames = Convert.FromHexString(hex.Replace(" ", ""));
        for (var i = 0; i < ManyHandshakes; i++)
        {
            byte[] id = [1, 2, 3, 4, 5, 6, (byte)(i >> 8), (byte)i];
            var packet = InitialForge.Write(id, [9], frames);
            network.Node.Receive(new Packet(packet, Network.Endpoint(i % 250, 1234), InMemoryNode.Address, 0));
        }
        network.Run(Time.Milliseconds(1));
        Assert.Empty(network.Node.Connections.Open);
        Assert.Equal(ManyHandshakes, network.Node.Loop.Counters.HandshakesFailed);
        var before = network.Node.Loop.Counters.RetriesSent;

        // Whose address was forged is asked for the proof like everybody else, and no more.
        var client = network.AddClient();
        Assert.True(network.Run(() => client.IsEstablished));
        Assert.Equal(before + 1, network.Node.Loop.Counters.RetriesSent);
        network.Run(Time.Seconds(5));
        network.Establish();
        Assert.Equal(before + 1, network.Node.Loop.Counters.RetriesSent);
    }

    /// <summary>Frames in hex that a client's Initial packet must not have.</summary>
    [Theory]
    [InlineData("08 00 61")] // STREAM
    [InlineData("10 00")] // MAX_DATA
    [InlineData("1e")] // HANDSHAKE_DONE
    [InlineData("3f")] // none at all
    public void Initial_WithFramesThatItMustNotHave_IsDropped(string hex)
    {
        var network = Start();
        var frames = Convert.FromHexString(hex.Replace(" ", ""));
        Receive(network, InitialForge.Write([1, 2, 3, 4, 5, 6, 7, 8], [9, 9, 9, 9], frames));
        Assert.Equal(CloseKind.Dropped, Assert.Single(network.Node.Closed).Kind);
        Assert.Empty(network.Stray);
        Assert.Empty(network.Node.Connections.Open);
    }

    [Fact]
    public void Retry_TokenOfAnotherAddress_IsInvalid()
    {
        var network = Start();
        network.Node.Ids.Handshakes += ManyHandshakes;
        var client = network.AddClient(null, out var link);
        Assert.True(network.Run(() => network.Node.Loop.Counters.RetriesSent == 1));
        network.Rebind(link, 40_000);
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(InvalidToken, CloseKind.Transport);
        Assert.Equal(0, network.Node.Loop.Counters.ConnectionsAccepted);
        network.Node.Ids.Handshakes -= ManyHandshakes;
    }

    [Fact]
    public void Connections_MoreThanTheNodeMayHave_AreRefusedWithAnAnswer()
    {
        var network = Start(new NodeSettings { MaxConnections = 2 });
        network.Establish();
        var second = network.Establish();
        var third = network.AddClient();
        Assert.True(network.Run(() => third.IsOver));
        third.AssertClosed(QuicTransportError.ConnectionRefused, CloseKind.Transport);
        second.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        network.Establish();
    }

    [Fact]
    public void Restart_ClientGoesOn_StatelessResetEndsItAtOnce()
    {
        var (network, client) = Start().WithClient();
        var stream = network.Answered(client.Connect());
        network.Node.Forget();
        stream.Send("are you there"u8);
        Assert.True(network.Simulation.Run(() => client.IsOver, Time.Seconds(1)));
        Assert.Equal(CloseKind.StatelessReset, client.CloseReason.Kind);
    }

    private static void Receive(Network network, byte[] payload)
    {
        network.Node.Receive(new Packet(payload, Network.Endpoint(99, 1234), InMemoryNode.Address, 0));
        network.Run(Time.Milliseconds(1));
    }

    private static byte[] LongHeader(uint version, int length)
    {
        var packet = new byte[length];
        new Random(1).NextBytes(packet);
        packet[0] = 0xc0;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(1), version);
        packet[5] = 8;
        packet[14] = 8;
        return packet;
    }
}
