using Relay.Fuzz.Engine;
using Relay.Node.Tests.InMemory.World;
using Relay.Protocol;
using Relay.Testing.Quic;

namespace Relay.Fuzz.Stack;

/// <summary>Frames of QUIC in authentic 1-RTT packets, which no library wrote: any type, any integers, in any order.</summary>
internal sealed class QuicFrameTarget() : FuzzTarget(
    "nothing is thrown, another client is served, and nothing is left")
{
    private const int MaxSteps = 100;
    private const int MaxPayload = 1100;

    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        using var network = World.Create(ref choices);
        var peer = network.EstablishPacketClient();
        peer.Client.Acknowledges = choices.Flag();
        // As a client of HTTP/3 begins; or not.
        if (choices.Byte() != 255)
            peer.Client.Send([.. QuicFrames.Stream(2, 0, [0, 4, 0])]);
        var payload = new List<byte>();
        for (var i = 0; i < MaxSteps && !choices.IsOver && peer.Client.Close is null; i++)
        {
            var frame = Next(ref choices, peer.Client);
            if (payload.Count + frame.Length <= MaxPayload)
                payload.AddRange(frame);
            var then = choices.Byte();
            if (payload.Count == 0 || (then & 1) != 0)
                continue;
            if (then == 254)
                peer.Client.NextNumber += choices.Number() & 0xffff;
            peer.Client.Send([.. payload], (byte)(then & 0x20));
            payload.Clear();
            if ((then & 2) != 0)
                network.Run(Time.Milliseconds(then));
            if (then == 252)
                network.Node.Connector.Release();
        }
        network.Run(Time.Seconds(1));
        Packets += World.AssertSound(network);
    }

    internal static byte[] Next(ref Choices choices, PacketClient client)
    {
        var stream = choices.Of<ulong>([0, 4, 8, 12, 2, 6, 10, 1, 3, 7, 4 * 25, 4 * 40]);
        switch (choices.Below(16))
        {
            case 0:
                return QuicFrames.Stream(stream, 0, Request(ref choices), choices.Flag());
            case 1:
                return QuicFrames.Stream(stream, (ulong)choices.Below(2000), choices.Take(choices.Byte()), choices.Flag());
            case 2:
                return QuicFrames.Stream(stream, choices.Number() & VariableLengthInteger.MaxValue, choices.Take(3), choices.Flag());
            case 3:
                return QuicFrames.Reset(stream, choices.Byte(), Small(ref choices));
            case 4:
                return QuicFrames.Stop(stream, choices.Byte());
            case 5:
                return QuicFrames.CryptoAt(Small(ref choices), choices.Fill(choices.Byte()));
            case 6:
                // What was received, or what never was.
                var last = choices.Flag() ? client.Largest : Small(ref choices);
                return QuicFrames.Of(QuicFrames.Ack, last, choices.Byte(), 0, Math.Min(last, Small(ref choices)));
            case 7:
                return QuicFrames.Of(QuicFrames.MaxData, Small(ref choices));
            case 8:
                return QuicFrames.Of(QuicFrames.MaxStreamData, stream, Small(ref choices));
            case 9:
                return QuicFrames.DatagramOf([(byte)choices.Below(12), .. choices.Take(choices.Byte())]);
            case 10:
                // NEW_CONNECTION_ID, with a token.
                return [.. QuicFrames.Of(0x18, Small(ref choices), Small(ref choices)), 8, .. choices.Fill(24)];
            case 11:
                return QuicFrames.Of(0x19, Small(ref choices));
            case 12:
                return [choices.Of<byte>([0x1a, 0x1b]), .. choices.Fill(8)];
            case 13:
                return choices.Of<byte[]>([[0x01], [0x00, 0x00, 0x00], [0x1e], QuicFrames.Of(0x07, 3, 1, 2, 3), [0x1c, 0, 0, 0]]);
            case 14:
                return QuicFrames.Of(choices.Of<ulong>([0x12, 0x13, 0x14, 0x16, 0x17]), Small(ref choices));
            default:
                return choices.Take(choices.Below(20)).ToArray();
        }
    }

    private static ulong Small(ref Choices choices) => choices.Number() & VariableLengthInteger.MaxValue;

    private static byte[] Request(ref Choices choices) => choices.Below(4) switch
    {
        0 => RawClient.ConnectHeaders(),
        1 => Http3Bytes.ConnectUdp(),
        2 => [.. RawClient.ConnectHeaders(), 0, 5, .. "hello"u8],
        _ => [1, (byte)choices.Below(64), .. choices.Take(64)],
    };
}
