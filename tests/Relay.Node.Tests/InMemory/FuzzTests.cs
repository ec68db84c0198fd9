namespace Relay.Node.Tests.InMemory;

/// <summary>Whatever arrives, the node neither throws nor ends, and still serves whoever behaves.</summary>
public class FuzzTests
{
    [Theory]
    [Seeds(2)]
    public void Packets_AtRandom_AreSurvived(int seed)
    {
        using var network = new Network(seed: seed);
        var random = new Random(seed);
        for (var i = 0; i < 5000; i++)
        {
            var packet = new byte[random.Next(4) == 0 ? random.Next(64) : random.Next(1500)];
            random.NextBytes(packet);
            if (packet.Length > 5 && random.Next(2) == 0)
            {
                packet[0] |= 0xc0;
                BitConverter.TryWriteBytes(packet.AsSpan(1), random.Next(3) == 0 ? 0xcf43336b : 0x01000000u);
                packet[5] = (byte)random.Next(22);
            }
            var from = Network.Endpoint(random.Next(5), random.Next(1, 50));
            network.Node.Receive(new Packet(packet, from, InMemoryNode.Address, (byte)random.Next(4)));
            if (i % 50 == 0)
                network.Run(Time.Milliseconds(1));
        }
        network.Run(Time.Seconds(20));
        AssertServes(network);
    }

    [Theory]
    [Seeds(3)]
    public void Packets_WithFlippedBitsAmongRealOnes_AreSurvived(int seed)
    {
        using var network = new Network(seed: seed);
        var random = new Random(seed);
        var served = 0;
        for (var round = 0; round < 10; round++)
        {
            var client = network.AddClient(null, out var link);
            link.Up.Filter = packet =>
            {
                for (var copies = random.Next(4); copies > 0; copies--)
                    network.Node.Receive(packet with { Payload = Mutate(packet.Payload, random) });
                return true;
            };
            Assert.True(network.Run(() => client.IsEstablished || client.IsOver));
            if (client.IsOver)
                continue;
            var tcp = client.Connect();
            var udp = network.Answered(client.ConnectUdp());
            tcp.SendPattern(50_000);
            for (var i = 0; i < 20; i++)
                udp.SendDatagram(new byte[random.Next(1000)]);
            network.Run(Time.Seconds(1));
            // Nothing that was altered is authentic, so nothing of it has an effect once keys are there.
            Assert.Equal(50_000, tcp.BodyLength);
            Assert.Equal(20, udp.Datagrams.Count);
            served++;
        }
        Assert.True(served >= 5);
        AssertServes(network);
    }

    [Theory]
    [Seeds(2)]
    public void Packets_OfOldConnectionsReplayed_AreSurvived(int seed)
    {
        using var network = new Network(seed: seed);
        var random = new Random(seed);
        var recorded = new List<Packet>();
        for (var round = 0; round < 5; round++)
        {
            var client = network.Establish(null, out var link);
            link.Up.Filter = packet =>
            {
                recorded.Add(packet);
                return true;
            };
            var stream = client.Connect();
            stream.SendPattern(100_000);
            Assert.True(network.Run(() => stream.BodyLength == 100_000));
            if (round % 2 == 0)
                client.CloseWith(0x100);
            for (var i = 0; i < 300; i++)
            {
                var replayed = recorded[random.Next(recorded.Count)];
                network.Node.Receive(replayed with { From = Network.Endpoint(random.Next(1, 9), 50_000) });
            }
            network.Run(Time.Seconds(1));
        }
        AssertServes(network);
    }

    [Theory]
    [Seeds(3)]
    public void Datagrams_AtRandom_EndAtMostTheirOwnConnection(int seed)
    {
        using var network = new Network(seed: seed);
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            var client = network.Establish();
            client.Connect();
            client.ConnectUdp();
            for (var i = 0; i < 50 && !client.IsOver; i++)
            {
                var frame = new byte[random.Next(20)];
                random.NextBytes(frame);
                if (frame.Length > 0 && random.Next(3) > 0)
                    frame[0] = (byte)random.Next(8);
                client.SendFrame(frame);
                network.Run(Time.Milliseconds(2));
            }
            network.Run(Time.Milliseconds(100));
            if (client.IsOver)
                client.AssertClosed(0x33ul);
        }
        AssertServes(network);
    }

    [Theory]
    [Seeds(3)]
    public void CapsuleStreams_AtRandom_EndAtMostTheirOwnStream(int seed)
    {
        using var network = new Network(seed: seed);
        var random = new Random(seed);
        var client = network.Establish();
        for (var round = 0; round < 100; round++)
        {
            var stream = client.ConnectUdp();
            for (var i = random.Next(10); i > 0; i--)
            {
                var bytes = new byte[random.Next(100)];
                random.NextBytes(bytes);
                if (bytes.Length > 2 && random.Next(2) == 0)
                    (bytes[0], bytes[1]) = (0, (byte)random.Next(64));
                stream.Send(bytes);
            }
            if (random.Next(2) == 0)
                stream.Finish();
            network.Run(Time.Milliseconds(30));
            if (!stream.IsClosed)
                stream.Reset(0x10c);
        }
        Assert.False(client.IsOver);
        AssertServes(network);
    }

    private static byte[] Mutate(byte[] payload, Random random)
    {
        var copy = payload[..(random.Next(5) == 0 ? random.Next(1, payload.Length + 1) : payload.Length)];
        // As often in what the header says as in all the rest.
        for (var flips = random.Next(1, 4); flips > 0; flips--)
        {
            var place = random.Next(random.Next(2) == 0 ? Math.Min(copy.Length, 30) : copy.Length);
            copy[place] ^= (byte)(1 << random.Next(8));
        }
        return copy;
    }

    private static void AssertServes(Network network)
    {
        var client = network.Establish();
        var stream = client.Connect();
        stream.Send("still here"u8);
        Assert.True(network.Run(() => stream.BodyLength == 10));
        network.CloseAndAssertClean();
    }
}
