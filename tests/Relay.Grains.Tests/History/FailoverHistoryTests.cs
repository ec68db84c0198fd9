namespace Relay.Grains.Tests.History;

/// <summary>Redis fails over to a replica that is behind, again and again, while nodes come and go.</summary>
[Trait("Needs", "Cluster")]
public sealed class FailoverHistoryTests(ITestOutputHelper output)
{
    [Fact]
    public Task Failovers_ToAReplicaThatIsBehind_LetNoBlockBeUsedTwice() => PlayAsync(4);

    [Fact(Explicit = true)]
    public Task Failovers_AHundredOfThem_LetNoBlockBeUsedTwice() => PlayAsync(100);

    private async Task PlayAsync(int failovers)
    {
        var random = new Random(failovers);
        await using var fleet = await HistoryFleet.StartAsync(nodes: 6);
        for (var i = 0; i < failovers; i++)
        {
            await fleet.Redis.PartAsync();
            for (var lag = random.Next(1, 6); lag > 0; lag--)
            {
                await fleet.RestartAsync(random.Next(1, 3));
                await fleet.PassAsync(TimeSpan.FromSeconds(1));
            }
            await fleet.BreakAsync(static redis => redis.FailOverAsync());
            // The coordinator that granted lives, or ends with what it knew.
            if (i % 2 == 0)
                await fleet.EndDecidersAsync();
            output.WriteLine($"failover {i}: {await fleet.SettleAsync()}");
        }
        fleet.Check(atLeastGrants: 2 * failovers);
    }
}
