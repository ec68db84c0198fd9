using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Fleet;

/// <summary>
/// A fleet of three node processes under failures, with traffic through it. A fleet grants nothing for a lease time after
/// its start, which is most of what each test takes: each is a class, so that they wait beside each other.
/// </summary>
/// <param name="silos">Whether the coordinators are three silos with a Redis, or one that has all in memory.</param>
public abstract class FleetProcessTests(bool silos)
{
    // More than a hung coordinator takes to be replaced, and than a busy machine holds a node up.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    internal Task<FleetWorld> StartAsync(TimeSpan? lease = null) => FleetWorld.StartAsync(silos, lease ?? Lease);

    [Fact]
    public async Task Node_Killed_ItsSessionsVanishItsBlockIsQuarantinedAndNobodyElseNotices()
    {
        await using var world = await StartAsync();
        await using var doomed = await HeldTunnel.OpenAsync(world.Nodes[0]);
        await using var other = await HeldTunnel.OpenAsync(world.Nodes[1]);
        await FleetApi.WaitUntilAsync(
            "both sessions are listed",
            async () => (await world.Api.SessionsAsync("node-1")).Count == 1
                && (await world.Api.SessionsAsync("node-2")).Count == 1,
            Limits.Exchange);
        var held = Assert.Single(
            await world.Api.LeasesAsync(FleetWorld.Pool), static one => one.Node == "node-1");
        Assert.True(held.Prefix.Contains(doomed.Egress), $"{doomed.Egress} is not of {held.Prefix}");

        await world.Nodes[0].KillAsync();
        await FleetApi.WaitUntilAsync(
            "the dead node is silent, and its session gone",
            async () => (await world.Api.NodeAsync("node-1"))?.State == NodeState.Silent
                && (await world.Api.SessionsAsync("node-1")).Count == 0,
            Limits.Transfer);
        await other.ExchangeAsync();
        await FleetApi.WaitUntilAsync(
            "its block is quarantined",
            async () => (await world.Api.LeasesAsync(FleetWorld.Pool)).Any(
                one => one.Prefix == held.Prefix && one.State == LeaseState.Quarantined),
            2 * Limits.Transfer);
        await other.ExchangeAsync();

        // It comes back with a block that nobody else has, and not with the one that is kept from everybody.
        await world.Nodes[0].StartAsync();
        await world.WaitUntilAllServeAsync();
        var leases = (await world.Api.LeasesAsync(FleetWorld.Pool)).Where(static one => one.State == LeaseState.Held)
            .ToList();
        Assert.Equal(3, leases.Select(static one => one.Prefix).Distinct().Count());
        Assert.DoesNotContain(held.Prefix, leases.Select(static one => one.Prefix));
        await other.ExchangeAsync();
    }

    [Fact]
    public async Task Coordinators_AwayForAMinute_NoTunnelBreaksNewOnesOpenAndAllRecovers()
    {
        // The outage, and the round of transfers that is under way at its end.
        await using var world = await StartAsync(Outage + TimeSpan.FromSeconds(120));
        var before = (await world.Api.LeasesAsync(FleetWorld.Pool))
            .ToDictionary(static one => one.Node, static one => one.Prefix);
        Assert.Equal(3, before.Count);
        await using var tunnel = await HeldTunnel.OpenAsync(world.Nodes[0]);

        await Task.WhenAll(world.Coordinators.Select(static one => one.StopAsync()));
        if (world.Redis is { } redis)
            await redis.StopAsync();
        var away = Stopwatch.StartNew();
        for (var round = 0; away.Elapsed < Outage; round++)
        {
            var node = world.Nodes[round % world.Nodes.Count];
            var run = await LoadRun.AgainstAsync(
                node.Port, Limits.Transfer, "tcp-down", "--bytes", "4MiB", "--verify", "Sha256");
            Assert.True(run.Verified);
            await tunnel.ExchangeAsync();
        }
        if (world.Redis is { } stopped)
            await stopped.ResumeAsync();
        await Task.WhenAll(world.Coordinators.Select(static one => one.StartAsync()));

        // A coordinator over memory has forgotten the pool; one with Redis has not.
        if (!silos)
            await world.Api.PutPoolAsync(FleetWorld.Pool, "127.96.0.0/16", 28);
        await world.WaitUntilAllServeAsync();
        var after = (await world.Api.LeasesAsync(FleetWorld.Pool))
            .ToDictionary(static one => one.Node, static one => one.Prefix);
        Assert.Equal(before, after);
        await tunnel.ExchangeAsync();
        await FleetApi.WaitUntilAsync(
            "the session is listed again",
            async () => (await world.Api.SessionsAsync("node-1")).Count >= 1, Limits.Exchange);
    }

    [Fact]
    public async Task RollingDrain_UnderLoadWithABudgetOfOne_EveryTransferFinishes()
    {
        await using var world = await StartAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var clients = Task.WhenAll(Enumerable.Range(0, 3).Select(index => TransferAsync(world, index, end.Token)));

        var drain = await world.Api.PostDrainAsync(new
        {
            nodes = new[] { "node-1", "node-2", "node-3" },
            maxConcurrent = 1,
            deadlineSeconds = 120,
            reason = "test",
        });
        DrainInfo state = null!;
        await FleetApi.WaitUntilAsync(
            "the drain is over",
            async () =>
            {
                state = await world.Api.DrainAsync(drain);
                var nodes = await world.Api.NodesAsync();
                Assert.True(
                    nodes.Count(static one => one.State is NodeState.Lame or NodeState.Draining
                        or NodeState.Drained) <= 1,
                    string.Join(", ", nodes.Select(static one => $"{one.Id} {one.State}")));
                // What a service manager does with a node that was drained for an upgrade.
                foreach (var drained in nodes.Where(static one => one.State == NodeState.Drained))
                {
                    var node = world.Nodes.Single(one => one.Id == drained.Id);
                    await node.StopAsync();
                    await node.StartAsync();
                    await FleetApi.WaitUntilAsync(
                        $"{node.Id} is back",
                        async () => (await world.Api.NodeAsync(node.Id))?.State == NodeState.Serving, Limits.Transfer);
                }
                return state.State == DrainState.Completed;
            },
            4 * Limits.Transfer);

        await end.CancelAsync();
        Assert.True((await clients).Sum() > 0);
        // With the last one drained there is nothing left to do: nobody waits for it to come back.
        Assert.All(state.Nodes,
            static one => Assert.True(one.Step is DrainStep.Returned or DrainStep.Drained, one.ToString()));
        Assert.Equal(2, state.Nodes.Count(static one => one.Step == DrainStep.Returned));
        Assert.Equal((0, 0), (state.ForceClosed, state.Lost));
    }

    /// <summary>
    /// A client that fetches again and again, each time from a node that serves; none of its transfers may fail.
    /// </summary>
    private static async Task<int> TransferAsync(FleetWorld world, int index, CancellationToken end)
    {
        var count = 0;
        for (; !end.IsCancellationRequested; count++)
        {
            var serving = (await world.Api.NodesAsync()).Where(static one => one.State == NodeState.Serving).ToList();
            if (serving.Count == 0)
                continue;
            var id = serving[(index + count) % serving.Count].Id;
            var node = world.Nodes.Single(one => one.Id == id);
            var run = await LoadRun.AgainstAsync(
                node.Port, Limits.Transfer, "tcp-down", "--bytes", "64MiB", "--verify", "Sha256");
            Assert.True(run.Verified);
        }
        return count;
    }
}

/// <summary>One coordinator, in memory.</summary>
[Collection(Collection)]
public sealed class LocalFleetProcessTests() : FleetProcessTests(silos: false)
{
    /// <summary>Worlds of many processes, one at a time.</summary>
    public const string Collection = "fleets";
}

/// <summary>Three silos with a Redis.</summary>
[Collection(LocalFleetProcessTests.Collection)]
public sealed class SiloFleetProcessTests() : FleetProcessTests(silos: true)
{
    private const int Stop = 19;
    private const int Continue = 18;

    [Fact]
    public async Task Silo_Hangs_TheOthersTakeOver()
    {
        await using var world = await StartAsync();
        await using var tunnel = await HeldTunnel.OpenAsync(world.Nodes[2]);
        world.Coordinators[0].Signal(Stop);
        // Every node is heard of again, and every question answered, without the one that hangs.
        var since = DateTimeOffset.UtcNow;
        await FleetApi.WaitUntilAsync(
            "all nodes report to the others",
            async () => (await world.Api.NodesAsync()).Count(
                one => one.State == NodeState.Serving && one.LastReportAt > since.AddSeconds(5)) == 3,
            Limits.Transfer);
        await tunnel.ExchangeAsync();
        var drain = await world.Api.PostDrainAsync(new { nodes = new[] { "node-1" }, deadlineSeconds = 5 });
        await FleetApi.WaitUntilAsync(
            "a drain is carried out",
            async () => (await world.Api.DrainAsync(drain)).Nodes[0].Step == DrainStep.Drained, Limits.Transfer);
        world.Coordinators[0].Signal(Continue);
        await tunnel.ExchangeAsync();
    }

    [Fact]
    public async Task Silo_KilledInTheMiddleOfADrain_TheDrainGoesOn()
    {
        await using var world = await StartAsync();
        await using var tunnel = await HeldTunnel.OpenAsync(world.Nodes[0]);
        var drain = await world.Api.PostDrainAsync(new
        {
            nodes = new[] { "node-1", "node-2" },
            maxConcurrent = 2,
            deadlineSeconds = 600,
            mode = "immediate",
        });
        await FleetApi.WaitUntilAsync(
            "the drain has begun",
            async () => (await world.Api.DrainAsync(drain)).Nodes.Any(
                static one => one is { Node: "node-1", Step: DrainStep.Draining }),
            Limits.Transfer);
        foreach (var coordinator in world.Coordinators.Take(2))
        {
            coordinator.Signal(9);
            await coordinator.DisposeAsync();
        }
        await tunnel.ExchangeAsync();
        await tunnel.CloseAsync();
        await FleetApi.WaitUntilAsync(
            "the drain is carried out by who is left",
            async () => (await world.Api.DrainAsync(drain)).Nodes.All(static one => one.Step == DrainStep.Drained),
            2 * Limits.Transfer);
        var state = await world.Api.DrainAsync(drain);
        Assert.Equal((1, 0, 0), (state.Finished, state.ForceClosed, state.Lost));
    }
}
