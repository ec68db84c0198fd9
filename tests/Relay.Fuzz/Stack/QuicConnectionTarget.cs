using System.Security.Cryptography;
using Relay.Fuzz.Engine;
using Relay.Node.Tests.InMemory.World;
using Relay.Testing.Quic;

namespace Relay.Fuzz.Stack;

/// <summary>
/// Connections that live for thousands of packets: requests, bodies, datagrams, resets and all frames that may come at any time, which are
/// doubled, reordered and spoiled on their way, and now and then a frame that ends the connection. The input is the beginning; what
/// follows is made of it, so that one handshake is worth many packets.
/// </summary>
internal sealed class QuicConnectionTarget() : FuzzTarget(
    "nothing is thrown, another client is served, and nothing is left")
{
    private const int Bytes = 48 * 1024;
    private const int MaxConnections = 24;
    private const int MaxOpen = 12;

    /// <summary>Packets that come at one moment.</summary>
    private const int Burst = 16;

    /// <summary>What a stream may have before its tunnel is open.</summary>
    private const ulong Window = 12_000;

    public override void Run(ReadOnlySpan<byte> input)
    {
        var bytes = new byte[Bytes];
        new Random(BitConverter.ToInt32(SHA256.HashData(input))).NextBytes(bytes);
        input[..Math.Min(input.Length, Bytes)].CopyTo(bytes);
        var choices = new Choices(bytes);
        var how = choices.Byte();
        using var network = new Network(new NodeSettings
        {
            MaxTunnelsPerConnection = 20,
            MaxBidirectionalStreams = 30,
            // As it is by default, those that are given up end most connections soon.
            ResetsPerSecond = (how & 128) != 0 ? 50 : 1_000_000,
        });
        World.SetUp(network.Node.Connector, how);
        var wild = choices.Of<byte>([0, 0, 1, 3]);
        for (var connections = 1; connections <= MaxConnections && !choices.IsOver; connections++)
            Live(ref choices, network, connections, wild);
        network.Run(Time.Seconds(1));
        Packets += World.AssertSound(network);
    }

    private static void Live(ref Choices choices, Network network, int number, byte wild)
    {
        var client = network.EstablishPacketClient().Client;
        client.Acknowledges = choices.Byte() != 255;
        var from = Network.Endpoint(149 + number, 50_000);
        void Send(byte[] packet) => network.Node.Receive(new Packet(packet, from, InMemoryNode.Address, 0));

        Send(client.Seal(QuicFrames.Stream(2, 0, [0, 4, 0])));
        var open = new List<Stream>();
        var next = 0ul;
        byte[]? late = null;
        for (var sent = 1; !choices.IsOver && client.Close is null; sent++)
        {
            var frames = choices.Byte() < wild
                ? QuicFrameTarget.Next(ref choices, client) : Next(ref choices, client, open, ref next);
            var packet = client.Seal(frames);
            var way = choices.Byte();
            if (way < 16)
                Send(Spoiled(packet, ref choices));
            if (way is >= 16 and < 48 && late is null)
            {
                late = packet;
                continue;
            }
            Send(packet);
            if (way is >= 48 and < 64)
                Send(packet);
            if (late is not null)
                Send(late);
            late = null;
            if (sent % Burst == 0)
                network.Run(Time.Milliseconds(1 + (way & 3)));
            if (way == 255)
                network.Node.Connector.Release();
        }
    }

    private static byte[] Spoiled(byte[] packet, ref Choices choices)
    {
        byte[] spoiled = [.. packet];
        spoiled[choices.Byte() % spoiled.Length] ^= (byte)(1 << choices.Below(8));
        return spoiled;
    }

    /// <summary>What a client may say, in an order that none does.</summary>
    private static byte[] Next(ref Choices choices, PacketClient client, List<Stream> open, ref ulong next)
    {
        var kind = choices.Below(16);
        if (open.Count < MaxOpen && next / 4 < client.MaxStreams && (kind < 4 || open.Count == 0))
        {
            var opened = new Stream(next);
            next += 4;
            open.Add(opened);
            return opened.Send(Request(ref choices), ends: choices.Below(32) == 1);
        }
        if (open.Count == 0)
            return [0x01];
        var index = choices.Below(open.Count);
        var stream = open[index];
        switch (kind)
        {
            case 4:
                open.RemoveAt(index);
                return [.. stream.Reset(choices.Byte()), .. QuicFrames.Stop(stream.Id, choices.Byte())];
            case 5:
                return stream.Reset(choices.Byte());
            case 6:
                return QuicFrames.Stop(stream.Id, choices.Byte());
            case 7:
                return QuicFrames.DatagramOf([(byte)(stream.Id / 4), (byte)(choices.Byte() & 1), .. choices.Take(choices.Below(64))]);
            case 8:
                return [.. QuicFrames.Of(QuicFrames.MaxStreamData, stream.Id, choices.Number() >> 2), 0x1a, .. choices.Fill(8)];
            case 9:
                return [.. QuicFrames.Of(QuicFrames.MaxData, choices.Number() >> 2), .. QuicFrames.Of(0x14, choices.Byte())];
            case 10:
                return QuicFrames.Acknowledge(client.Largest, client.Largest);
            case 11:
                return [0x01, 0, 0, 0x01, .. QuicFrames.Of(0x16, choices.Byte())];
            default:
                if (stream.Offset >= Window || stream.HasEnded)
                    goto case 4;
                return stream.Send(Body(ref choices), ends: choices.Below(64) == 1);
        }
    }

    private static byte[] Request(ref Choices choices) => choices.Below(4) switch
    {
        0 or 1 => RawClient.ConnectHeaders(),
        2 => Http3Bytes.ConnectUdp(),
        _ => Http3Bytes.Headers((":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/")),
    };

    private static byte[] Body(ref Choices choices)
    {
        byte[] body = choices.Flag()
            ? Capsules.Write((ulong)choices.Below(3), (ulong)choices.Below(2), choices.Fill(choices.Below(200)))
            : choices.Fill(choices.Byte());
        return [.. QuicFrames.Of(0), .. QuicFrames.Of((ulong)body.Length), .. body];
    }

    /// <summary>The sending side of a stream.</summary>
    private sealed class Stream(ulong id)
    {
        public ulong Id => id;

        public ulong Offset { get; private set; }

        public bool HasEnded { get; private set; }

        public byte[] Send(byte[] bytes, bool ends)
        {
            var frame = QuicFrames.Stream(id, Offset, bytes, ends);
            Offset += (ulong)bytes.Length;
            HasEnded |= ends;
            return frame;
        }

        public byte[] Reset(byte code)
        {
            HasEnded = true;
            return QuicFrames.Reset(id, code, Offset);
        }
    }
}
