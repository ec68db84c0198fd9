namespace Relay.Fleet.Tests;

public class FleetTimingsTests
{
    [Fact]
    public void Faults_OfTheDefaults_AreNone() => Assert.Empty(new FleetTimings().Faults());

    public static TheoryData<FleetTimings> Misfits =>
    [
        new FleetTimings { ReportInterval = TimeSpan.Zero },
        new FleetTimings { NodeTimeout = TimeSpan.FromSeconds(2) },
        new FleetTimings { NodeTimeout = TimeSpan.FromSeconds(200) },
        new FleetTimings { HolderMargin = TimeSpan.FromSeconds(5) },
        new FleetTimings { HolderMargin = TimeSpan.FromSeconds(118) },
        new FleetTimings { Quarantine = TimeSpan.FromSeconds(-1) },
        new FleetTimings { LameTime = TimeSpan.FromSeconds(-1) },
        new FleetTimings { ReturnTime = TimeSpan.FromSeconds(1) },
        new FleetTimings { ForgetAfter = TimeSpan.FromSeconds(1) },
    ];

    [Theory]
    [MemberData(nameof(Misfits), DisableDiscoveryEnumeration = true)]
    public void Faults_OfTimesThatDoNotFitEachOther_AreSome(FleetTimings timings) => Assert.NotEmpty(timings.Faults());
}
