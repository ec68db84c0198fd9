using System.Net.Http.Json;
using Relay.Fleet.Contract;
using Relay.Interop.Tests.Fleet.World;
using Relay.Testing.Admin;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Fleet;

/// <summary>A coordinator without Redis that is killed, and goes on from the folder that it kept.</summary>
public sealed class LocalStateTests
{
    private const string SmallDisk = """ mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@" """;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

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
    public async Task StateDirectory_OfAUnit_IsUsedWhereNoFolderIsNamed()
    {
        using var folder = new ScratchFolder();
        var state = folder.File("state");
        await using var coordinator = new AdminProcess(
            new Dictionary<string, string> { ["STATE_DIRECTORY"] = $"{state}:{folder.File("other")}" }, "--fleet", "local");
        await coordinator.AddressAsync();

        await Eventually.HoldsAsync(() => File.Exists(Path.Combine(state, "fleet.json")), "what the fleet remembers");
    }

    [Fact]
    public async Task Folder_OfACoordinatorThatRuns_IsRefusedToAnother()
    {
        using var folder = new ScratchFolder();
        var tokens = folder.Write("tokens", $"ops:operator:sha256${new string('0', 64)}\n");
        await using var coordinator = new Coordinator(tokens, ["--state", folder.File("state")]);
        await coordinator.StartAsync();

        await using var second = OwnProgram.Start(
            "relay-admin", "--admin-address", "127.0.0.1:0", "--state", folder.File("state"));

        Assert.Equal(1, await second.WaitForExitAsync(Limits.Start));
        Assert.Contains("--state: ", second.Log.Describe(), StringComparison.Ordinal);
        Assert.Contains("in use by another process", second.Log.Describe(), StringComparison.Ordinal);
        await coordinator.StopAsync();
        await coordinator.StartAsync();
    }

    [Fact]
    public async Task Disk_ThatIsFull_TheCoordinatorSaysSo_AndGoesOnWhenThereIsRoom()
    {
        using var folder = new ScratchFolder();
        var (state, address) = (folder.Folder("state"), $"127.0.0.1:{Ports.FreeTcp()}");
        await using var coordinator = ChildProcess.Start(
            InstalledProgram.Require("unshare", "util-linux"),
            [
                "--mount", "--", "sh", "-c", SmallDisk, state,
                .. OwnProgram.Command("relay-admin", "--admin-address", address, "--state", state),
            ],
            name: "relay-admin");
        var answer = await coordinator.Log.WaitForAsync("listening on|Listening on|not permitted|permission denied", Limits.Start);
        Assert.SkipUnless(answer.Value.EndsWith("on", StringComparison.Ordinal), "A file system cannot be mounted here: run as root.");
        using var client = new HttpClient { BaseAddress = new Uri($"http://{address}"), Timeout = Limits.Exchange };
        Assert.True((await PutAsync(client, "one", "192.0.2.0/28")).IsSuccessStatusCode);

        // As the coordinator sees it.
        var filler = $"/proc/{coordinator.Id}/root{state}/filler";
        await using (var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            await Assert.ThrowsAsync<IOException>(async () =>
            {
                while (true)
                    await file.WriteAsync(new byte[4096], TestContext.Current.CancellationToken);
            });
        using var refused = await PutAsync(client, "two", "198.51.100.0/28");
        var why = await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(refused.StatusCode == HttpStatusCode.ServiceUnavailable, why);
        Assert.Contains("No space left on device", why, StringComparison.Ordinal);
        Assert.Contains("state-not-written", await GetAsync(client, "/v1/fleet"), StringComparison.Ordinal);
        Assert.DoesNotContain("198.51.100.0", await GetAsync(client, "/v1/prefix-pools"), StringComparison.Ordinal);

        File.Delete(filler);
        await FleetApi.WaitUntilAsync(
            "it writes again", async () => (await PutAsync(client, "two", "198.51.100.0/28")).IsSuccessStatusCode, Limits.Transfer);
        Assert.DoesNotContain("state-not-written", await GetAsync(client, "/v1/fleet"), StringComparison.Ordinal);
        Assert.Contains("198.51.100.0", await GetAsync(client, "/v1/prefix-pools"), StringComparison.Ordinal);
        Assert.True(await coordinator.TerminateAsync(Limits.Stop) == 0, coordinator.Log.Describe());
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string pool, string prefix) => client.PutAsync(
        new Uri($"/v1/prefix-pools/{pool}", UriKind.Relative), JsonContent.Create(new { prefix, blockLength = 30 }),
        TestContext.Current.CancellationToken);

    private static Task<string> GetAsync(HttpClient client, string path) =>
        client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private static async Task<IReadOnlyList<(string Node, Prefix Prefix, long Epoch)>> LeasesAsync(FleetWorld world) =>
        [.. (await world.Api.LeasesAsync(FleetWorld.Pool)).Select(static lease => (lease.Node, lease.Prefix, lease.Epoch))];
}
