using Relay.Fleet.Stats;

namespace Relay.Testing.Behaviour;

/// <summary>What the fleet carries.</summary>
public abstract class StatsBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    [Fact]
    public async Task Stats_OfSeveralNodes_AreTheirSum()
    {
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        for (var i = 0; i < 5; i++)
        {
            a.Totals = a.Totals + new NodeTotals { UpstreamBytes = 1000, TcpTunnels = 1 };
            b.Totals = b.Totals + new NodeTotals { UpstreamBytes = 10, UdpTunnels = 2 };
            await World.StepAsync();
        }

        await World.UntilAsync("all is counted", async () => (await StatsAsync(60)).Totals.UpstreamBytes == 5050);
        // What came in this very moment has no time yet to be a rate over.
        await World.StepAsync();

        var stats = await StatsAsync(60);
        Assert.Equal((5, 10), (stats.Totals.TcpTunnels, stats.Totals.UdpTunnels));
        Assert.InRange(stats.WindowSeconds, 1, 60);
        Assert.Equal(["a", "b"], stats.Nodes.Select(node => node.Node));
        Assert.Equal([5000, 50], stats.Nodes.Select(node => node.Totals.UpstreamBytes));
        Assert.Equal(5050, stats.Series.Sum(point => point.Rates.UpstreamBytes * SecondsOf(stats, point)), 1e-6);
        Assert.True(stats.Rates.UpstreamBytes > 0);
    }

    [Fact]
    public async Task Stats_OfAProcessThatBeganAnew_CountItFromItsBeginning()
    {
        var node = await World.JoinAsync("a");
        node.Totals = new NodeTotals { UpstreamBytes = 1000 };
        await World.UntilAsync("it is counted", async () => (await StatsAsync(60)).Totals.UpstreamBytes == 1000);

        await node.RestartAsync();
        node.Totals = new NodeTotals { UpstreamBytes = 30 };

        await World.UntilAsync("both are counted", async () => (await StatsAsync(60)).Totals.UpstreamBytes == 1030);
    }

    [Fact]
    public async Task Stats_OfAReportThatComesTwice_CountItOnce()
    {
        var node = await World.JoinAsync("a");
        node.Totals = new NodeTotals { UpstreamBytes = 1000 };
        var report = node.Next();
        await Fleet.ReportAsync(report, Cancellation);
        await Fleet.ReportAsync(report, Cancellation);
        await World.RunAsync(5 * Timings.ReportInterval);

        Assert.Equal(1000, (await StatsAsync(60)).Totals.UpstreamBytes);
    }

    [Fact]
    public async Task Stats_OfAShortWindow_LeaveOutWhatWasBefore()
    {
        var node = await World.JoinAsync("a");
        node.Totals = new NodeTotals { UpstreamBytes = 1000 };
        await World.UntilAsync("it is counted", async () => (await StatsAsync(10)).Totals.UpstreamBytes == 1000);
        await World.RunAsync(TimeSpan.FromSeconds(40));

        Assert.Equal(0, (await StatsAsync(10)).Totals.UpstreamBytes);
        Assert.Equal(1000, (await StatsAsync(120)).Totals.UpstreamBytes);
    }

    [Fact]
    public async Task Stats_OfRoundTrips_ArePercentilesOfAllNodes()
    {
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        var counts = new long[Distribution.BucketCount];
        counts[Distribution.BucketOf(0.010)] = 90;
        a.Rtt = new Distribution(counts);
        counts = new long[Distribution.BucketCount];
        counts[Distribution.BucketOf(0.200)] = 10;
        b.Rtt = new Distribution(counts);
        await World.StepAsync();

        await World.UntilAsync("all is counted", async () => (await StatsAsync(60)).Rtt is { Count: > 0, P99: > 0.1 });

        var rtt = (await StatsAsync(60)).Rtt;
        Assert.InRange(rtt.P50, 0.010, 0.012);
        Assert.InRange(rtt.P99, 0.2, 0.24);
    }

    [Fact]
    public async Task Load_OfTheFleet_IsThatOfTheNodesThatAreHeardOf()
    {
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        (a.Tunnels, b.Tunnels) = (3, 4);
        await World.UntilAsync(
            "both are counted", async () => (await Fleet.GetOverviewAsync(Cancellation)).Load.TcpTunnels == 7);
        Assert.Equal(7, (await StatsAsync(10)).Series[^1].Load.TcpTunnels);

        b.IsDead = true;

        await World.UntilAsync(
            "b's are gone", async () => (await Fleet.GetOverviewAsync(Cancellation)).Load.TcpTunnels == 3);
    }

    [Fact]
    public async Task Stats_OfANodeWhoseNumbersNoMachineReaches_AreAnsweredAndBoundedByWhatItIsMadeFor()
    {
        var (honest, liar) = (await World.JoinAsync("honest"), await World.JoinAsync("liar"));
        honest.Tunnels = 3;
        const long most = 1L << 53;
        long[] counts = [.. Enumerable.Repeat(most, Distribution.BucketCount)];
        long carried = 0;
        liar.Amend = report => report with
        {
            Rtt = new Distribution(counts),
            TunnelSetup = new Distribution(counts),
            Capacity = new NodeCapacity { MaxConnections = 100, MaxTunnels = 1000 },
            Load = new NodeLoad { Connections = most, Sessions = most, TcpTunnels = most, UdpTunnels = most },
            // Of a process that begins anew with each, all of it came.
            Totals = new NodeTotals
            {
                UpstreamBytes = carried = carried == most ? most - 1 : most,
                UpstreamDatagrams = carried,
                DownstreamDatagrams = most,
                TcpTunnels = carried,
                UdpTunnels = most,
            },
        };
        for (var i = 0; i < 2200; i++)
            await Fleet.ReportAsync(liar.Next(), Cancellation);
        await World.RunAsync(2 * Timings.ReportInterval);

        var stats = await StatsAsync(3600);

        Assert.True(stats.Totals.UpstreamBytes > 0 && stats.Rates.UpstreamBytes > 0 && stats.Rates.Datagrams > 0);
        Assert.True(stats.Rtt.Count > 0 && stats.TunnelSetup.Count > 0);
        Assert.Equal(0, stats.Nodes.Single(static node => node.Node == "honest").Totals.UpstreamBytes);
        var load = (await Fleet.GetOverviewAsync(Cancellation)).Load;
        Assert.Equal((100, 100, 1000), (load.Connections, load.Sessions, load.TcpTunnels + load.UdpTunnels - 3));
    }

    [Fact]
    public async Task History_OfANode_IsWhatItCarried_OverItsRestart()
    {
        var node = await World.JoinAsync("a");
        node.Tunnels = 3;
        var carrying = node.Totals;
        for (var i = 0; i < 20; i++)
        {
            node.Totals = carrying = carrying + new NodeTotals { UpstreamBytes = 1000, DownstreamBytes = 2000 };
            await World.StepAsync();
        }
        await node.RestartAsync();
        (node.Totals, node.Tunnels) = (new NodeTotals(), 5);
        await World.RunAsync(10 * Timings.ReportInterval);

        NodeHistory history = null!;
        await World.UntilAsync("both are told of", async () =>
            (history = (await Fleet.GetNodeHistoryAsync("a", 60, Cancellation))!).Points is [.., { TcpTunnels: 5 }]);

        Assert.Equal(("a", 60, 10), (history.Node, history.WindowSeconds, history.StepSeconds));
        Assert.Contains(history.Points, static point => point is { TcpTunnels: 3, UpstreamBytes: 1000, DownstreamBytes: 2000 });
        Assert.InRange((World.Now - history.Points[^1].At).TotalSeconds, 0, 10);
        var coarse = await Fleet.GetNodeHistoryAsync("a", 7200, Cancellation);
        Assert.Equal(60, coarse!.StepSeconds);
        Assert.NotEmpty(coarse.Points);
    }

    [Fact]
    public async Task History_OfANodeThatIsSilent_IsOfBefore_AndOfNobodyNone()
    {
        var node = await World.JoinAsync("a");
        node.Tunnels = 3;
        await World.RunAsync(3 * Timings.ReportInterval);
        node.IsDead = true;
        await World.UntilAsync("it is silent", async () => (await World.InfoAsync(node)).State == NodeState.Silent);

        Assert.Contains((await Fleet.GetNodeHistoryAsync("a", 900, Cancellation))!.Points, static point => point.TcpTunnels == 3);
        Assert.Null(await Fleet.GetNodeHistoryAsync("nobody", 900, Cancellation));
    }

    private ValueTask<FleetStats> StatsAsync(int window) => Fleet.GetStatsAsync(window, Cancellation);

    // A point's step, as far as it is after the beginning of what is told of.
    private double SecondsOf(FleetStats stats, StatsPoint point)
    {
        var from = World.Now.AddSeconds(-stats.Totals.UpstreamBytes / stats.Rates.UpstreamBytes);
        var step = (point.At.ToUnixTimeMilliseconds() - 1) / 1000 / StatsWindow.StepSeconds * StatsWindow.StepSeconds;
        var begin = DateTimeOffset.FromUnixTimeSeconds(step);
        return (point.At - (begin > from ? begin : from)).TotalSeconds;
    }
}
