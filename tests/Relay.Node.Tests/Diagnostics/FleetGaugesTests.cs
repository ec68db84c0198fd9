using Microsoft.Extensions.Time.Testing;
using Relay.Node.Diagnostics;

namespace Relay.Node.Tests.Diagnostics;

public class FleetGaugesTests
{
    [Fact]
    public void LeaseExpiresIn_Lease_RunsDownToZero_AndStaysThereOnceItIsLost()
    {
        var clock = new FakeTimeProvider();
        var gauges = new FleetGauges(clock);
        Assert.Null(gauges.LeaseExpiresIn);
        gauges.LeasesWanted = 1;
        Assert.Equal((0, TimeSpan.Zero), (gauges.LeasesHeld, gauges.LeaseExpiresIn));
        gauges.SetLeases(1, TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(20, gauges.LeaseExpiresIn!.Value.TotalSeconds);
        clock.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal((1, TimeSpan.Zero), (gauges.LeasesHeld, gauges.LeaseExpiresIn));
        gauges.SetLeases(0, null);
        Assert.Equal((0, TimeSpan.Zero), (gauges.LeasesHeld, gauges.LeaseExpiresIn));
    }

    [Fact]
    public void AnsweredAgo_RunsFromTheLastAnswer_AndIsNothingInNoFleet()
    {
        var clock = new FakeTimeProvider();
        var gauges = new FleetGauges(clock);
        Assert.Null(gauges.AnsweredAgo);
        gauges.NoteAnswer();
        clock.Advance(TimeSpan.FromSeconds(75));
        gauges.CountReportFailure();
        Assert.Equal(TimeSpan.FromSeconds(75), gauges.AnsweredAgo);
        gauges.NoteAnswer();
        Assert.Equal(TimeSpan.Zero, gauges.AnsweredAgo);
    }

    [Fact]
    public void Counts_AreWhatWasSaid()
    {
        var gauges = new FleetGauges(TimeProvider.System);
        Assert.Equal((DrainPhase.Serving, 0), (gauges.DrainPhase, gauges.ReportFailures));
        gauges.DrainPhase = DrainPhase.Draining;
        gauges.CountReportFailure();
        gauges.CountReportFailure();
        Assert.Equal((DrainPhase.Draining, 2), (gauges.DrainPhase, gauges.ReportFailures));
    }
}
