using System.Diagnostics;
using Relay.Fleet.Contract;
using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Loopback;

namespace Relay.Interop.Tests.Fleet;

/// <summary>Every node in turn is drained, started again, and serves.</summary>
public abstract class RollingDrainTests(bool silos) : FleetProcessTests(silos)
{
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
        var restarted = new HashSet<string>();
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
                // What a service manager does with a node that was drained for an upgrade: once a node, however long a list
                // still tells of it as drained; with the last one it takes its time.
                foreach (var drained in nodes.Where(static one => one.State == NodeState.Drained))
                {
                    if (restarted.Count == 2 || !restarted.Add(drained.Id))
                        continue;
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
        // A load, and not all that the machine can do: others are tested beside it.
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(5));
        for (var turn = index; !end.IsCancellationRequested; turn++)
        {
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            var serving = (await world.Api.NodesAsync()).Where(static one => one.State == NodeState.Serving).ToList();
            if (serving.Count == 0)
                continue;
            var id = serving[turn % serving.Count].Id;
            var node = world.Nodes.Single(one => one.Id == id);
            var seen = Stopwatch.StartNew();
            await using var load = LoadRun.Start(
                node.Port, "tcp-down", "--bytes", "16MiB", "--verify", "Sha256");
            var status = await load.WaitForExitAsync(Limits.Transfer);
            // On a busy machine a client may come when the time in which it must be let in is over. What has begun, and
            // has bytes to tell of, must end well.
            if (status != 0 && seen.Elapsed > FleetWorld.LameTime
                && !load.Log.Lines.Any(static line => line.Contains("\"bytes\"", StringComparison.Ordinal)))
                continue;
            Assert.True(status == 0, load.Log.Describe());
            Assert.True(LoadRun.ResultOf(load).Verified);
            count++;
        }
        return count;
    }
}

/// <summary>By one coordinator, in memory.</summary>
public sealed class LocalRollingDrainTests() : RollingDrainTests(silos: false);

/// <summary>By three silos with a Redis.</summary>
public sealed class SiloRollingDrainTests() : RollingDrainTests(silos: true);
