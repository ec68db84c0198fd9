using Relay.Node.Server;
using Relay.Node.Tests.Diagnostics.Metrics;

namespace Relay.Node.Tests.InMemory;

/// <summary>What is learned of connections while they live and when they end.</summary>
public class SamplerTests : InMemoryTests
{
    [Fact]
    public void Connection_RoundTripAndWindow_AreSampledAndTakenAtTheEnd()
    {
        using var node = new WatchedNode();
        using var export = new ScrapedExport(node.Meter.Name);
        using var network = new Network();
        network.Node.Loop.Histograms = node.Diagnostics.Histograms;
        _ = network.Establish();
        Assert.Equal(1, Shown("relay_handshake_duration_seconds_count{}"));
        // 10 ms each way, and a handshake of one and a half round trips.
        Assert.InRange(Shown("relay_handshake_duration_seconds_sum{}"), 0.02, 0.06);

        var sampler = new LoopSampler(network.Node.Loop, network.Node.Connections.Open);
        sampler.Start();
        network.Run(Time.Seconds(3));
        network.Node.Loop.Timers.Clear(sampler);
        var samples = Shown("relay_quic_rtt_seconds_count{}");
        Assert.InRange(samples, 2, 3);
        Assert.InRange(Shown("relay_quic_rtt_seconds_sum{}") / samples, 0.02, 0.03);
        Assert.InRange(Shown("relay_quic_cwnd_bytes_sum{}") / samples, 10_000, 100_000);
        network.CloseAndAssertClean();
        Assert.Equal(samples + 1, Shown("relay_quic_rtt_seconds_count{}"));

        double Shown(string series) => export.Scrape().Values[series];
    }

    [Fact]
    public void ManyConnections_EveryLook_IsBoundedAndTakesTheNext()
    {
        const int Count = 200;
        using var node = new WatchedNode();
        using var export = new ScrapedExport(node.Meter.Name);
        using var network = new Network();
        for (var i = 0; i < Count; i++)
            _ = network.Establish();
        network.Node.Loop.Histograms = node.Diagnostics.Histograms;
        var sampler = new LoopSampler(network.Node.Loop, network.Node.Connections.Open);
        sampler.Start();
        network.Run(LoopSampler.Interval + Time.Milliseconds(1));
        Assert.Equal(64, Samples());
        network.Run(LoopSampler.Interval);
        Assert.Equal(128, Samples());
        network.Node.Loop.Timers.Clear(sampler);
        network.CloseAndAssertClean();

        double Samples() => export.Scrape().Values["relay_quic_rtt_seconds_count{}"];
    }

    [Fact]
    public void LostPackets_AreCountedOnce()
    {
        using var network = new Network();
        network.Node.Connector.SetUpUdp = static flow => flow.Flood(5000, 1000);
        var client = network.Establish(new ClientSettings { Path = PathConditions.Lossy(0.02) });
        var stream = client.ConnectUdp();
        stream.KeepsDatagrams = false;
        var sampler = new LoopSampler(network.Node.Loop, network.Node.Connections.Open);
        sampler.Start();
        Assert.True(network.Simulation.Run(() => network.Node.Connector.Udp is [{ Unread: 0 }], Time.Seconds(300)));
        network.Run(Time.Seconds(2));
        network.Node.Loop.Timers.Clear(sampler);
        network.CloseAndAssertClean();
        // Some may be taken for lost that were late.
        var lost = 5000 - stream.DatagramCount;
        Assert.InRange(network.Node.Loop.Counters.PacketsLost, lost * 9 / 10, (lost * 3 / 2) + 20);
    }

    [Fact]
    public void ConnectionList_RemovedInAnyOrder_KeepsTheRest()
    {
        var network = Start();
        for (var i = 0; i < 5; i++)
            _ = network.Establish();
        var all = network.Node.Connections.Open.ToArray();
        var list = network.Node.Connections.Open;
        foreach (var index in (int[])[2, 4, 0])
        {
            Assert.True(list.Remove(all[index]));
            Assert.False(list.Remove(all[index]));
        }
        Assert.Equal(new HashSet<object> { all[1], all[3] }, list.ToHashSet<object>());
        Assert.Equal([0, 1], list.Select(static connection => connection.Slot).Order());
        foreach (var index in (int[])[0, 2, 4])
            list.Add(all[index]);
        Assert.Equal(all.ToHashSet(), list.ToHashSet());
    }
}
