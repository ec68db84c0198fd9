using System.Globalization;
using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>
/// Nine nodes that run traffic, beside one that was taken over and lies by chance: they keep their blocks, limits, statistics and
/// readiness. <c>RELAY_HISTORY_SEED</c> says which lies; every run prints its own.
/// </summary>
public abstract class LiarBehaviour(Func<Task<IFleetHarness>> start, ITestOutputHelper output) : FleetBehaviour(start)
{
    private const string Alice = "credential:alice";
    private const string PoolPrefix = "2001:db8::/56";
    private const int Honest = 9;
    private const int LiesASecond = 3;
    private const long TunnelsOfAlice = 10;

    [Fact]
    public Task Nine_BesideOneThatLies_KeepWhatTheyHave() => PlayAsync(TimeSpan.FromSeconds(8));

    [Fact(Explicit = true)]
    public Task Nine_BesideOneThatLiesForAMinute_KeepWhatTheyHave() => PlayAsync(TimeSpan.FromMinutes(1));

    private async Task PlayAsync(TimeSpan time)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("RELAY_HISTORY_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var given)
            ? given : Random.Shared.Next();
        output.WriteLine($"RELAY_HISTORY_SEED={seed}");
        await World.DefineAsync("v6", PoolPrefix, 64);
        await Fleet.PutLimitAsync(
            new LimitRule { Identity = Alice, Limit = new IdentityLimit { Tunnels = (Honest * TunnelsOfAlice) + 30 } }, null, Cancellation);
        SimulatedNode[] nodes = [.. Enumerable.Range(1, Honest).Select(i => World.Add($"n{i}", "v6"))];
        await World.UntilAsync("all serve", () => nodes.All(static node => node.UsedBlocks.Any()), 3 * Timings.LeaseTime);
        foreach (var node in nodes)
        {
            node.Open($"{node.Name}-0", Alice);
            node.Identities = [new IdentityUsage(Alice, 1, TunnelsOfAlice, 1000)];
        }
        await World.UntilAsync("all have their part", () => nodes.All(static node => TunnelsOf(node) >= TunnelsOfAlice));
        var blocks = nodes.ToDictionary(static node => node.Name, static node => node.UsedBlocks.Single());

        var liar = new LyingNode("liar", new Random(seed), nodes, Prefix.Parse(PoolPrefix));
        for (var (end, second) = (World.Now + time, 1); World.Now < end; second++)
        {
            for (var i = 0; i < LiesASecond; i++)
                await liar.LieAsync(Fleet, World.Now);
            foreach (var node in nodes)
            {
                node.Carry(1000, 500);
                node.Open($"{node.Name}-{second}", Alice);
                node.Close($"{node.Name}-{second - 1}");
            }
            await World.StepAsync();
            foreach (var node in nodes)
            {
                Assert.Null(node.LastFailure);
                Assert.Equal((node.Name, NodeState.Serving, blocks[node.Name]), (node.Name, node.State, node.UsedBlocks.Single()));
                Assert.True(TunnelsOf(node) >= TunnelsOfAlice, $"{node.Name} may use {TunnelsOf(node)} of what it uses in second {second}");
            }
        }

        output.WriteLine($"{liar.Count}");
        Assert.True(liar.Count.Taken > 0);
        // What an operator sees of them is what they say.
        foreach (var node in nodes)
        {
            await World.UntilAsync("its statistics are its own", async () =>
                (await StatsAsync()).Nodes.Single(part => part.Node == node.Name).Totals.DownstreamBytes == node.Totals.DownstreamBytes);
            await World.UntilAsync("its sessions are its own", async () =>
                (await Fleet.ListSessionsAsync(new SessionQuery { Node = node.Name }, Cancellation)).Items.Select(static one => one.Id)
                    .SequenceEqual(node.Sessions.Order(StringComparer.Ordinal)));
            var info = await World.InfoAsync(node);
            Assert.Equal((NodeState.Serving, node.Incarnation), (info.State, info.Incarnation));
        }
        // What is new has its place though it goes on, and what is drained drains.
        var late = World.Add("n10", "v6");
        await World.UntilAsync("a new one has a block", async () =>
        {
            await liar.LieAsync(Fleet, World.Now);
            return late.UsedBlocks.Any();
        }, (3 * Timings.LeaseTime) + Timings.Quarantine);
        await Fleet.StartDrainAsync(new DrainRequest { Id = "d1", Nodes = ["n9"], DeadlineSeconds = 60 }, Cancellation);
        await World.UntilAsync("it is drained", () => nodes[^1].State == NodeState.Drained);
        // An operator's word ends it.
        if (await Fleet.GetNodeAsync("liar", Cancellation) is not null)
        {
            Assert.Equal(FleetStatus.Ok, (await Fleet.QuarantineNodeAsync("liar", null, Cancellation)).Status);
            var refused = liar.Count.Refused;
            for (var i = 0; i < 20; i++)
                await liar.LieAsync(Fleet, World.Now);
            Assert.Equal(NodeState.Silent, (await Fleet.GetNodeAsync("liar", Cancellation))!.State);
            Assert.True(liar.Count.Refused > refused);
        }
    }

    private ValueTask<FleetStats> StatsAsync() => Fleet.GetStatsAsync(3600, Cancellation);

    private static long? TunnelsOf(SimulatedNode node) => (node.LastDirective?.Limits.FirstOrDefault(static limit => limit.Identity == Alice)?.Limit
        ?? node.LastDirective?.DefaultLimit)?.Tunnels;
}
