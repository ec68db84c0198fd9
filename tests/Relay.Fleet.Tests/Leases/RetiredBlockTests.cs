using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

/// <summary>Blocks that are kept from everybody though their pool is gone.</summary>
public sealed class RetiredBlockTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly FleetTimings Timings = new();
    private static readonly Prefix Block = Prefix.Parse("2001:db8:0:7::/64");

    [Fact]
    public void Retire_ABlockTwice_KeepsItOnceUntilTheLaterTime()
    {
        var catalog = new CatalogDecider();

        catalog.Retire([Quarantined(minutes: 9)]);
        catalog.Retire([Quarantined(minutes: 5), Quarantined(minutes: 10)]);

        Assert.Equal([new RetiredBlock(Block, Now.AddMinutes(10))], catalog.ToState().Retired);
    }

    [Fact]
    public void Retire_AfterAStateThatHasABlockTwice_KeepsItOnceUntilTheLaterTime()
    {
        var catalog = new CatalogDecider(new PoolCatalogState
        {
            Retired = [new RetiredBlock(Block, Now.AddMinutes(10)), new RetiredBlock(Block, Now.AddMinutes(9))],
        });

        catalog.Retire([Quarantined(minutes: 5)]);

        Assert.Equal([new RetiredBlock(Block, Now.AddMinutes(10))], catalog.ToState().Retired);
    }

    /// <summary>Who wrote the time may have had another clock.</summary>
    [Theory]
    [InlineData(-60, 2)]
    [InlineData(7, 7)]
    [InlineData(525600, 12)]
    public void CountedFrom_ATimeOfAnotherClock_IsWithinWhatAnyBlockIsKept(int minutes, int expected)
    {
        var state = new PoolCatalogState { Retired = [new RetiredBlock(Block, Now.AddMinutes(minutes))] };

        var retired = Assert.Single(state.CountedFrom(Now, Timings).Retired);

        Assert.Equal(Now.AddMinutes(expected), retired.Until);
    }

    private static PrefixLease Quarantined(int minutes) =>
        new(Block, "edge-1", Guid.Empty, 1, LeaseState.Quarantined, Now.AddMinutes(minutes));
}
