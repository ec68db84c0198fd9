using Relay.Fleet.Contract;
using Relay.Interop.Tests.Fleet.World;
using Relay.Testing.Processes;

namespace Relay.Interop.Tests.Fleet;

/// <summary>A coordinator without Redis that is killed, and goes on from the folder that it kept.</summary>
public sealed class LocalStateTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task Coordinator_KilledAndStartedAgain_GoesOnAsIfNothingHadHappened()
    {
        await using var world = await FleetWorld.StartAsync(silos: false, Lease, keepsState: true);
        var before = await LeasesAsync(world);
        var generation = (await world.Api.OverviewAsync()).Generation;
        var drain = await world.Api.PostDrainAsync(new { nodes = new[] { "node-3" }, deadlineSeconds = 600, mode = "immediate" });
        await FleetApi.WaitUntilAsync(
            "it is drained", async () => (await world.Api.DrainAsync(drain)).State == DrainState.Completed, Limits.Transfer);
        await using var tunnel = await HeldTunnel.OpenAsync(world.Nodes[0].Port, "node-1");

        await world.Coordinators[0].KillAsync();
        await world.Coordinators[0].StartAsync();
        await world.AddNodeAsync("node-4");

        // At once: a pool that does not know all that it has granted would say from when on it grants.
        var pool = await world.Api.PoolAsync(FleetWorld.Pool);
        Assert.Equal((false, null), (pool.IsFound, pool.GrantsFrom));
        await FleetApi.WaitUntilAsync(
            "the new node serves", async () => await world.Api.NodeAsync("node-4") is { State: NodeState.Serving, Leases.Count: 1 },
            Limits.Transfer);
        await FleetApi.WaitUntilAsync(
            "the others report", async () => (await world.Api.NodesAsync()).Count(static node => node.State != NodeState.Silent) == 4,
            Limits.Transfer);
        Assert.Equal(before, (await LeasesAsync(world)).Where(static lease => lease.Node != "node-4"));
        Assert.Equal(NodeState.Drained, (await world.Api.NodeAsync("node-3"))!.State);
        Assert.Equal(DrainState.Completed, (await world.Api.DrainAsync(drain)).State);
        var overview = await world.Api.OverviewAsync();
        Assert.Equal(generation, overview.Generation);
        Assert.DoesNotContain(overview.Warnings, static warning => warning.Kind is "no-persistence" or "pool-recovering" or "pool-found");
        await tunnel.ExchangeAsync();
    }

    [Fact]
    public async Task Folder_OfACoordinatorThatRuns_IsRefusedToAnother()
    {
        using var folder = new ScratchFolder();
        var tokens = folder.Write("tokens", $"ops:operator:sha256${new string('0', 64)}\n");
        await using var coordinator = new Coordinator(tokens, ["--state", folder.File("state")]);
        await coordinator.StartAsync();

        await using var second = ChildProcess.Start(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "relay-admin.dll"), "--admin-address", "127.0.0.1:0", "--state", folder.File("state")],
            name: "relay-admin");

        Assert.Equal(2, await second.WaitForExitAsync(Limits.Start));
        Assert.Contains("--state: ", second.Log.Describe(), StringComparison.Ordinal);
        Assert.Contains("in use by another process", second.Log.Describe(), StringComparison.Ordinal);
        await coordinator.StopAsync();
        await coordinator.StartAsync();
    }

    private static async Task<IReadOnlyList<(string Node, Prefix Prefix, long Epoch)>> LeasesAsync(FleetWorld world) =>
        [.. (await world.Api.LeasesAsync(FleetWorld.Pool)).Select(static lease => (lease.Node, lease.Prefix, lease.Epoch))];
}
