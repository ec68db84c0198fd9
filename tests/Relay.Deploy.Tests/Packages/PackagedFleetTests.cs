using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Relay.Packaging;
using Relay.Testing.Admin;

namespace Relay.Deploy.Tests.Packages;

/// <summary>
/// Whether what was left out of the package's assemblies is missed: Orleans, serializers and routes find much by its name, so all that
/// the programs do is done with those of the package. (RELAYFLEET_PROGRAMS has every other test of programs do so: CONTRIBUTING.md.)
/// </summary>
[Trait("Needs", "Processes")]
public sealed class PackagedFleetTests
{
    [Fact(Explicit = true)]
    public async Task Programs_OfThePackage_DoAllThatTheyDo()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "The package that is run is linux-x64's.");
        using var unpacked = new ScratchFolder();
        await using var fleet = await PackagedFleet.StartAsync(await (await PackageFiles.Made).UnpackAsync(unpacked.Path));
        try
        {
            await OneClusterAsync(fleet);
            await CommandsAsync(fleet);
            await RoutesAsync(fleet);
            await MetricsAsync(fleet);
            await RestartAsync(fleet);
        }
        catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
        {
            throw new InvalidOperationException(fleet.Describe(), e);
        }
        foreach (var name in (string[])["node-1", "node-2", "admin-1", "admin-2"])
            await fleet.StopAsync(name);
    }

    private static async Task OneClusterAsync(PackagedFleet fleet)
    {
        for (var i = 0; i < 2; i++)
        {
            using var client = fleet.Client(i);
            await Eventually.HoldsAsync("two coordinators, two nodes", async () =>
            {
                using var answer = await client.GetAsync("/v1/fleet");
                return await answer.JsonAsync(HttpStatusCode.OK);
            }, static overview => (string?)overview["coordination"] == "orleans" && (int?)overview["coordinators"] == 2
                && overview["nodes"]!.AsObject().Sum(static state => (int)state.Value!) == 2);
        }
    }

    /// <summary>Every command of relayctl that does something, and traffic by what it has given.</summary>
    private static async Task CommandsAsync(PackagedFleet fleet)
    {
        var (done, turn) = (new HashSet<string>(), 0);
        // 1 is a refusal that the coordinator has reasons for.
        async Task<string> RunAsync(string line, int status = 0)
        {
            var words = line.Split(' ');
            var (ended, output) = await fleet.CtlAsync(turn++ % 2, words);
            Assert.True(ended == status, $"relayctl {line} ended with {ended}: {output}\n{fleet.Describe()}");
            done.Add($"relayctl {line} ");
            return output;
        }
        async Task<JsonNode> JsonAsync(string line) => JsonNode.Parse(await RunAsync(line + " --json"))!;

        foreach (var line in (string[])
        [
            "health", "fleet", "nodes", "nodes list", "node node-1", "nodes history node-1", "pools put edge 127.96.0.0/16 /28 --new-fleet",
            "pools", "pools list", "pools show edge", "limits put user:alice --sessions 40", "limits", "limits list", "limits show user:alice",
        ])
            await RunAsync(line);
        var secret = (string)(await JsonAsync("users add alice --device phone"))["secret"]!;
        foreach (var line in (string[])
        [
            "users add bob", "users", "users list", "users show alice", "users add-device alice laptop", "users remove-device alice laptop",
            "users disable bob", "users enable bob", "users expire bob never", "users enrol alice --device pad", "users usage alice",
        ])
            await RunAsync(line);
        await RunAsync($"users confirm {(await JsonAsync("users store"))["store"]}");

        await Eventually.HoldsAsync("every node has a block, and knows the users", async () =>
            JsonNode.Parse((await fleet.CtlAsync(0, "pools", "leases", "edge", "--json")).Output)!["items"]!.AsArray().Count == 2
            && (await fleet.LoadAsync(0, "echo", secret, "--count", "1")).Status == 0
            && (await fleet.LoadAsync(1, "echo", secret, "--count", "1")).Status == 0,
            static holds => holds);
        for (var i = 0; i < 2; i++)
        {
            foreach (var http in (string[])["3", "2", "1"])
            {
                var (status, output) = await fleet.LoadAsync(i, "tcp-down", secret, "--http", http, "--bytes", "1MiB");
                Assert.True(status == 0, $"HTTP/{http}: {output}\n{fleet.Describe()}");
            }
            var (ended, text) = await fleet.LoadAsync(i, "echo", secret, "--count", "1000", "--fail-on-loss");
            Assert.True(ended == 0, text);
        }

        await RunAsync($"pools revoke edge {(await JsonAsync("pools leases edge"))["items"]![0]!["prefix"]}");
        var events = RunAsync("events --count 1");
        while (!events.IsCompleted)
        {
            await RunAsync("users disable bob");
            await RunAsync("users enable bob");
        }
        await events;
        var drain = (string)(await JsonAsync("drain node-1 --immediate --deadline 1s"))["id"]!;
        foreach (var line in (string[])
        [
            "sessions", "sessions list", "stats", "history --kind action", $"drains show {drain} --watch", "drains", "undrain node-1",
            "nodes quarantine node-2", "nodes unquarantine node-2", "fleet export --output " + fleet.Folder.File("fleet.json"),
            "fleet import " + fleet.Folder.File("fleet.json"), "profile apple --relay relay.example.com", "profile curl --relay relay.example.com",
            "profile firefox --relay relay.example.com", "profile sing-box --relay relay.example.com", "completion bash", "limits delete user:alice",
            "users revoke alice",
        ])
            await RunAsync(line);
        foreach (var line in (string[])["sessions show nobodys", "sessions end nobodys", $"drains cancel {drain}", "nodes forget node-1", "pools delete edge"])
            await RunAsync(line, status: 1);
        Assert.All(
            PackagedProgram.All.Single(static one => one.Name == "relayctl").CommandLines,
            command => Assert.Contains(done, line => line.StartsWith(command + " ", StringComparison.Ordinal)));
    }

    /// <summary>Every route that only tells, the page, and the description of all.</summary>
    private static async Task RoutesAsync(PackagedFleet fleet)
    {
        using var client = fleet.Client(1);
        var description = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!;
        var routes = description["paths"]!.AsObject().Where(static path => path.Value!["get"] is not null)
            .Select(static path => (Path: path.Key, Query: Asks(path.Value!["get"]!, "relay") ? "?relay=relay.example.com" : "")).ToList();
        Assert.Contains(("/v1/events", ""), routes);
        // Made of routes, types and their fields, by reflection, and of comments.
        await using var built = new AdminProcess("--admin-address", "127.0.0.1:0");
        using (var other = new HttpClient { BaseAddress = await built.AddressAsync() })
        {
            var expected = JsonNode.Parse(await other.GetStringAsync("/openapi/v1.json"))!;
            foreach (var part in (string[])["paths", "components"])
                Assert.Equal(expected[part]!.ToJsonString(), description[part]!.ToJsonString());
        }
        foreach (var (route, query) in routes)
        {
            var path = route.Replace("{id}", "node-1", StringComparison.Ordinal).Replace("{name}", "edge", StringComparison.Ordinal)
                .Replace("{identity}", "user:bob", StringComparison.Ordinal) + query;
            using var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            HttpStatusCode[] expected = route.Contains('{', StringComparison.Ordinal) ? [HttpStatusCode.OK, HttpStatusCode.NotFound] : [HttpStatusCode.OK];
            Assert.True(expected.Contains(answer.StatusCode), $"{path}: {answer.StatusCode}\n{fleet.Describe()}");
        }
        var script = Regex.Match(await client.GetStringAsync("/"), "<script type=\"module\" src=\"([^\"]+)\"").Groups[1].Value;
        Assert.Contains("module0", await client.GetStringAsync(script), StringComparison.Ordinal);
        using var compressed = new HttpRequestMessage(HttpMethod.Get, "/v1/nodes") { Headers = { { "Accept-Encoding", "gzip" } } };
        using var packed = await client.SendAsync(compressed);
        Assert.Equal(HttpStatusCode.OK, packed.StatusCode);
    }

    private static bool Asks(JsonNode operation, string name) =>
        operation["parameters"] is JsonArray parameters && parameters.Any(one => (string?)one!["name"] == name);

    private static async Task MetricsAsync(PackagedFleet fleet)
    {
        using var client = new HttpClient();
        foreach (var (name, address) in fleet.Metrics)
        {
            var text = await client.GetStringAsync(new Uri(address, "/metrics"));
            Assert.Contains(name.StartsWith("admin", StringComparison.Ordinal) ? "\nrelay_admin_requests_total{" : "\nrelay_tunnels_", text, StringComparison.Ordinal);
        }
    }

    /// <summary>What Redis keeps is read by who comes after, and by who was there.</summary>
    private static async Task RestartAsync(PackagedFleet fleet)
    {
        foreach (var (name, coordinator) in ((string, int)[])[("admin-1", 0), ("admin-2", 1)])
        {
            await fleet.StopAsync(name);
            await fleet.StartProgramAsync(name);
            await Eventually.HoldsAsync(
                "a user that was there before", async () => (await fleet.CtlAsync(coordinator, "users", "show", "bob")).Status, static status => status == 0);
        }
        await OneClusterAsync(fleet);
    }
}
