using System.Text;
using Relay.Fuzz.Engine;
using Relay.Node.Http1;
using Relay.Node.Streams;
using Relay.Node.Tests.Http;
using Relay.Node.Tests.InMemory.World;
using Relay.Node.Tests.Streams;

namespace Relay.Fuzz.Stack;

/// <summary>Bytes of a connection of HTTP/1.1, in pieces: heads, what follows them, and ends.</summary>
internal sealed class Http1StackTarget() : FuzzTarget(
    "nothing is thrown, there is one request at most, and nothing is left once the client is gone")
{
    private const int MaxSteps = 40;

    public override IReadOnlyList<byte[]> Words { get; } =
        [Encoding.ASCII.GetBytes("CONNECT target.test:80 HTTP/1.1\r\nHost: relay.test\r\n\r\n"), "\r\n\r\n"u8.ToArray()];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        var carrier = new ProtocolCarrier(static (client, stream) => new Http1Protocol(client, stream), new CarrierWorld());
        World.SetUp(carrier.World.Connector, choices.Byte());
        var ended = false;
        for (var i = 0; i < MaxSteps && !choices.IsOver && !carrier.IsClosed; i++)
        {
            var next = Next(ref choices);
            var piece = choices.Flag() ? StreamProtocol.MaxPiece : 1 + choices.Byte();
            if (!ended)
                Send(carrier, next, piece);
            switch (choices.Byte())
            {
                // Nothing comes after it: what is above TLS relies on that.
                case 1 when !ended && !carrier.IsClosed:
                    ended = true;
                    carrier.ReceiveEnd();
                    break;
                case 2:
                    carrier.Client.ForceCloseTunnels();
                    break;
                case 3:
                    carrier.Client.Drain(0);
                    break;
                case 4:
                    carrier.World.Connector.Release();
                    break;
                case var time and > 192:
                    carrier.World.Simulation.Run(Time.Milliseconds(time));
                    break;
            }
            Check.That(((Http1Protocol)carrier.HttpProtocol).StreamCount <= 1, "one request at most");
        }
        carrier.World.Simulation.Run(Time.Milliseconds(10));
        if (!carrier.IsClosed)
            carrier.Lose(inOrder: choices.Flag());
        carrier.World.Simulation.Run(Time.Seconds(60));
        Check.Same((0, 0L, 0), (carrier.Client.TunnelCount, carrier.World.Limits.Tunnels, carrier.StreamCount), "nothing is left");
        Check.That(carrier.World.Connector.Tcp.All(static flow => flow.Closes + flow.Aborts == 1), "TCP flows are closed once");
        Check.That(carrier.World.Connector.Udp.All(static flow => flow.Closes == 1), "UDP flows are closed once");
        carrier.Dispose();
    }

    private static byte[] Next(ref Choices choices) => choices.Below(5) switch
    {
        0 => "CONNECT target.test:80 HTTP/1.1\r\nHost: relay.test\r\n\r\n"u8.ToArray(),
        1 => Encoding.ASCII.GetBytes(
            "GET /.well-known/masque/udp/target.test/53/ HTTP/1.1\r\nHost: relay.test\r\nConnection: Upgrade\r\n"
            + "Upgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n\r\n"),
        2 => Capsules.Write((ulong)choices.Below(3), (ulong)choices.Below(2), choices.Fill(choices.Below(1500))),
        3 => choices.Fill(choices.Below(20_000)),
        _ => choices.Take(choices.Byte()).ToArray(),
    };

    private static void Send(ProtocolCarrier carrier, ReadOnlySpan<byte> bytes, int piece)
    {
        while (!bytes.IsEmpty && !carrier.IsClosed && carrier.HttpProtocol.TakesBytes)
        {
            var length = Math.Min(bytes.Length, piece);
            carrier.Receive(bytes[..length]);
            bytes = bytes[length..];
        }
        carrier.World.Simulation.Run(Time.Microseconds(1));
    }
}
