using System.Buffers.Binary;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// All kinds of tunnels at once over paths that lose, delay, double and reorder packets, let few or only small ones through, and
/// change the client's address: bytes arrive whole and in order, and no datagram as another than was sent. Each seed is a path
/// that changes ten times; what fails names its seed.
/// </summary>
public class BadPathTests
{
    private const int Size = 400_000;
    private const int Datagrams = 100;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 16)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Tunnels_OfEveryKind_KeepTheirBytes(int seed) => AssertIntegrity(seed);

    [Fact(Explicit = true)]
    public void Tunnels_OfEveryKind_OverAThousandPaths_KeepTheirBytes()
    {
        for (var seed = 1000; seed < 2000; seed++)
        {
            try
            {
                AssertIntegrity(seed);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Assert.Fail($"seed {seed}: {exception}");
            }
        }
    }

    private static void AssertIntegrity(int seed)
    {
        var path = new RandomPath(seed);
        using var network = new Network(seed: seed);
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Size, true);
        var client = network.Establish(null, out var link);
        link.Conditions = path.Next();
        var (tcp, frames) = (client.Connect(), client.ConnectUdp());
        Assert.True(network.Simulation.Run(() => frames.Status == 200, Time.Seconds(600)), $"seed {seed}");
        var capsules = client.ConnectUdp();
        Assert.True(network.Simulation.Run(() => capsules.Status == 200, Time.Seconds(600)), $"seed {seed}");
        tcp.KeepsBody = false;
        tcp.SendPattern(Size);
        tcp.Finish();
        capsules.ReadsCapsules = true;
        var random = new Random(seed);
        for (var i = 0; i < Datagrams; i++)
        {
            frames.SendDatagram(Datagram(i, random.Next(8, 1000)));
            capsules.SendCapsule(Datagram(Datagrams + i, random.Next(8, 1400)));
            network.Run(Time.Milliseconds(random.Next(0, 40)));
            if (i % 10 == 9)
                path.Change(network, link);
        }
        Assert.True(
            network.Simulation.Run(
                () => tcp.IsClosed && network.Node.Connector.Udp[1].SentCount == Datagrams, Time.Seconds(3600)),
            $"seed {seed}: {tcp.BodyLength} bytes down, {network.Node.Connector.Tcp[0].Delivered} up, "
            + $"{network.Node.Connector.Udp[1].SentCount} of {Datagrams} capsules");
        network.Run(Time.Seconds(10));

        var target = Assert.Single(network.Node.Connector.Tcp);
        Assert.Equal((Size, true, true), (tcp.BodyLength, tcp.BodyIsPattern, tcp.Ended));
        Assert.Equal((Size, true, true), (target.Delivered, target.DeliveredPattern, target.EndDelivered));
        // Capsules are the stream's: none is lost, and they keep their order, to the target.
        Assert.Equal(
            Enumerable.Range(Datagrams, Datagrams), network.Node.Connector.Udp[1].Sent.Select(static one => NumberOf(one)));
        AssertAsSent(network.Node.Connector.Udp[0].Sent, 0);
        AssertAsSent(frames.Datagrams, 0);
        AssertAsSent(capsules.Datagrams, Datagrams);
        Assert.Equal(1, target.Closes);
        network.CloseAndAssertClean();
    }

    /// <summary>Each is one that was sent, whole, and none arrived twice (RFC 9221 §5: a packet is taken once).</summary>
    private static void AssertAsSent(IReadOnlyList<byte[]> datagrams, int first)
    {
        var numbers = datagrams.Select(NumberOf).ToList();
        Assert.All(numbers, number => Assert.InRange(number, first, first + Datagrams - 1));
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
    }

    /// <summary>A number, and bytes that follow from it and the length.</summary>
    private static byte[] Datagram(int number, int length)
    {
        var datagram = new byte[length];
        BinaryPrimitives.WriteInt32BigEndian(datagram, number);
        BinaryPrimitives.WriteInt32BigEndian(datagram.AsSpan(4), length);
        Pattern.Fill(datagram.AsSpan(8), number * 31L);
        return datagram;
    }

    private static int NumberOf(byte[] datagram)
    {
        var number = BinaryPrimitives.ReadInt32BigEndian(datagram);
        Assert.Equal(datagram.Length, BinaryPrimitives.ReadInt32BigEndian(datagram.AsSpan(4)));
        Assert.True(Pattern.Matches(datagram.AsSpan(8), number * 31L), $"datagram {number} has other bytes");
        return number;
    }
}
