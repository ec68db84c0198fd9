using System.Globalization;

namespace Relay.Grains.Tests.History;

/// <summary>
/// Redis fails over to a replica that is behind, again and again, while nodes come and go. The number of failovers is
/// RELAY_HISTORY_FAILOVERS where it is set.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class FailoverHistoryTests(ITestOutputHelper output)
{
    private static readonly int Failovers =
        int.Parse(Environment.GetEnvironmentVariable("RELAY_HISTORY_FAILOVERS") ?? "4", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Failovers_ToAReplicaThatIsBehind_LetNoBlockBeUsedTwice()
    {
        var random = new Random(Failovers);
        await using var fleet = await HistoryFleet.StartAsync(nodes: 6);
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < Failovers; i++)
        {
            await fleet.Redis.PartAsync();
            for (var lag = random.Next(1, 6); lag > 0; lag--)
            {
                await fleet.RestartAsync(random.Next(1, 3));
                await fleet.PassAsync(TimeSpan.FromSeconds(1));
            }
            await fleet.Redis.FailOverAsync();
            // The coordinator that granted lives, or ends with what it knew.
            if (i % 2 == 0)
                await fleet.EndGrainsAsync("PrefixPoolGrain", "FleetGrain");
            await fleet.RestartAsync(0);
            await fleet.PassAsync(TimeSpan.FromSeconds(1));
            var took = await fleet.UntilAllHaveABlockAsync();
            slowest = took > slowest ? took : slowest;
            await fleet.PassAsync(HistoryFleet.Timings.LeaseTime / 4);
            output.WriteLine($"failover {i}: blocks after {took.TotalSeconds} s, grants {fleet.Grants}, double holds {fleet.DoubleHolds.Count}, lost {fleet.Lost.Count}");
        }

        Assert.Empty(fleet.DoubleHolds);
        Assert.Empty(fleet.Lost);
        Assert.True(fleet.Grants >= 2 * Failovers, $"the history granted too little: {fleet.Grants}");
        Assert.True(slowest <= HistoryFleet.Timings.LeaseTime + TimeSpan.FromSeconds(10), $"blocks again after {slowest}");
    }
}
