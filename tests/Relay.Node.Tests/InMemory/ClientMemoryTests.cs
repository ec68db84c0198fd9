using Relay.Native.Quic;
using Relay.Node.Io;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What a client can make the relay hold, in all and by source.</summary>
public class ClientMemoryTests : InMemoryTests
{
    private const long OfConnection = 8 * 1024 * 1024;

    /// <summary>A byte, a hole, a byte: ngtcp2 keeps a hundred bytes for each, and ends what is in more than 5000 pieces itself.</summary>
    [Fact]
    public void Holes_InManyStreams_EndTheirConnection_BeforeItHoldsMoreThanItMay()
    {
        var network = Start(new NodeSettings { MaxLibraryBytes = OfConnection });
        var client = network.EstablishPacketClient().Client;
        client.Send(QuicFrames.Stream(2, 0, [0, 4, 0]));
        var most = 0L;
        network.Simulation.Add(new Look(() =>
        {
            if (network.Node.Connections.Open.Count > 0)
                most = Math.Max(most, network.Node.Connection.LibraryBytes);
        }));
        for (var stream = 0ul; stream < 400 && client.Close is null; stream += 4)
            SendHoles(network, client, stream, 4000);
        Assert.True(network.Run(() => client.Close is not null), $"{most}");
        Assert.Equal((0x1dul, Http3ErrorCode.ExcessiveLoad), (client.Close!.Type, client.Close.Numbers[0]));
        Assert.Equal(1, network.Node.Loop.Counters.Http3Memory);
        Assert.InRange(most, OfConnection / 2, OfConnection + (256 * 1024));
    }

    [Fact]
    public void Holes_ManyAtOnce_AreReadAFewATurn_AndAllOfThem()
    {
        const int packets = 100;
        var network = Start();
        var client = network.EstablishPacketClient().Client;
        client.Send(QuicFrames.Stream(2, 0, [0, 4, 0]));
        network.Run(Time.Milliseconds(50));
        var (before, most) = (network.Node.Connection.LibraryBytes, 0L);
        var first = before;
        network.Simulation.Add(new Look(() =>
        {
            var now = network.Node.Connections.Open.Count == 0 ? before : network.Node.Connection.LibraryBytes;
            (most, before) = (Math.Max(most, now - before), now);
        }));
        for (var i = 0; i < packets; i++)
            client.Send(Holes((ulong)(i / 20) * 4, (ulong)(i % 20) * 400, 100));
        network.Run(Time.Milliseconds(50));
        // Sixteen times 4 KiB, and what the last packet took.
        Assert.InRange(most, 16 * 1024, 160 * 1024);
        Assert.InRange(before - first, packets * 100 * 32, OfConnection);
        Assert.Null(client.Close);
    }

    /// <summary>Who has a window's worth on its way, of which the first packet was lost, is no attacker.</summary>
    [Fact]
    public void Upload_WithLossesOverALongPath_IsServed()
    {
        var network = Start();
        var client = network.Establish(new ClientSettings
        {
            Path = new PathConditions { Delay = Time.Milliseconds(150), Loss = 0.02 },
        });
        var stream = network.Answered(client.Connect());
        stream.SendPattern(6_000_000);
        Assert.True(network.Simulation.Run(() => network.Node.Connector.Tcp[0].Delivered == 6_000_000, Time.Seconds(600)));
        Assert.Equal(0, network.Node.Loop.Counters.Http3Memory);
    }

    [Fact]
    public void Source_WithMoreThanItsShare_IsRefusedMore_OthersAreNot()
    {
        const int greedy = 77;
        var network = Start(new NodeSettings { Memory = new ClientMemory(1024 * 1024) });
        var neighbour = network.EstablishRaw();
        var connections = new List<RawClient>();
        while (connections.Count < 100)
        {
            var client = network.AddRaw(greedy);
            Assert.True(network.Run(() => client.State != QuicState.Handshaking));
            if (client.IsOver)
            {
                Assert.Equal((CloseKind.Transport, QuicTransportError.ConnectionRefused), (client.CloseReason.Kind, client.CloseReason.Code));
                break;
            }
            network.Run(Time.Milliseconds(50));
            connections.Add(client);
        }
        // At 64 KiB each.
        Assert.InRange(connections.Count, 12, 17);
        Assert.Equal(1, network.Node.Loop.Counters.ConnectionsRefused);

        // Neither has it another tunnel; who has less than a share has, and so have those who come.
        Assert.Equal(503, Ask(network, connections[0]));
        Assert.Equal(200, Ask(network, neighbour));
        Assert.Equal(200, Ask(network, network.EstablishRaw()));
        Assert.Equal(1, network.Node.Loop.Counters.RefusedLimit);

        connections.ForEach(static one => one.CloseWith(Http3ErrorCode.NoError));
        network.Run(Time.Seconds(1));
        Assert.Equal(200, Ask(network, network.EstablishRaw(greedy)));
    }

    [Fact]
    public void Memory_IsCountedBySource_AndForgottenWithItsLastByte()
    {
        var memory = new ClientMemory(1000);
        memory.Change(1, 600);
        memory.Change(2, 300);
        Assert.False(memory.IsTooMuch(1));
        memory.Change(2, 150);
        Assert.Equal((true, false, false), (memory.IsTooMuch(1), memory.IsTooMuch(2), memory.IsTooMuch(3)));
        memory.Change(1, -600);
        Assert.Equal((450L, 1), (memory.Bytes, memory.Sources));
    }

    private static int Ask(Network network, RawClient client)
    {
        var stream = client.OpenBidirectional();
        client.Send(stream, RawClient.ConnectHeaders());
        Assert.True(network.Run(() => client.Received.ContainsKey(stream)));
        return ConformanceTests.StatusOf(client.Received[stream]);
    }

    private static void SendHoles(Network network, PacketClient client, ulong stream, int count)
    {
        const int perPacket = 150;
        for (var sent = 0; sent < count && client.Close is null; sent += perPacket)
        {
            client.Send(Holes(stream, (ulong)sent * 4, perPacket));
        }
        network.Run(Time.Milliseconds(20));
    }

    /// <summary>Every fourth byte from an offset on, but for the first.</summary>
    private static byte[] Holes(ulong stream, ulong offset, int count)
    {
        var frames = new List<byte>();
        for (var i = 0; i < count; i++)
            frames.AddRange(QuicFrames.Stream(stream, offset + 1 + ((ulong)i * 4), [0]));
        return [.. frames];
    }

    private sealed class Look(Action look) : IActor
    {
        public ulong Next => ulong.MaxValue;

        public bool Turn()
        {
            look();
            return false;
        }
    }
}
