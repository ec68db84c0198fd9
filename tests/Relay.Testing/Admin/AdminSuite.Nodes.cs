using System.Net.Http.Json;
using Relay.Fleet.Http;
using Relay.Fleet.Json;

namespace Relay.Testing.Admin;

/// <content>Fleet, nodes, statistics.</content>
public abstract partial class AdminSuite
{
    [Fact]
    public async Task Fleet_WithNodes_CountsThemByState()
    {
        var node = await NodeAsync("edge-1");
        await NodeAsync("edge-2");
        node.Open("one", "anonymous");
        await node.ReportAsync();
        await Eventually.HoldsAsync(async () =>
        {
            var fleet = await (await Viewer.GetAsync("/v1/fleet")).JsonAsync(HttpStatusCode.OK);
            return (int?)fleet["nodes"]!["serving"] == 2 && (long)fleet["load"]!["sessions"]! == 1;
        }, "two nodes that serve, and a session");
    }

    [Fact]
    public async Task Nodes_Listed_ComeInPartsByName()
    {
        foreach (var name in (string[])["edge-5", "edge-3", "edge-1", "edge-4", "edge-2"])
            await NodeAsync(name);
        foreach (var limit in (int[])[1, 2, 5, 1000])
            Assert.Equal(["edge-1", "edge-2", "edge-3", "edge-4", "edge-5"],
                await AllAsync("/v1/nodes", limit, static node => (string)node["id"]!));
    }

    [Fact]
    public async Task Node_Known_IsShownAsItReported()
    {
        var node = await NodeAsync("edge-1", version: "7.8.9");
        node.Tunnels = 12;
        await node.ReportAsync();
        await Eventually.HoldsAsync(async () =>
        {
            var shown = await (await Viewer.GetAsync("/v1/nodes/edge-1")).JsonAsync(HttpStatusCode.OK);
            Assert.Equal("7.8.9", (string)shown["version"]!);
            Assert.Equal("serving", (string)shown["state"]!);
            Assert.Equal("192.0.2.1:443", (string)shown["addresses"]![0]!);
            return (long)shown["load"]!["tcpTunnels"]! == 12;
        }, "the node's tunnels");
    }

    [Fact]
    public async Task NodeHistory_OfANode_HasPoints_AndOfAWindowThatIsNone_AProblem()
    {
        var node = await NodeAsync("edge-1");
        node.Tunnels = 12;
        await node.ReportAsync();
        await Eventually.HoldsAsync(async () =>
        {
            var history = await (await Viewer.GetAsync("/v1/nodes/edge-1/history?window=900")).JsonAsync(HttpStatusCode.OK);
            Assert.Equal(("edge-1", 10), ((string)history["node"]!, (int)history["stepSeconds"]!));
            return history["points"]!.AsArray() is [.., { } last] && (long)last["tcpTunnels"]! == 12;
        }, "the node's tunnels");
        foreach (var window in (string[])["59", "7201", "1h"])
        {
            using var answer = await Viewer.GetAsync($"/v1/nodes/edge-1/history?window={window}");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("/v1/nodes/nobody")]
    [InlineData("/v1/nodes/nobody/history")]
    [InlineData("/v1/nodes/%2e%2e%2fetc")]
    [InlineData("/v1/drains/none")]
    [InlineData("/v1/sessions/none")]
    [InlineData("/v1/prefix-pools/none")]
    [InlineData("/v1/prefix-pools/none/leases")]
    [InlineData("/v1/limits/anonymous")]
    public async Task Things_Unknown_Are404(string path)
    {
        using var answer = await Viewer.GetAsync(path);
        await answer.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Reports_BeyondTheirBounds_AreRefused()
    {
        using var answer = await ClientOf("edge-*").PostJsonAsync("/v1/nodes/edge-1/reports", """
            {"node":"edge-1","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":0,"state":"silent"}
            """);
        await answer.ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Reports_OfASecondProcessOfANode_Are409UntilTheFirstHasLeft()
    {
        // The first report is a cold fleet's, which may take longer than a node waits for one of several coordinators.
        using var fleet = new HttpFleet(
            [App.Address], new SocketsHttpHandler(), () => App.Tokens["edge-*"],
            new HttpFleetOptions { TryTimeout = TimeSpan.FromMinutes(5), TotalTimeout = TimeSpan.FromMinutes(5) });
        var first = ReportOf("192.0.2.1:443");
        var second = ReportOf("192.0.2.2:443");
        await fleet.ReportAsync(first, default);

        var taken = await Assert.ThrowsAsync<NodeNameTakenException>(
            async () => await fleet.ReportAsync(second, default));
        Assert.Equal(TimeSpan.FromSeconds(1), taken.RetryAfter);
        Assert.Contains("at 192.0.2.1:443, and keeps", taken.Message, StringComparison.Ordinal);
        Assert.Contains("this one is at 192.0.2.2:443", taken.Message, StringComparison.Ordinal);
        using var answer = await ClientOf("edge-*").PostAsJsonAsync(
            "/v1/nodes/edge-1/reports", second, FleetJson.Of<NodeReport>());
        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict);
        Assert.Equal("urn:relayfleet:problem:node-name-taken", (string)problem["type"]!);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);

        await fleet.ReportAsync(first with { Sequence = 2 }, default);
        await Eventually.HoldsAsync(async () =>
        {
            var shown = await (await Viewer.GetAsync("/v1/fleet")).JsonAsync(HttpStatusCode.OK);
            return shown["warnings"]!.AsArray().Any(static one =>
                (string)one!["kind"]! == "node-name-taken" && (string)one["node"]! == "edge-1");
        }, "a warning");
        await fleet.ReportAsync(first with { Sequence = 3, IsLeaving = true }, default);
        var directive = await fleet.ReportAsync(second with { Sequence = 2 }, default);
        Assert.Equal(2, directive.Sequence);

        static NodeReport ReportOf(string address) => new()
        {
            Node = "edge-1",
            Incarnation = Guid.NewGuid(),
            Sequence = 1,
            State = NodeState.Serving,
            Addresses = [address],
        };
    }

    [Fact]
    public async Task Quarantine_Put_RefusesTheNodesTokenUntilItIsLifted()
    {
        const string path = "/v1/nodes/node-1/quarantine";
        var node = await NodeAsync("node-1");
        using var none = await Viewer.GetAsync(path);
        await none.ProblemAsync(HttpStatusCode.NotFound);
        using var forbidden = await Viewer.SendJsonAsync(HttpMethod.Put, path, null);
        await forbidden.ProblemAsync(HttpStatusCode.Forbidden);

        using var put = await Operator.SendJsonAsync(HttpMethod.Put, path, null, ("If-None-Match", "*"));

        var made = await put.JsonAsync(HttpStatusCode.Created);
        Assert.Equal(("node-1", path), ((string)made["node"]!, put.Headers.Location!.ToString()));
        Assert.Single(App.Logs.Audit, static line => line.StartsWith($"480 otto did PUT {path}: 201", StringComparison.Ordinal));
        using var again = await Operator.SendJsonAsync(HttpMethod.Put, path, "{}");
        Assert.Equal(made.ToJsonString(), (await again.JsonAsync(HttpStatusCode.OK)).ToJsonString());
        using var stale = await Operator.SendJsonAsync(HttpMethod.Put, path, null, ("If-None-Match", "*"));
        await stale.ProblemAsync(HttpStatusCode.PreconditionFailed);
        using var known = await Viewer.SendJsonAsync(HttpMethod.Get, path, null, ("If-None-Match", put.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);

        using var refused = await ClientOf("node-1").PostAsJsonAsync(
            "/v1/nodes/node-1/reports", node.Next(), FleetJson.Of<NodeReport>());
        Assert.Contains(
            "quarantined by an operator", (string)(await refused.ProblemAsync(HttpStatusCode.Forbidden))["detail"]!, StringComparison.Ordinal);
        using var drain = await ClientOf("node-1").PostJsonAsync("/v1/nodes/node-1/drain", "{}");
        await drain.ProblemAsync(HttpStatusCode.Forbidden);
        using var ask = await ClientOf("node-1").GetAsync("/v1/drains/any");
        await ask.ProblemAsync(HttpStatusCode.Forbidden);
        var shown = await (await Viewer.GetAsync("/v1/nodes/node-1")).JsonAsync(HttpStatusCode.OK);
        Assert.Equal(made["since"]!.ToString(), shown["quarantine"]!["since"]!.ToString());
        using var forget = await Operator.DeleteAsync("/v1/nodes/node-1");
        await forget.ProblemAsync(HttpStatusCode.Conflict);

        using var lifted = await Operator.SendJsonAsync(HttpMethod.Delete, path, null, ("If-Match", put.Headers.ETag.ToString()));
        Assert.Equal(HttpStatusCode.NoContent, lifted.StatusCode);
        await node.ReportUntilAsync(async () => (string)(await GetAsync("/v1/nodes/node-1"))["state"]! == "serving", "the node to be heard of");
        using var gone = await Operator.DeleteAsync(path);
        await gone.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Stats_Window_TellsWhatCame()
    {
        var node = await NodeAsync("edge-1");
        node.Totals = new NodeTotals { UpstreamBytes = 5_000 };
        await node.ReportAsync();
        await Eventually.HoldsAsync(async () =>
        {
            var stats = await (await Viewer.GetAsync("/v1/stats?window=3600")).JsonAsync(HttpStatusCode.OK);
            return (long)stats["totals"]!["upstreamBytes"]! == 5_000
                && stats["nodes"]!.AsArray().Any(static part => (string)part!["node"]! == "edge-1");
        }, "the bytes in the statistics");
    }
}
