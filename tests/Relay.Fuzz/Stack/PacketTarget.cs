using System.Security.Cryptography;
using Relay.Fuzz.Engine;
using Relay.Node.Tests.InMemory.World;
using Relay.Testing.Quic;

namespace Relay.Fuzz.Stack;

/// <summary>UDP payloads of strangers: noise, headers that are half right, Initial packets with any frames.</summary>
internal sealed class PacketTarget() : FuzzTarget(
    "nothing is thrown, another client is served, and nothing is left")
{
    private const int MaxPackets = 40;

    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        using var network = World.Create(ref choices);
        for (var i = 0; i < MaxPackets && !choices.IsOver; i++)
        {
            var from = Network.Endpoint(choices.Below(4) + 1, 40_000 + choices.Below(3));
            var ecn = (byte)choices.Below(4);
            network.Node.Receive(new Packet(Next(ref choices), from, InMemoryNode.Address, ecn));
            if (choices.Below(4) == 0)
                network.Run(Time.Milliseconds(choices.Byte()));
        }
        network.Run(Time.Seconds(20));
        Packets += World.AssertSound(network);
    }

    private static byte[] Next(ref Choices choices)
    {
        switch (choices.Below(4))
        {
            case 0:
                return choices.Take(choices.Byte()).ToArray();
            case 1:
                var version = choices.Of<uint>([1, 0x6b3343cf, 0, 0x1a2a3a4a, 0xffffffff]);
                byte[] header =
                [
                    (byte)(choices.Byte() | 0x80), (byte)(version >> 24), (byte)(version >> 16), (byte)(version >> 8), (byte)version,
                    choices.Byte(),
                ];
                byte[] packet = [.. header, .. choices.Take(choices.Byte())];
                Array.Resize(ref packet, choices.Of([packet.Length, 1200, 1199, 1452]));
                return packet;
            case 2:
                byte[] frames = choices.Flag()
                    ? [.. InitialForge.Crypto(choices.Below(4000), choices.Take(choices.Byte())), .. choices.Take(choices.Byte())]
                    : choices.Take(choices.Byte()).ToArray();
                var id = SHA256.HashData([choices.Byte()]).AsSpan(0, 8 + choices.Below(13));
                return InitialForge.Write(id, id[..8], frames, choices.Byte(), choices.Take(choices.Below(40)));
            default:
                // A short header, by a connection ID that a node could have issued.
                return [(byte)(0x40 | choices.Byte()), 0, 0xab, 0xcd, choices.Byte(), 0, 0, 0, .. choices.Fill(choices.Byte() * 4)];
        }
    }
}
