using System.Text.Json.Nodes;
using Relay.Testing.Nodes;

namespace Relay.Testing.Admin;

/// <content>Drains.</content>
public abstract partial class AdminSuite
{
    private const string DrainBody = """{"deadlineSeconds":600,"mode":"immediate","reason":"kernel"}""";

    [Fact]
    public async Task Drain_OfANode_CanBeWatchedToItsEndAndUndone()
    {
        var node = await NodeAsync("edge-1");
        node.Tunnels = 2;
        await node.ReportAsync();
        using var begun = await Operator.PostJsonAsync("/v1/nodes/edge-1/drain", DrainBody);
        var drain = await begun.JsonAsync(HttpStatusCode.Accepted);
        var location = begun.Headers.Location!.ToString();
        Assert.Equal($"/v1/drains/{drain["id"]}", location);
        Assert.Equal("kernel", (string)drain["reason"]!);
        Assert.Equal(600, (int)drain["deadlineSeconds"]!);

        await node.ReportUntilAsync(
            async () => (long)(await GetAsync(location))["tunnelsLeft"]! == 2, "the tunnels that are left");
        Assert.Equal("running", (string)(await GetAsync(location))["state"]!);
        node.FinishTunnels(1);
        await node.ReportUntilAsync(
            async () => (long)(await GetAsync(location))["finished"]! == 1, "the tunnel that finished");
        node.FinishTunnels(1);
        await node.ReportUntilAsync(
            async () => (string)(await GetAsync(location))["state"]! == "completed", "the drain's end");
        var ended = await GetAsync(location);
        Assert.Equal(1, (int)ended["drained"]!);
        Assert.Equal(2, (long)ended["finished"]!);
        Assert.Equal(0, (long)ended["forceClosed"]!);
        Assert.Equal("drained", (string)(await GetAsync("/v1/nodes/edge-1"))["state"]!);

        using var undrain = await Operator.PostAsync("/v1/nodes/edge-1/undrain", null);
        Assert.Equal(
            location, (await undrain.JsonAsync(HttpStatusCode.Accepted)) is { } of ? $"/v1/drains/{of["id"]}" : "");
        await node.ReportUntilAsync(
            async () => (string)(await GetAsync("/v1/nodes/edge-1"))["state"]! == "serving", "the node to serve again");
    }

    [Fact]
    public async Task Undrain_OfANodeThatServes_HasNothingToTell()
    {
        await NodeAsync("edge-1");
        using var undrain = await Operator.PostJsonAsync("/v1/nodes/edge-1/undrain", "{}");
        Assert.Equal(HttpStatusCode.NoContent, undrain.StatusCode);
        using var unknown = await Operator.PostAsync("/v1/nodes/edge-9/undrain", null);
        await unknown.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Drain_OfAnUnknownNode_IsRefused()
    {
        using var one = await Operator.PostJsonAsync("/v1/nodes/edge-9/drain", DrainBody);
        await one.ProblemAsync(HttpStatusCode.NotFound);
        using var several = await Operator.PostJsonAsync("/v1/drains", """{"nodes":["edge-9"]}""");
        Assert.False(several.IsSuccessStatusCode);
        await several.ProblemAsync(several.StatusCode);
        Assert.Empty(await AllAsync("/v1/drains", 10, static drain => (string)drain["id"]!));
    }

    [Fact]
    public async Task Drain_Rolling_KeepsItsBudgetAndCanBeCancelled()
    {
        var nodes = new List<SimulatedNode>();
        foreach (var name in (string[])["edge-1", "edge-2", "edge-3"])
            nodes.Add(await NodeAsync(name, version: name == "edge-3" ? "2.0.0" : "1.0.0"));
        using var begun = await Operator.PostJsonAsync("/v1/drains", """
            {"selector":{"version":"1.0.0"},"maxConcurrent":1,"deadlineSeconds":600,"mode":"immediate"}
            """);
        var drain = await begun.JsonAsync(HttpStatusCode.Accepted);
        var location = begun.Headers.Location!.ToString();
        Assert.Equal(2, drain["nodes"]!.AsArray().Count);
        await Eventually.HoldsAsync(async () =>
        {
            foreach (var node in nodes)
                await node.ReportAsync();
            var now = await GetAsync(location);
            Assert.InRange((int)now["draining"]! + (int)now["drained"]!, 0, 1);
            return (int)now["drained"]! == 1 && (int)now["waiting"]! == 1;
        }, "one node to be drained while the other waits");

        using var cancelled = await Operator.DeleteAsync(location);
        Assert.Equal("cancelled", (string)(await cancelled.JsonAsync(HttpStatusCode.Accepted))["state"]!);
        await Eventually.HoldsAsync(async () =>
        {
            foreach (var node in nodes)
                await node.ReportAsync();
            return nodes.TrueForAll(static node => node.LastDirective?.Drain is null);
        }, "all nodes to be told to serve");
    }

    [Fact]
    public async Task Join_OfANodeThatAnOperatorDrains_IsThatDrainAsFarAsTheNodeGoes()
    {
        var node = await NodeAsync("node-1");
        await NodeAsync("edge-2");
        node.Tunnels = 1;
        await node.ReportAsync();
        using var begun = await Operator.PostJsonAsync("/v1/drains", """
            {"nodes":["node-1","edge-2"],"maxConcurrent":1,"deadlineSeconds":600,"mode":"immediate"}
            """);
        var id = (string)(await begun.JsonAsync(HttpStatusCode.Accepted))["id"]!;
        await node.ReportUntilAsync(() => Task.FromResult(node.State == NodeState.Draining), "the node to drain");

        using var refused = await ClientOf("node-1").PostJsonAsync("/v1/nodes/node-1/drain", "{}");
        var problem = await refused.ProblemAsync(HttpStatusCode.Conflict);
        Assert.Contains(id, (string)problem["detail"]!, StringComparison.Ordinal);
        using var joined = await ClientOf("node-1").PostJsonAsync("/v1/nodes/node-1/drain", """{"join":true}""");
        var part = await joined.JsonAsync(HttpStatusCode.OK);
        Assert.Equal((id, $"/v1/drains/{id}"), ((string)part["id"]!, joined.Headers.Location!.ToString()));
        Assert.Equal("node-1", (string)Assert.Single(part["nodes"]!.AsArray())!["node"]!);
        Assert.Equal((0, null), ((int)part["waiting"]!, part["holdup"]));

        node.FinishTunnels(1);
        await node.ReportUntilAsync(
            async () => (string)(await GetAsAsync("node-1", $"/v1/drains/{id}"))["state"]! == "completed",
            "the end of the drain, as far as the node goes");
        Assert.Equal("running", (string)(await GetAsync($"/v1/drains/{id}"))["state"]!);
        Assert.Equal(1, (int)(await GetAsAsync("edge-*", $"/v1/drains/{id}"))["waiting"]!);
    }

    [Fact]
    public async Task Join_OfANodeThatWaitsForItsTurn_DrainsItNow()
    {
        await NodeAsync("edge-2");
        var node = await NodeAsync("node-1");
        using var begun = await Operator.PostJsonAsync("/v1/drains", """{"nodes":["edge-2","node-1"],"maxConcurrent":1}""");
        var id = (string)(await begun.JsonAsync(HttpStatusCode.Accepted))["id"]!;

        using var joined = await ClientOf("node-1").PostJsonAsync(
            "/v1/nodes/node-1/drain", """{"join":true,"deadlineSeconds":9}""");

        var own = await joined.JsonAsync(HttpStatusCode.Accepted);
        Assert.NotEqual(id, (string)own["id"]!);
        Assert.Equal(9, (int)own["deadlineSeconds"]!);
        await node.ReportUntilAsync(() => Task.FromResult(node.State == NodeState.Drained), "the node to be drained");
        var operators = await GetAsync($"/v1/drains/{id}");
        Assert.Equal("undrained", (string)operators["nodes"]!.AsArray().Single(one => (string)one!["node"]! == "node-1")!["step"]!);
        Assert.Equal("running", (string)operators["state"]!);
    }

    [Fact]
    public async Task Join_OfANodeInNoDrain_BeginsOne()
    {
        await NodeAsync("node-1");
        using var begun = await ClientOf("node-1").PostJsonAsync("/v1/nodes/node-1/drain", """{"join":true}""");
        var drain = await begun.JsonAsync(HttpStatusCode.Accepted);
        using var again = await Operator.PostJsonAsync("/v1/nodes/node-1/drain", """{"join":true}""");
        Assert.Equal((string)drain["id"]!, (string)(await again.JsonAsync(HttpStatusCode.OK))["id"]!);
    }

    [Fact]
    public async Task Drain_OfWhatIsDrainedAlready_IsThatDrain_AndChangesNothing()
    {
        var node = await NodeAsync("edge-1");
        var other = await NodeAsync("edge-2");
        using var begun = await Operator.PostJsonAsync("/v1/drains", """{"nodes":["edge-1","edge-2"],"maxConcurrent":2,"mode":"immediate"}""");
        var id = (string)(await begun.JsonAsync(HttpStatusCode.Accepted))["id"]!;
        await node.ReportUntilAsync(() => Task.FromResult(node.State == NodeState.Drained), "the first node to be drained");

        // The other is on its way still.
        using var early = await Operator.PostJsonAsync("/v1/drains", """{"nodes":["edge-1","edge-2"]}""");
        await early.ProblemAsync(HttpStatusCode.Conflict);
        await other.ReportUntilAsync(
            async () =>
            {
                await node.ReportAsync();
                return (string)(await GetAsync($"/v1/drains/{id}"))["state"]! == "completed";
            }, "the drain's end");
        using var one = await Operator.PostJsonAsync("/v1/nodes/edge-1/drain", DrainBody);
        using var both = await Operator.PostJsonAsync("/v1/drains", """{"nodes":["edge-1","edge-2"]}""");
        foreach (var answer in (HttpResponseMessage[])[one, both])
        {
            Assert.Equal(id, (string)(await answer.JsonAsync(HttpStatusCode.OK))["id"]!);
            Assert.Equal($"/v1/drains/{id}", answer.Headers.Location!.ToString());
        }
        Assert.Single((await GetAsync("/v1/drains"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Cancel_OfADrainThatHasEnded_IsAConflict()
    {
        var node = await NodeAsync("edge-1");
        using var begun = await Operator.PostJsonAsync("/v1/nodes/edge-1/drain", DrainBody);
        var location = begun.Headers.Location!.ToString();
        await node.ReportUntilAsync(
            async () => (string)(await GetAsync(location))["state"]! == "completed", "the drain's end");
        using var cancel = await Operator.DeleteAsync(location);
        await cancel.ProblemAsync(HttpStatusCode.Conflict);
        using var unknown = await Operator.DeleteAsync("/v1/drains/none");
        await unknown.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Drains_Listed_ComeInPartsNewestFirst()
    {
        var ids = new List<string>();
        foreach (var name in (string[])["edge-1", "edge-2", "edge-3"])
        {
            await NodeAsync(name);
            ids.Insert(0, await BeginAsync(name));
        }
        foreach (var limit in (int[])[1, 2, 3])
            Assert.Equal(ids, await AllAsync("/v1/drains", limit, static drain => (string)drain["id"]!));
    }

    [Fact]
    public async Task IdempotencyKey_Repeated_GivesTheSameDrain()
    {
        await NodeAsync("edge-1");
        var repeats = Enumerable.Range(0, 8).Select(_ => DrainAsync("the key", DrainBody)).ToList();
        var ids = new HashSet<string>();
        foreach (var answer in await Task.WhenAll(repeats))
            ids.Add((string)(await answer.JsonAsync(HttpStatusCode.Accepted))["id"]!);
        Assert.Single(ids);
        using var again = await DrainAsync("the key", DrainBody);
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(ids.Single(), (string)(await again.JsonAsync(HttpStatusCode.Accepted))["id"]!);
        Assert.Single(await AllAsync("/v1/drains", 10, static drain => (string)drain["id"]!));
    }

    [Fact]
    public async Task IdempotencyKey_AtAnotherCoordinator_GivesTheSameDrain()
    {
        await NodeAsync("edge-1");
        using var first = await DrainAsync("k", DrainBody);
        var id = (string)(await first.JsonAsync(HttpStatusCode.Accepted))["id"]!;
        await using var other = await AdminApp.StartAsync(Fleet, config => config with { TokenFile = App.TokenPath });
        var client = other.Client(null);
        client.DefaultRequestHeaders.Authorization = Operator.DefaultRequestHeaders.Authorization;
        using var second = await client.PostJsonAsync("/v1/nodes/edge-1/drain", DrainBody, ("Idempotency-Key", "k"));
        Assert.Equal(id, (string)(await second.JsonAsync(HttpStatusCode.Accepted))["id"]!);
        using var third = await client.PostJsonAsync("/v1/nodes/edge-1/drain", "{}", ("Idempotency-Key", "k"));
        await third.ProblemAsync(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task IdempotencyKey_WithAnotherBody_Is422()
    {
        await NodeAsync("edge-1");
        using var first = await DrainAsync("k", DrainBody);
        await first.JsonAsync(HttpStatusCode.Accepted);
        using var second = await DrainAsync("k", """{"deadlineSeconds":601}""");
        await second.ProblemAsync(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\u007f")]
    public async Task IdempotencyKey_NotOne_IsNamed(string key)
    {
        await NodeAsync("edge-1");
        using var answer = await DrainAsync(key, DrainBody);
        Assert.Equal(["Idempotency-Key"], await answer.WrongFieldsAsync());
    }

    [Fact]
    public async Task Changes_DoneAndRefused_LeaveAuditLines()
    {
        await NodeAsync("edge-1");
        var id = await BeginAsync("edge-1");
        using var refused = await Viewer.PostJsonAsync("/v1/nodes/edge-1/drain", DrainBody);
        await refused.ProblemAsync(HttpStatusCode.Forbidden);
        await Eventually.HoldsAsync(() => App.Logs.Audit.Count() == 2, "two audit lines");
        var lines = App.Logs.Audit.ToList();
        Assert.StartsWith($"480 otto did POST /v1/nodes/edge-1/drain: 202, from 127.0.0.1; /v1/drains/{id} ", lines[0],
            StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"kernel\"", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("481 vera was refused POST /v1/nodes/edge-1/drain: 403", lines[1], StringComparison.Ordinal);
    }

    private async Task<string> BeginAsync(string node)
    {
        using var answer = await Operator.PostJsonAsync($"/v1/nodes/{node}/drain", DrainBody);
        return (string)(await answer.JsonAsync(HttpStatusCode.Accepted))["id"]!;
    }

    private Task<HttpResponseMessage> DrainAsync(string key, string body) =>
        Operator.PostJsonAsync("/v1/nodes/edge-1/drain", body, ("Idempotency-Key", key));

    private Task<JsonObject> GetAsync(string path) => GetAsAsync("vera", path);

    private async Task<JsonObject> GetAsAsync(string token, string path) =>
        await (await ClientOf(token).GetAsync(path)).JsonAsync(HttpStatusCode.OK);
}
