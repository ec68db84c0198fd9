using static Relay.Testing.Http2.Frames;

namespace Relay.Node.Tests.Http2;

/// <summary>Whatever a client sends, nothing is thrown, and nothing is left once it is gone.</summary>
public sealed class FuzzTests
{
    [Theory]
    [Seeds(3)]
    public void Bytes_AtRandom_AreSurvived(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            using var peer = new RawPeer(speaks: random.Next(4) > 0);
            for (var i = random.Next(10); i > 0; i--)
            {
                var bytes = new byte[random.Next(300)];
                random.NextBytes(bytes);
                peer.SendInPieces(random.Next(1, 100), bytes);
            }
            peer.AssertClean();
        }
    }

    [Theory]
    [Seeds(4)]
    public void Frames_AtRandom_AreSurvived(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            using var peer = new RawPeer();
            SetUp(peer, random);
            for (var i = random.Next(60); i > 0 && !peer.Carrier.IsClosed; i--)
            {
                peer.SendInPieces(random.Next(1, 2000), Any(random));
                Disturb(peer, random);
            }
            peer.AssertClean();
        }
    }

    private static void SetUp(RawPeer peer, Random random)
    {
        var connector = peer.World.Connector;
        connector.SetUpTcp = flow =>
        {
            (flow.Source, flow.EndsAfterSource) = (random.Next(100_000), random.Next(2) == 0);
            (flow.Echo, flow.Reads, flow.KernelBuffer) = (random.Next(3) == 0, random.Next(2) == 0, random.Next(5000));
        };
        connector.Hold = random.Next(4) == 0;
    }

    private static void Disturb(RawPeer peer, Random random)
    {
        var connector = peer.World.Connector;
        peer.Carrier.Room = random.Next(3) == 0 ? random.Next(4) : int.MaxValue;
        peer.Carrier.RequestWrite();
        switch (random.Next(40))
        {
            case 0:
                connector.Release();
                break;
            case 1 when connector.Tcp.Count > 0:
                connector.Tcp[random.Next(connector.Tcp.Count)].Reset();
                break;
            case 2 when connector.Udp.Count > 0:
                connector.Udp[random.Next(connector.Udp.Count)].Deliver(new byte[random.Next(65_527)]);
                break;
            case 3:
                peer.Carrier.Client.ForceCloseTunnels(random, static (_, random) => random.Next(2) == 0);
                break;
            case 4:
                peer.Carrier.Client.Drain(0);
                break;
            case 5:
                peer.World.Simulation.Run(Time.Seconds(random.Next(20)));
                break;
            case 6 when random.Next(5) == 0 && !peer.Carrier.IsClosed:
                peer.Carrier.ReceiveEnd();
                break;
        }
    }

    private static byte[] Any(Random random)
    {
        var stream = random.Next(6) == 0 ? random.Next(40) : (2 * random.Next(15)) + 1;
        return random.Next(12) switch
        {
            0 or 1 => Request(stream, Connect, random.Next(4) == 0),
            2 => Request(stream, ConnectUdp, random.Next(8) == 0),
            3 => Write(ResetStream, 0, stream, Number((uint)random.Next(16))),
            4 => Update(random.Next(3) == 0 ? 0 : stream, (uint)random.Next(1, 100_000)),
            5 => Setting(random.Next(10), (uint)random.Next(random.Next(2) == 0 ? 3 : 100_000)),
            6 => Write(Headers, (byte)random.Next(64), stream, Connect.AsSpan(0, random.Next(Connect.Length))),
            7 => Write((byte)random.Next(12), (byte)random.Next(256), stream, Bytes(random, random.Next(30))),
            8 => Write(Data, 0, stream, Capsules.Write(0, 0, Bytes(random, random.Next(1500)))),
            _ => Write(Data, (byte)(random.Next(10) == 0 ? EndStream : 0), stream, Bytes(random, random.Next(16_384))),
        };
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
