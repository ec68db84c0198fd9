using System.Text;
using Relay.Protocol;

namespace Relay.Node.Tests.Http1;

/// <summary>Whatever a client sends, its own connection is all that ends, and nothing is left of it.</summary>
public sealed class FuzzTests : Http1Tests
{
    [Theory]
    [Seeds(3)]
    public void Connections_AtRandom_LeaveNothing(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            World.Connector.Delay = (ulong)random.Next(3) * Time.Milliseconds(1);
            var bytes = Mutate(Next(random), random);
            for (var at = 0; at < bytes.Length && Protocol.TakesBytes;)
            {
                var length = Math.Min(1 + random.Next(random.Next(2) == 0 ? 5 : 500), bytes.Length - at);
                Send(bytes.AsSpan(at, length));
                at += length;
                if (random.Next(4) == 0)
                    World.Simulation.Run(Time.Milliseconds(random.Next(3)));
                Assert.InRange(Protocol.StreamCount, 0, 1);
            }
            switch (random.Next(4))
            {
                case 0:
                    Carrier.ReceiveEnd();
                    break;
                case 1:
                    Carrier.Client.ForceCloseTunnels();
                    break;
                case 2:
                    Carrier.Client.Drain(0);
                    break;
            }
            World.Simulation.Run(Time.Milliseconds(random.Next(10)));
            if (!Carrier.IsClosed)
                Carrier.Lose(inOrder: random.Next(2) == 0);
            World.Simulation.Run(Time.Seconds(40));
            AssertClean();
            Assert.All(World.Connector.Tcp, static flow => Assert.Equal(1, flow.Closes + flow.Aborts));
            Assert.All(World.Connector.Udp, static flow => Assert.Equal(1, flow.Closes));
            Renew();
        }
        Open(udp: true);
    }

    private static byte[] Next(Random random)
    {
        var noise = new byte[random.Next(200)];
        random.NextBytes(noise);
        return random.Next(4) switch
        {
            0 => noise,
            1 => [.. Encoding.ASCII.GetBytes(Connect), .. noise],
            2 => [.. Encoding.ASCII.GetBytes(ConnectUdp), .. noise],
            _ =>
            [
                .. Encoding.ASCII.GetBytes(ConnectUdp), .. Capsules.Write(CapsuleType.Datagram, 0, noise),
                .. Capsules.Write((ulong)random.Next(3), (ulong)random.Next(2), noise),
            ],
        };
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        for (var flips = Math.Max(0, random.Next(6) - 3); flips > 0 && bytes.Length > 0; flips--)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return random.Next(5) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
    }
}
