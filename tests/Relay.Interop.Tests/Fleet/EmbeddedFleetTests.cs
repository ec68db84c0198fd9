using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Lifecycle;
using Relay.Interop.Tests.Loopback;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Fleet;

/// <summary>
/// One process that is a node, a coordinator and its admin API: from the lease of a block to the last report.
/// </summary>
public sealed class EmbeddedFleetTests
{
    private const string Pool = "127.97.0.0/16";

    [Theory]
    [InlineData("local")]
    [InlineData("silo")]
    public async Task Node_ThatCoordinatesItself_LeasesListsEndsDrainsAndLeaves(string kind)
    {
        using var folder = new ScratchFolder();
        var hook = Path.Combine(folder.Path, "hook");
        var pools = folder.Write("pools", $$"""[{ "name": "edge", "prefix": "{{Pool}}", "blockLength": 28 }]""");
        var admin = $"127.0.0.1:{Ports.FreeTcp()}";
        string[] silo = kind == "silo"
            ? ["--silo-address", $"127.0.0.1:{Ports.FreeTcp()}"] : [];
        await using var world = await TunnelWorld.StartAsync(
        [
            "--fleet", kind, "--lease-time-secs", "60", "--node-id", "edge-1", "--admin-address", admin,
            "--prefix-pools", pools, "--prefix-pool", "edge",
            "--lease-hook", $"echo $RELAY_LEASE_EVENT $RELAY_LEASE_PREFIX $RELAY_NODE_ID >> '{hook}'",
            "--graceful-shutdown-timeout-secs", "20", .. silo,
        ]);
        using var api = new HttpClient { BaseAddress = new Uri($"http://{admin}/v1/"), Timeout = Limits.Exchange };
        await world.Relay.Log.WaitForAsync("admin API listening on", Limits.Start);
        // Else nothing would be granted for a lease time after the start: what was granted before could still be used.
        using (var begun = await api.PutAsJsonAsync(
            new Uri("prefix-pools/edge?newFleet=true", UriKind.Relative), new { prefix = Pool, blockLength = 28 }, Cancel))
            Assert.True(begun.IsSuccessStatusCode, await begun.Content.ReadAsStringAsync(Cancel));
        var gained =
            await world.Relay.Log.WaitForAsync(@"lease of (\S+) \(pool edge, epoch \d+\): in use", Limits.Transfer);
        var block = Prefix.Parse(gained.Groups[1].Value);
        Assert.Equal([$"gained {block} edge-1"], await File.ReadAllLinesAsync(hook, Cancel));

        var (client, target) = await world.OpenAsync();
        var seen = (IPEndPoint)target.Socket.RemoteEndPoint!;
        Assert.True(block.Contains(seen.Address), $"{seen.Address} is not of {block}");

        // The node itself, its session, and whose tunnel a target's log means.
        SessionRecord session = null!;
        await FleetApi.WaitUntilAsync(
            "the session is listed",
            async () =>
            {
                var found = (await GetAsync(api, "sessions?node=edge-1", FleetJson.Of<Page<SessionRecord>>())).Items;
                session = found.FirstOrDefault(static one => one is { TunnelsOpen: 1, EgressAddresses.Count: 1 })!;
                return session is not null;
            },
            Limits.Exchange);
        Assert.Equal(("anonymous", seen.Address.ToString()), (session.Identity, session.EgressAddresses[0]));
        await FleetApi.WaitUntilAsync(
            "the flow is found",
            async () => (await GetAsync(api, $"sessions?egress={seen}", FleetJson.Of<Page<SessionRecord>>())).Items
                .Any(one => one.Id == session.Id),
            Limits.Exchange);
        var node = Assert.Single((await GetAsync(api, "nodes", FleetJson.Of<Page<NodeInfo>>())).Items);
        Assert.Equal((NodeState.Serving, "edge-1", 1), (node.State, node.Id, node.Load.TcpTunnels));
        Assert.Equal(block, Assert.Single(node.Leases).Prefix);

        // An operator ends it.
        using (var ended = await api.DeleteAsync(new Uri($"sessions/{session.Id}", UriKind.Relative), Cancel))
            Assert.True(ended.IsSuccessStatusCode, await ended.Content.ReadAsStringAsync(Cancel));
        await world.Client.Log.WaitForAsync("the relay closed the connection with H3_NO_ERROR", Limits.Exchange);
        await FleetApi.WaitUntilAsync(
            "the session is gone",
            async () => (await GetAsync(
                api, "sessions?node=edge-1", FleetJson.Of<Page<SessionRecord>>())).Items.Count == 0,
            Limits.Exchange);

        // A drain, and back.
        await PostAsync(api, "nodes/edge-1/drain", new { mode = "immediate", deadlineSeconds = 30, reason = "test" });
        await world.Relay.Log.WaitForAsync(@"drained; 0 tunnel\(s\) finished, 0 ended by force", Limits.Exchange);
        await using (var refused = LoadRun.Start(world.Relay.Port, "handshakes", "--count", "1"))
            Assert.Equal(1, await refused.WaitForExitAsync(Limits.Exchange));
        await PostAsync(api, "nodes/edge-1/undrain", new { });
        await world.Relay.Log.WaitForAsync("is over in state Drained: serving again", Limits.Exchange);
        var run = await LoadRun.AgainstAsync(
            world.Relay.Port, Limits.Transfer, "tcp-down", "--bytes", "4MiB", "--verify", "Sha256");
        Assert.True(run.Verified);

        await world.Relay.StopAsync();
        Assert.Equal([$"gained {block} edge-1", $"lost {block} edge-1"], await File.ReadAllLinesAsync(hook, Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task PostAsync(HttpClient api, string path, object body)
    {
        using var answer = await api.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<T> GetAsync<T>(HttpClient api, string path, JsonTypeInfo<T> type)
    {
        var text = await api.GetStringAsync(new Uri(path, UriKind.Relative), Cancel);
        return JsonSerializer.Deserialize(text, type)!;
    }
}
