using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>What the names of a token of many nodes lease together: a name costs nothing, and blocks are few.</summary>
public abstract class ShareBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    private const string Pool = "2001:db8::/60";
    private const int Blocks = 16;
    private static readonly ReportSender Liar = new("*", "192.0.2.66");

    [Fact]
    public async Task Blocks_OfNamesAtOneSource_LeaveTheLastToOthers()
    {
        await World.DefineAsync("v6", Pool, 64);
        SimulatedNode[] names = [.. Enumerable.Range(0, Blocks + 4).Select(i => AddOf(Liar, $"name-{i}", "v6"))];
        await World.UntilAsync("they have what they may", () => Used(names) == 14, 3 * Timings.LeaseTime);
        await World.RunAsync(Timings.LeaseTime);

        Assert.Equal(14, Used(names));
        var refused = names.First(static name => !name.UsedBlocks.Any());
        Assert.Contains(
            "keep 14 of the 16 blocks of pool v6, 14 of them at 192.0.2.66", refused.LastDirective!.LeaseFaults.Single(), StringComparison.Ordinal);
        Assert.Contains((await Fleet.GetOverviewAsync(Cancellation)).Warnings, static warning =>
            warning.Kind == "pool-shared-out" && warning.Text.Contains("14 of them at 192.0.2.66", StringComparison.Ordinal));
        var elsewhere = AddOf(Liar with { Source = "192.0.2.1" }, "elsewhere", "v6");
        await World.UntilAsync("one at another source has a block", () => elsewhere.UsedBlocks.Any());
        var own = World.Add("own", "v6");
        await World.UntilAsync("one with a token of its own has the last", () => own.UsedBlocks.Any());
        Assert.Equal(14, Used(names));
    }

    [Fact]
    public async Task Blocks_OfOneNameThatStartsAgain_AreNotThoseOfMany()
    {
        await World.DefineAsync("v6", "2001:db8::/63", 64);
        var node = AddOf(Liar, "a", "v6");
        await World.UntilAsync("it has a block", () => node.UsedBlocks.Any(), 3 * Timings.LeaseTime);
        var before = node.UsedBlocks.Single();

        await node.RestartAsync();

        await World.UntilAsync("it has the other", () => node.UsedBlocks.Any(block => block != before));
    }

    [Fact]
    public async Task Blocks_OfHonestNodesThatAllStartAgain_AreEnoughInAPoolOfTheDocumentedSize()
    {
        await World.DefineAsync("v6", Pool, 64);
        SimulatedNode[] nodes = [.. Enumerable.Range(0, 7 * Blocks / 16).Select(i => AddOf(Liar, $"node-{i}", "v6"))];
        await World.UntilAsync("they have a block each", () => Used(nodes) == nodes.Length, 3 * Timings.LeaseTime);
        Prefix[] before = [.. nodes.SelectMany(static node => node.UsedBlocks)];

        foreach (var node in nodes)
            await node.RestartAsync();

        // Before any of the last ones is free again.
        await World.UntilAsync(
            "they have another each", () => nodes.All(node => node.UsedBlocks.Any(block => !before.Contains(block))), Timings.LeaseTime);
    }

    [Fact]
    public async Task Blocks_OfOneTokenFoundAtTwoSources_LeaveSomeToOtherTokensOnceThePoolIsDefined()
    {
        for (var i = 0; i < Blocks; i++)
            Claim(AddOf(Liar with { Source = $"192.0.2.{i % 2}" }, $"name-{i}"), "v6", i);
        await World.UntilAsync("they are found", async () => await Fleet.GetPoolAsync("v6", Cancellation) is { Held: Blocks });
        await World.DefineAsync("v6", Pool, 64);
        var own = World.Add("own", "v6");

        await World.UntilAsync("it has a block", () => own.UsedBlocks.Any(), 2 * Timings.LeaseTime + Timings.Quarantine + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Blocks_FoundOfManyNames_LeaveSomeToOthersOnceThePoolIsDefined()
    {
        for (var i = 0; i < Blocks; i++)
            Claim(AddOf(Liar, $"name-{i}"), "v6", i);
        await World.UntilAsync("they are found", async () => await Fleet.GetPoolAsync("v6", Cancellation) is { Held: Blocks });
        await World.DefineAsync("v6", Pool, 64);
        var own = World.Add("own", "v6");

        await World.UntilAsync("it has a block", () => own.UsedBlocks.Any(), 2 * Timings.LeaseTime + Timings.Quarantine + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Blocks_FoundThatAnotherPoolGrants_AreGivenBack()
    {
        await World.DefineAsync("v6", Pool, 64);
        SimulatedNode[] names = [.. Enumerable.Range(0, Blocks).Select(i => AddOf(Liar, $"name-{i}"))];
        foreach (var (i, name) in names.Index())
            Claim(name, "ghost", i);
        await World.UntilAsync("a sixteenth, or eight, is kept", async () => await Fleet.GetPoolAsync("v6", Cancellation) is { Excluded: 8 });

        await World.UntilAsync("the others are told", () => names.Count(static name => name.Grants.Any(static grant => grant.IsReleasing)) == Blocks - 8);
        Assert.Equal(8, names.Count(static name => name.Grants.Any(static grant => !grant.IsReleasing)));
    }

    private SimulatedNode AddOf(ReportSender sender, string name, params string[] pools)
    {
        var node = World.Add(name, pools);
        node.Amend = report => report with { Sender = sender };
        return node;
    }

    private static void Claim(SimulatedNode node, string pool, int block)
    {
        var amend = node.Amend;
        node.Amend = report => amend(report) with
        {
            Leases = [new LeaseClaim(pool, Prefix.Parse($"2001:db8:0:{block:x}::/64"), block + 1)],
            Released = [],
        };
    }

    private static int Used(SimulatedNode[] names) => names.Count(static name => name.UsedBlocks.Any());
}
