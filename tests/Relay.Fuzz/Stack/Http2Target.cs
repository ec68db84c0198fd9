using Relay.Fuzz.Engine;
using Relay.Node.Tests.Http2;
using Relay.Node.Tests.InMemory.World;
using static Relay.Testing.Http2.Frames;

namespace Relay.Fuzz.Stack;

/// <summary>Frames of HTTP/2, in pieces, with a way to the client that has room at times.</summary>
internal sealed class Http2Target() : FuzzTarget(
    "nothing is thrown, and nothing is left once the client is gone")
{
    private const int MaxSteps = 100;

    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        var how = choices.Byte();
        using var peer = new RawPeer(speaks: choices.Byte() != 255);
        World.SetUp(peer.World.Connector, how);
        var goesOn = true;
        for (var i = 0; i < MaxSteps && goesOn && !choices.IsOver && !peer.Carrier.IsClosed; i++)
        {
            peer.SendInPieces(choices.Flag() ? int.MaxValue : 1 + choices.Byte(), Next(ref choices));
            goesOn = Disturb(ref choices, peer);
        }
        peer.AssertClean();
    }

    /// <returns>Whether the client may go on.</returns>
    private static bool Disturb(ref Choices choices, RawPeer peer)
    {
        peer.Carrier.Room = choices.Below(4) == 1 ? choices.Below(4) : int.MaxValue;
        peer.Carrier.RequestWrite();
        switch (choices.Byte())
        {
            case 1:
                peer.World.Connector.Release();
                break;
            case 2 when peer.World.Connector.Tcp.Count > 0:
                peer.World.Connector.Tcp[choices.Below(peer.World.Connector.Tcp.Count)].Reset();
                break;
            case 3 when peer.World.Connector.Udp.Count > 0:
                peer.World.Connector.Udp[choices.Below(peer.World.Connector.Udp.Count)].Deliver(choices.Fill(choices.Below(65_527)));
                break;
            case 4:
                peer.Carrier.Client.ForceCloseTunnels();
                break;
            case 5:
                peer.Carrier.Client.Drain(0);
                break;
            case 6:
                peer.World.Simulation.Run(Time.Seconds(choices.Below(20)));
                break;
            case 7 when !peer.Carrier.IsClosed:
                peer.Carrier.ReceiveEnd();
                // Nothing comes after it: what is above TLS relies on that.
                return false;
        }
        return true;
    }

    private static byte[] Next(ref Choices choices)
    {
        var stream = choices.Of([1, 1, 3, 5, 7, 9, 0, 2, 99, int.MaxValue]);
        switch (choices.Below(12))
        {
            case 0:
                return Request(stream, Connect, choices.Below(4) == 1);
            case 1:
                return Request(stream, ConnectUdp, choices.Below(8) == 1);
            case 2:
                return Request(stream, Get, choices.Flag());
            case 3:
                return Write(ResetStream, 0, stream, Number(choices.Byte()));
            case 4:
                return Update(stream, (uint)choices.Number());
            case 5:
                return Setting(choices.Below(10), (uint)choices.Number());
            case 6:
                return Write(Headers, choices.Byte(), stream, choices.Take(choices.Byte()));
            case 7:
                return Write(Continuation, choices.Byte(), stream, choices.Take(choices.Byte()));
            case 8:
                return Write((byte)choices.Below(13), choices.Byte(), stream, choices.Take(choices.Below(40)));
            case 9:
                return Write(Data, 0, stream, Capsules.Write((ulong)choices.Below(3), (ulong)choices.Below(2), choices.Fill(choices.Below(1500))));
            case 10:
                return choices.Take(choices.Byte()).ToArray();
            default:
                return Write(Data, (byte)(choices.Below(10) == 1 ? EndStream : 0), stream, choices.Fill(choices.Below(16_385)));
        }
    }
}
