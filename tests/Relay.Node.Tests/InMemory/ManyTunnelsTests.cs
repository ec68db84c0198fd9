namespace Relay.Node.Tests.InMemory;

public class ManyTunnelsTests : InMemoryTests
{
    [Fact]
    public void Tunnels_TwoHundredOnOneConnection_AllCarryTheirOwn()
    {
        var (network, client) = Start(new NodeSettings { MaxTunnelsPerConnection = 256 })
            .WithClient(new ClientSettings { Path = PathConditions.Lossy(0.01, 0.1) });
        var random = new Random(5);
        var tcp = new List<TestStream>();
        var udp = new List<TestStream>();
        tcp.AddRange(network.AskAll(client, 100, i => client.Connect($"tcp{i}.test:80")));
        udp.AddRange(network.AskAll(client, 100, i => client.ConnectUdp($"udp{i}.test")));
        Assert.True(network.Run(() => tcp.Concat(udp).All(static s => s.Status == 200)));
        Assert.Equal(200, network.Node.Loop.Counters.TunnelsActive);
        var sent = new int[100];
        for (var round = 0; round < 1500; round++)
        {
            var i = random.Next(100);
            var bytes = new byte[1 + random.Next(2000)];
            Array.Fill(bytes, (byte)i);
            tcp[i].Send(bytes);
            sent[i] += bytes.Length;
            udp[i].SendDatagram(bytes.AsSpan(0, Math.Min(bytes.Length, 1000)));
            if (round % 20 == 0)
                network.Run(Time.Milliseconds(20));
        }
        Assert.True(network.Run(() => Enumerable.Range(0, 100).All(i => tcp[i].BodyLength == sent[i])));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(-1, tcp[i].Body.IndexOfAnyExcept((byte)i));
            Assert.All(udp[i].Datagrams, d => Assert.Equal(-1, d.AsSpan().IndexOfAnyExcept((byte)i)));
        }
        // Datagrams may be lost on the way, by the two per cent of two ways, but not by the relay.
        Assert.InRange(udp.Sum(static s => s.Datagrams.Count), 1350, 1500);
        foreach (var stream in tcp.Concat(udp))
            stream.Finish();
        Assert.True(network.Run(() => tcp.Concat(udp).All(static s => s.IsClosed)));
    }

    [Fact]
    public void Connections_Fifty_AllEchoAndEnd()
    {
        var network = Start();
        var clients = Enumerable.Range(0, 50).Select(_ => network.AddClient()).ToList();
        Assert.True(network.Run(() => clients.TrueForAll(static c => c.IsEstablished)));
        var streams = clients.Select(static c => c.Connect()).ToList();
        foreach (var stream in streams)
            stream.Send("hello"u8);
        Assert.True(network.Run(() => streams.TrueForAll(static s => s.BodyLength == 5)));
        Assert.Equal(50, network.Node.Loop.Counters.ConnectionsActive);
    }
}
