using Relay.Testing.Nodes;

namespace Relay.Testing.Admin;

/// <content>Sessions.</content>
public abstract partial class AdminSuite
{
    [Fact]
    public async Task Sessions_Searched_AreThoseThatFitEverythingNamed()
    {
        var one = await NodeAsync("edge-1");
        var two = await NodeAsync("edge-2");
        var alice1 = Open(one, "credential:alice", "192.0.2.10", "2001:db8::10");
        var bob1 = Open(one, "credential:bob", "192.0.2.11");
        var alice2 = Open(two, "credential:alice", "192.0.2.20");
        await one.ReportAsync();
        await two.ReportAsync();
        await Eventually.HoldsAsync(async () => (await IdsAsync("/v1/sessions")).Count == 3, "three sessions");

        Assert.Equal(Sorted(alice1, bob1), Sorted(await IdsAsync("/v1/sessions?node=edge-1")));
        Assert.Equal(Sorted(alice1, alice2), Sorted(await IdsAsync("/v1/sessions?identity=credential:alice")));
        Assert.Equal([alice1], await IdsAsync("/v1/sessions?identity=credential:alice&node=edge-1"));
        Assert.Equal([bob1], await IdsAsync("/v1/sessions?egress=192.0.2.11"));
        Assert.Equal([alice1], await IdsAsync("/v1/sessions?egress=2001:DB8:0::10"));
        Assert.Empty(await IdsAsync("/v1/sessions?identity=credential:ali"));
        Assert.Empty(await IdsAsync("/v1/sessions?node=edge-9"));
    }

    [Theory]
    [InlineData("192.0.2.10", "192.0.2.10:40000")]
    [InlineData("2001:db8::10", "[2001:db8::10]:40000")]
    public async Task Sessions_ByEgressPort_TheNodesAreAsked(string address, string query)
    {
        var node = await NodeAsync("edge-1");
        var session = Open(node, "credential:alice", address);
        Open(node, "credential:bob", address);
        node.OpenFlow(session, address, 40000);
        await node.ReportUntilAsync(async () =>
        {
            var search = IdsAsync($"/v1/sessions?egress={query}");
            while (!search.IsCompleted)
                await node.ReportAsync();
            return (await search) is [var found] && found == session;
        }, "the session that has the flow");
    }

    [Fact]
    public async Task Sessions_Listed_ComeInParts()
    {
        var nodes = new[] { await NodeAsync("edge-1"), await NodeAsync("edge-2") };
        var ids = new List<string>();
        foreach (var node in nodes)
        {
            for (var i = 0; i < 4; i++)
                ids.Add(Open(node, "anonymous"));
            await node.ReportAsync();
        }
        await Eventually.HoldsAsync(async () => (await IdsAsync("/v1/sessions")).Count == 8, "eight sessions");
        foreach (var limit in (int[])[1, 3, 8, 1000])
            Assert.Equal(ids.Order(StringComparer.Ordinal), (await IdsAsync("/v1/sessions", limit))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Session_Ended_IsOrderedAndLeavesTheDirectory()
    {
        var node = await NodeAsync("edge-1");
        var session = Open(node, "credential:alice");
        await node.ReportUntilAsync(
            async () => (await Viewer.GetAsync($"/v1/sessions/{session}")).StatusCode == HttpStatusCode.OK,
            "the session");
        Assert.Equal("credential:alice", (string)(await GetAsync($"/v1/sessions/{session}"))["identity"]!);
        using var end = await Operator.DeleteAsync($"/v1/sessions/{session}");
        Assert.Equal("ending", (string)(await end.JsonAsync(HttpStatusCode.Accepted))["state"]!);
        await node.ReportUntilAsync(() => Task.FromResult(!node.Sessions.Contains(session)), "the order to end it");
        await node.ReportUntilAsync(
            async () => (await Viewer.GetAsync($"/v1/sessions/{session}")).StatusCode == HttpStatusCode.NotFound,
            "its end");
        using var again = await Operator.DeleteAsync($"/v1/sessions/{session}");
        await again.ProblemAsync(HttpStatusCode.NotFound);
    }

    private Task<List<string>> IdsAsync(string path, int limit = 1000) =>
        AllAsync(path, limit, static session => (string)session["id"]!);

    private static List<string> Sorted(params IEnumerable<string> ids) => [.. ids.Order(StringComparer.Ordinal)];

    private static string Open(SimulatedNode node, string identity, params string[] egress) =>
        node.Open(SessionId.New(node.Name), identity, egress).Id;
}
