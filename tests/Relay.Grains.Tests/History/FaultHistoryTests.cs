using System.Globalization;
using Relay.Fleet.Contract;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.History;

/// <summary>
/// One fault after another, chosen by chance: what storage, clocks, coordinators and nodes do to leases. The number of faults
/// is RELAY_HISTORY_FAULTS where it is set, and RELAY_HISTORY_SEED chooses them.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class FaultHistoryTests(ITestOutputHelper output)
{
    private static readonly string[] Deciders = ["PrefixPoolGrain", "FleetGrain"];
    private readonly Random _random = new(Setting("RELAY_HISTORY_SEED", 1));

    private enum Fault
    {
        Failover,
        FailoverWithItsGrantor,
        ClockSet,
        GrantorEnds,
        StateEmptied,
        StateEmptiedWithItsGrantor,
        RedisRestarted,
        NodeCutOff,
        NameTwice,
        ClaimOfWhatItNeverHad,
    }

    [Fact]
    public async Task Faults_OfEveryKind_LetNoBlockBeUsedTwice_AndDisturbNobodyElse()
    {
        await using var fleet = await HistoryFleet.StartAsync(nodes: 6);
        var kinds = Environment.GetEnvironmentVariable("RELAY_HISTORY_FAULT") is { } only
            ? [Enum.Parse<Fault>(only)]
            : Enum.GetValues<Fault>();
        var count = Setting("RELAY_HISTORY_FAULTS", kinds.Length);
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < count; i++)
        {
            var fault = count == kinds.Length ? kinds[i] : _random.GetItems(kinds, 1)[0];
            await DoAsync(fleet, fault);
            // Somebody always wants a block just then.
            await fleet.RestartAsync(0);
            await fleet.PassAsync(TimeSpan.FromSeconds(1));
            var took = await fleet.UntilAllHaveABlockAsync();
            slowest = took > slowest ? took : slowest;
            await fleet.PassAsync(HistoryFleet.Timings.LeaseTime / 4);
            output.WriteLine($"{fault}: blocks after {took.TotalSeconds} s; {fleet.Grants} grants, "
                + $"double holds: {string.Join("; ", fleet.DoubleHolds)}, lost: {string.Join("; ", fleet.Lost)}");
        }

        Assert.Empty(fleet.DoubleHolds);
        Assert.Empty(fleet.Lost);
        Assert.True(fleet.Grants > count, $"the history granted too little: {fleet.Grants}");
        Assert.True(slowest <= HistoryFleet.Timings.LeaseTime + TimeSpan.FromSeconds(10), $"blocks again after {slowest}");
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
                await fleet.Redis.FailOverAsync();
                if (fault == Fault.FailoverWithItsGrantor)
                    await fleet.EndGrainsAsync(Deciders);
                break;
            case Fault.ClockSet:
                fleet.SetClock(_random.Next(3), TimeSpan.FromSeconds(_random.Next(-1800, 1800)));
                break;
            case Fault.GrantorEnds:
                await fleet.RestartAsync(1);
                await fleet.PassAsync(TimeSpan.FromSeconds(1));
                await fleet.EndGrainsAsync(Deciders);
                break;
            case Fault.StateEmptied or Fault.StateEmptiedWithItsGrantor:
                await fleet.EmptyAsync();
                if (fault == Fault.StateEmptiedWithItsGrantor)
                    await fleet.EndGrainsAsync(Deciders);
                break;
            case Fault.RedisRestarted:
                await fleet.Redis.RestartAsync();
                break;
            case Fault.NodeCutOff:
                await CutOffAsync(fleet, fleet.Nodes[_random.Next(1, 3)]);
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

    private static int Setting(string name, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? $"{otherwise}", CultureInfo.InvariantCulture);
}
