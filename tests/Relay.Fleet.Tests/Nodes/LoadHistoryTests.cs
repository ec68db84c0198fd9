using Relay.Fleet.Nodes;

namespace Relay.Fleet.Tests.Nodes;

public sealed class LoadHistoryTests
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly LoadHistory _history = new();

    [Fact]
    public void Points_OfALongWindow_AreMeansOfMinutes()
    {
        for (var i = 0; i < 180; i++)
            Report(i, i < 60 ? 1000 : 3000, tunnels: i);

        var seen = _history.Read("a", 3600, Begin.AddSeconds(179));

        Assert.Equal(("a", 3600, 60), (seen.Node, seen.WindowSeconds, seen.StepSeconds));
        Assert.Equal([1000, 3000, 3000], seen.Points.Select(static point => point.UpstreamBytes));
        Assert.Equal([2000, 6000, 6000], seen.Points.Select(static point => point.DownstreamBytes));
        // What is open is that of the end.
        Assert.Equal([59, 119, 179], seen.Points.Select(static point => point.TcpTunnels));
        Assert.Equal([60, 120, 179], seen.Points.Select(static point => (point.At - Begin).TotalSeconds));
        Assert.All(seen.Points, static point => Assert.Equal((7, 5, 0.25), (point.Connections, point.UdpTunnels, point.Busy)));
    }

    [Fact]
    public void Points_OfAQuarterOfAnHour_AreOfTenSeconds()
    {
        for (var i = 0; i < 1200; i++)
            Report(i, 10);

        var seen = _history.Read("a", 900, Begin.AddSeconds(1199));

        Assert.Equal(10, seen.StepSeconds);
        Assert.Equal(91, seen.Points.Count);
        Assert.Equal(300, (seen.Points[0].At - Begin).TotalSeconds);
    }

    [Fact]
    public void Points_OfMoreThanIsKept_AreTheNewestTwoHours()
    {
        for (var i = 0; i < 3 * 7200; i += 60)
            Report(i, 10);

        var seen = _history.Read("a", int.MaxValue, Begin.AddSeconds(3 * 7200 - 60));

        Assert.Equal((7200, 121), (seen.WindowSeconds, seen.Points.Count));
        Assert.Equal(seen.Points.Select(static point => point.At).Order(), seen.Points.Select(static point => point.At));
        Assert.Equal(2 * 7200, (seen.Points[0].At - Begin).TotalSeconds);
    }

    [Fact]
    public void Points_WhileTheNodeDidNotReport_AreNone_AndWhatCameMeanwhileIsSpreadOverIt()
    {
        Report(0, 10);
        Report(59, 10);
        // It was cut off for four minutes, and carried on.
        _history.Add(Of(3), new NodeTotals { UpstreamBytes = 241_000 }, TimeSpan.FromSeconds(241), Begin.AddSeconds(300));

        var seen = _history.Read("a", 3600, Begin.AddSeconds(301));

        Assert.Equal([60, 301], seen.Points.Select(static point => (point.At - Begin).TotalSeconds));
        Assert.Equal(1000, seen.Points[1].UpstreamBytes);
    }

    [Fact]
    public void Points_OfAProcessThatBeganAnew_DoNotCountWhatItSaysThatItCarriedBefore()
    {
        _history.Add(Of(3), new NodeTotals { UpstreamBytes = 1L << 50 }, null, Begin);

        var point = Assert.Single(_history.Read("a", 60, Begin).Points);

        Assert.Equal((0, 3), (point.UpstreamBytes, point.TcpTunnels));
    }

    [Fact]
    public void Points_OfANodeThatTellsTheMost_AreWhatItTold()
    {
        var most = new NodeReport
        {
            Node = "a",
            Incarnation = Guid.NewGuid(),
            Sequence = 1,
            State = NodeState.Serving,
            Load = new NodeLoad { Connections = ReportBounds.MaxConnections, TcpTunnels = ReportBounds.MaxTunnels },
        };
        for (var i = 0; i < 10; i++)
            _history.Add(most, new NodeTotals { UpstreamBytes = 1L << 53, DownstreamBytes = 1L << 53 }, Second, Begin.AddSeconds(i));

        var point = Assert.Single(_history.Read("a", 60, Begin.AddSeconds(9)).Points);

        Assert.Equal((1L << 53, ReportBounds.MaxConnections, ReportBounds.MaxTunnels), ((long)point.UpstreamBytes, point.Connections, point.TcpTunnels));
        // It said nothing of its loops.
        Assert.Null(point.Busy);
    }

    [Fact]
    public void Points_AfterTheClockWasSetBack_AreThoseUpToNow()
    {
        Report(3600, 10, tunnels: 1);
        Report(0, 10, tunnels: 2);

        var seen = _history.Read("a", 7200, Begin.AddSeconds(1));

        Assert.Equal([2], seen.Points.Select(static point => point.TcpTunnels));
    }

    [Fact]
    public void Report_AfterTheFirst_AllocatesNothing()
    {
        var report = Of(3);
        var carried = new NodeTotals { UpstreamBytes = 10 };
        var at = Begin;
        _history.Add(report, carried, Second, at);

        Assert.Equal(0, Relay.Testing.Allocations.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
                _history.Add(report, carried, Second, at += Second);
        }));
    }

    private void Report(int second, long upstream, long tunnels = 3) => _history.Add(
        Of(tunnels), new NodeTotals { UpstreamBytes = upstream, DownstreamBytes = 2 * upstream }, Second, Begin.AddSeconds(second));

    private static NodeReport Of(long tunnels) => new()
    {
        Node = "a",
        Incarnation = Guid.Empty,
        Sequence = 1,
        State = NodeState.Serving,
        Load = new NodeLoad
        {
            Connections = 7,
            TcpTunnels = tunnels,
            UdpTunnels = 5,
            Loops = [new LoopLoad { Busy = 0.5 }, new LoopLoad { Loop = 1 }],
        },
    };
}
