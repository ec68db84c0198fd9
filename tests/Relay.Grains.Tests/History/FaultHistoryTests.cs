using System.Diagnostics;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.History;

/// <summary>
/// One fault after another: what storage, clocks, coordinators and nodes do to leases. Chance chooses within each, and with
/// <c>RELAY_HISTORY_SEED</c> another chance than the last time.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class FaultHistoryTests(ITestOutputHelper output)
{
    private readonly Random _random = new(int.TryParse(
        Environment.GetEnvironmentVariable("RELAY_HISTORY_SEED"), out var seed) ? seed : 1);

    private readonly long _begun = Stopwatch.GetTimestamp();

    private enum Fault
    {
        Failover,
        FailoverWithItsGrantor,
        ClockSet,
        GrantorEnds,
        StateEmptied,
        StateEmptiedWithItsGrantor,
        PoolEndsAlone,
        CatalogEndsAlone,
        PoolChangeLost,
        PoolChangeLostWithItsCatalog,
        RedisFlushed,
        RedisRestarted,
        RedisRestartedEmpty,
        RedisSlow,
        CoordinatorKilled,
        CoordinatorStopped,
        CoordinatorStoppedUntilDeclaredDead,
        CoordinatorCutOff,
        NodeCutOff,
        NodeClockSet,
        NameTwice,
        ClaimOfWhatItNeverHad,
    }

    [Fact]
    public Task Faults_OneOfEachKind_LetNoBlockBeUsedTwice_AndDisturbNobodyElse() => PlayAsync(Enum.GetValues<Fault>());

    /// <summary>Ten minutes of this machine's time.</summary>
    [Fact(Explicit = true)]
    public Task Faults_ByChance_LetNoBlockBeUsedTwice_AndDisturbNobodyElse() =>
        PlayAsync(Chance().TakeWhile(_ => Stopwatch.GetElapsedTime(_begun) < TimeSpan.FromMinutes(10)));

    [Fact(Explicit = true)]
    public Task Clocks_SetAThousandTimes_LetNoBlockBeUsedTwice_AndDisturbNobodyElse() =>
        PlayAsync([.. Enumerable.Repeat(Fault.ClockSet, 1000)]);

    private IEnumerable<Fault> Chance()
    {
        while (true)
            yield return _random.GetItems(Enum.GetValues<Fault>(), 1)[0];
    }

    private async Task PlayAsync(IEnumerable<Fault> faults)
    {
        await using var fleet = await HistoryFleet.StartAsync(nodes: 6);
        var count = 0;
        foreach (var fault in faults)
        {
            await DoAsync(fleet, fault);
            output.WriteLine($"{++count} {fault}: {await fleet.SettleAsync()}");
            // What was granted is all there: nobody has to wait.
            Assert.True(fault != Fault.RedisRestarted || fleet.Took < HistoryFleet.Timings.LeaseTime / 2, $"{fleet.Took}");
        }
        fleet.Check(atLeastGrants: count);
    }

    private async Task DoAsync(HistoryFleet fleet, Fault fault)
    {
        switch (fault)
        {
            case Fault.Failover or Fault.FailoverWithItsGrantor:
                await fleet.Redis.PartAsync();
                for (var lag = _random.Next(1, 6); lag > 0; lag--)
                {
                    await fleet.RestartAsync(_random.Next(1, 3));
                    await fleet.PassAsync(TimeSpan.FromSeconds(1));
                }
                await fleet.BreakAsync(static redis => redis.FailOverAsync());
                if (fault == Fault.FailoverWithItsGrantor)
                    await fleet.EndDecidersAsync();
                break;
            case Fault.ClockSet:
                fleet.SetClock(_random.Next(3), TimeSpan.FromSeconds(_random.Next(-1800, 1800)));
                break;
            case Fault.GrantorEnds:
                await fleet.RestartAsync(1);
                await fleet.PassAsync(TimeSpan.FromSeconds(1));
                await fleet.EndDecidersAsync();
                break;
            case Fault.StateEmptied or Fault.StateEmptiedWithItsGrantor:
                await fleet.EmptyAsync();
                if (fault == Fault.StateEmptiedWithItsGrantor)
                    await fleet.EndDecidersAsync();
                break;
            case Fault.PoolEndsAlone or Fault.CatalogEndsAlone:
                await fleet.RestartAsync(1);
                await fleet.EndDecidersAsync(HistoryFleet.Deciders[fault == Fault.PoolEndsAlone ? 0 : 1]);
                break;
            case Fault.PoolChangeLost or Fault.PoolChangeLostWithItsCatalog:
                await fleet.Redis.PartAsync();
                await fleet.ChangePoolAsync();
                for (var lag = _random.Next(1, 4); lag > 0; lag--)
                {
                    await fleet.RestartAsync(_random.Next(1, 3));
                    await fleet.PassAsync(TimeSpan.FromSeconds(1));
                }
                await fleet.BreakAsync(static redis => redis.FailOverAsync());
                if (fault == Fault.PoolChangeLostWithItsCatalog)
                    await fleet.EndDecidersAsync(HistoryFleet.Deciders[1]);
                break;
            case Fault.RedisFlushed:
                await fleet.BreakMembersAsync(static redis => redis.FlushAsync());
                break;
            case Fault.RedisRestartedEmpty:
                await fleet.BreakMembersAsync(static redis => redis.RestartEmptyAsync());
                break;
            case Fault.RedisRestarted:
                await fleet.BreakAsync(static redis => redis.RestartAsync());
                break;
            case Fault.RedisSlow:
                await fleet.SlowRedisAsync(TimeSpan.FromSeconds(_random.Next(2, 10)));
                break;
            case Fault.CoordinatorKilled:
                await fleet.KillAsync(_random.Next(3));
                break;
            case Fault.CoordinatorStopped or Fault.CoordinatorCutOff:
                await fleet.RestartAsync(1);
                await fleet.HoldAsync(
                    _random.Next(3), isCutOff: fault == Fault.CoordinatorCutOff, TimeSpan.FromSeconds(_random.Next(2, 10)));
                break;
            case Fault.CoordinatorStoppedUntilDeclaredDead:
                await fleet.RestartAsync(1);
                await fleet.HoldUntilDeclaredDeadAsync(_random.Next(3), TimeSpan.FromSeconds(_random.Next(2, 10)));
                break;
            case Fault.NodeCutOff:
                await CutOffAsync(fleet, fleet.Nodes[_random.Next(1, 3)]);
                break;
            case Fault.NodeClockSet:
                fleet.SetNodeClock(_random.Next(6), TimeSpan.FromSeconds(_random.Next(-100_000, 100_000)));
                break;
            case Fault.NameTwice:
                var twin = fleet.Join(fleet.Nodes[3].Name);
                await fleet.PassAsync(TimeSpan.FromSeconds(_random.Next(1, 10)));
                fleet.Leave(twin);
                break;
            case Fault.ClaimOfWhatItNeverHad:
                await ClaimAsync(fleet, fleet.Nodes[1]);
                break;
        }
    }

    // It holds on as long as it may, and others want blocks meanwhile.
    private async Task CutOffAsync(HistoryFleet fleet, SimulatedNode node)
    {
        fleet.Disturb(node);
        node.IsCutOff = true;
        await fleet.PassAsync(TimeSpan.FromSeconds(_random.Next(5, 50)));
        node.IsCutOff = false;
    }

    private async Task ClaimAsync(HistoryFleet fleet, SimulatedNode liar)
    {
        fleet.Disturb(liar);
        var used = fleet.Nodes.SelectMany(static node => node.UsedBlocks).ToHashSet();
        var blocks = Enumerable.Range(0, 32).Select(static i => HistoryFleet.Pool.Prefix.Block((UInt128)i, 64))
            .Where(block => !used.Contains(block)).ToArray();
        liar.Amend = report => report with
        {
            Leases = [.. report.Leases, .. _random.GetItems(blocks, 4).Distinct().Select(
                block => new LeaseClaim(HistoryFleet.Pool.Name, block, _random.NextInt64(1, 1L << 53)))],
        };
        await fleet.PassAsync(TimeSpan.FromSeconds(5));
        liar.Amend = static report => report;
    }
}
