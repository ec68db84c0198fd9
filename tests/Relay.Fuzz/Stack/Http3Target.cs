using Relay.Fuzz.Engine;
using Relay.Node.Tests.InMemory.World;
using Relay.Protocol;
using Relay.Testing.Quic;

namespace Relay.Fuzz.Stack;

/// <summary>Frames of HTTP/3 on streams of all kinds, over QUIC that is in order.</summary>
internal sealed class Http3Target() : FuzzTarget(
    "nothing is thrown, another client is served, and nothing is left")
{
    private const int MaxSteps = 80;
    private const int MaxStreams = 12;

    /// <summary>Beside the control stream: a node allows eight.</summary>
    private const int MaxUnidirectional = 7;

    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        using var network = World.Create(ref choices);
        var client = network.EstablishRaw();
        var streams = new List<long>();
        if (choices.Byte() != 255)
            client.Send(client.OpenUnidirectional(), [0, 4, 0]);
        for (var i = 0; i < MaxSteps && !choices.IsOver && !client.IsOver; i++)
        {
            Act(ref choices, client, streams);
            var then = choices.Byte();
            if ((then & 1) != 0)
                network.Run(Time.Milliseconds(then & 0x3f));
            if (then == 254)
                network.Node.Connector.Release();
        }
        network.Run(Time.Seconds(1));
        Packets += World.AssertSound(network);
    }

    private static void Act(ref Choices choices, RawClient client, List<long> streams)
    {
        var kind = choices.Below(8);
        if (kind == 0 && streams.Count(static stream => (stream & 2) != 0) < MaxUnidirectional)
        {
            streams.Add(client.OpenUnidirectional());
            client.Send(streams[^1], [choices.Of<byte>([0, 1, 2, 3, 0x21, 0x54])]);
            return;
        }
        if (streams.Count < MaxStreams && (kind is 1 or 2 || streams.Count == 0))
        {
            if (!client.TryOpenBidirectional(out var opened))
                return;
            streams.Add(opened);
            client.Send(opened, Request(ref choices), choices.Byte() == 1);
            return;
        }
        if (streams.Count == 0)
            return;
        var stream = streams[choices.Below(streams.Count)];
        switch (kind)
        {
            case 3:
                client.ResetIfOpen(stream, choices.Byte());
                break;
            case 4 when (stream & 2) == 0:
                client.Stop(stream, choices.Byte());
                break;
            default:
                client.Send(stream, Frame(ref choices), choices.Below(16) == 1);
                break;
        }
    }

    private static byte[] Request(ref Choices choices) => choices.Below(5) switch
    {
        0 => RawClient.ConnectHeaders(),
        1 => Http3Bytes.ConnectUdp(),
        2 => Http3Bytes.Headers((":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/")),
        3 => Http3Bytes.Headers(
            (":method", "CONNECT"), (":authority", Text(ref choices)), (Text(ref choices), Text(ref choices))),
        _ => [1, (byte)choices.Below(64), .. choices.Take(64)],
    };

    private static string Text(ref Choices choices) =>
        System.Text.Encoding.Latin1.GetString(choices.Take(choices.Below(40)));

    private static byte[] Frame(ref Choices choices)
    {
        switch (choices.Below(6))
        {
            case 0:
                return Write(0, choices.Fill(choices.Below(4000)));
            case 1:
                return Write(0, Capsules.Write((ulong)choices.Below(3), (ulong)choices.Below(2), choices.Fill(choices.Below(1500))));
            case 2:
                // SETTINGS, GOAWAY, MAX_PUSH_ID, CANCEL_PUSH, PUSH_PROMISE, and what is reserved.
                return Write(choices.Of<ulong>([4, 7, 13, 3, 5, 2, 6, 0x21, 0x40]), choices.Take(choices.Below(16)));
            case 3:
                return Write(1, choices.Take(choices.Below(64)));
            case 4:
                return [.. Write(choices.Number() & VariableLengthInteger.MaxValue, []).AsSpan(..^1), .. Varint(choices.Number())];
            default:
                return choices.Take(choices.Byte()).ToArray();
        }
    }

    private static byte[] Write(ulong type, ReadOnlySpan<byte> payload) => [.. Varint(type), .. Varint((ulong)payload.Length), .. payload];

    private static byte[] Varint(ulong value)
    {
        var bytes = new byte[VariableLengthInteger.MaxLength];
        return bytes[..VariableLengthInteger.Write(bytes, value & VariableLengthInteger.MaxValue)];
    }
}
