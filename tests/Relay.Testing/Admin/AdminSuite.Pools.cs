using Relay.Testing.Nodes;

namespace Relay.Testing.Admin;

/// <content>Prefix pools and leases.</content>
public abstract partial class AdminSuite
{
    private const string PoolPath = "/v1/prefix-pools/exit";
    private const string Pool28 = """{"prefix":"198.51.100.0/24","blockLength":28}""";
    private const string Pool26 = """{"prefix":"198.51.100.0/24","blockLength":26}""";

    [Fact]
    public async Task Pool_Put_IsMadeChangedAndRemoved()
    {
        using var made = await PutAsync(PoolPath, Pool28, ("If-None-Match", "*"));
        var pool = await made.JsonAsync(HttpStatusCode.Created);
        Assert.Equal(PoolPath, made.Headers.Location?.ToString());
        Assert.Equal("198.51.100.0/24", (string)pool["pool"]!["prefix"]!);
        Assert.Equal(16, (long)pool["blocks"]!);
        using var got = await Viewer.GetAsync(PoolPath);
        Assert.Equal(made.Headers.ETag, got.Headers.ETag);

        using var changed = await PutAsync(PoolPath, Pool26, ("If-Match", got.Headers.ETag!.ToString()));
        Assert.Equal(4, (long)(await changed.JsonAsync(HttpStatusCode.OK))["blocks"]!);
        using var stale = await PutAsync(PoolPath, Pool28, ("If-Match", got.Headers.ETag!.ToString()));
        await stale.ProblemAsync(HttpStatusCode.PreconditionFailed);
        using var there = await PutAsync(PoolPath, Pool28, ("If-None-Match", "*"));
        await there.ProblemAsync(HttpStatusCode.PreconditionFailed);

        using var wrongDelete = await Operator.SendJsonAsync(
            HttpMethod.Delete, PoolPath, null, ("If-Match", got.Headers.ETag!.ToString()));
        await wrongDelete.ProblemAsync(HttpStatusCode.PreconditionFailed);
        using var removed = await Operator.SendJsonAsync(
            HttpMethod.Delete, PoolPath, null, ("If-Match", changed.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var gone = await Operator.DeleteAsync(PoolPath);
        await gone.ProblemAsync(HttpStatusCode.NotFound);
        using var absent = await PutAsync(PoolPath, Pool28, ("If-Match", "*"));
        await absent.ProblemAsync(HttpStatusCode.PreconditionFailed);
    }

    [Fact]
    public async Task Pool_ChangedByTwoAtOnce_OneIsRefused()
    {
        using var made = await PutAsync(PoolPath, Pool28);
        var tag = made.Headers.ETag!.ToString();
        var both = await Task.WhenAll(
            PutAsync(PoolPath, Pool26, ("If-Match", tag)),
            PutAsync(PoolPath, """{"prefix":"198.51.100.0/24","blockLength":27}""", ("If-Match", tag)));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed],
            both.Select(static answer => answer.StatusCode).Order());
    }

    [Theory]
    [InlineData("If-Match", "198", HttpStatusCode.BadRequest)]
    [InlineData("If-Match", "W/\"x\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("If-Match", "\"x\", \"y\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("If-None-Match", "\"x\"", HttpStatusCode.BadRequest)]
    public async Task Pool_OtherConditions_AreRefused(string field, string value, HttpStatusCode status)
    {
        using var made = await PutAsync(PoolPath, Pool28);
        await made.JsonAsync(HttpStatusCode.Created);
        using var answer = await PutAsync(PoolPath, Pool26, (field, value));
        await answer.ProblemAsync(status);
    }

    [Fact]
    public async Task Pool_KnownTag_Is304UntilSomethingChanges()
    {
        using var made = await PutAsync(PoolPath, Pool28);
        var tag = made.Headers.ETag!.ToString();
        using var known = await Viewer.SendJsonAsync(HttpMethod.Get, PoolPath, null, ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        var node = await NodeAsync("edge-1", pools: "exit");
        await node.ReportUntilAsync(() => Task.FromResult(node.Leases.Count == 1), "a block");
        await Eventually.HoldsAsync(async () => (await Viewer.SendJsonAsync(
            HttpMethod.Get, PoolPath, null, ("If-None-Match", tag))).StatusCode == HttpStatusCode.OK, "another tag");
    }

    [Fact]
    public async Task Pool_OverlappingAnother_IsAConflict()
    {
        using var made = await PutAsync(PoolPath, Pool28);
        await made.JsonAsync(HttpStatusCode.Created);
        using var other =
            await PutAsync("/v1/prefix-pools/other", """{"prefix":"198.51.100.64/26","blockLength":28}""");
        await other.ProblemAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Leases_OfAPool_AreListedRevokedAndBlockItsRemoval()
    {
        using var made = await PutAsync(PoolPath, Pool28);
        await made.JsonAsync(HttpStatusCode.Created);
        SimulatedNode[] nodes = [.. await Task.WhenAll(
            NodeAsync("edge-1", pools: "exit"), NodeAsync("edge-2", pools: "exit"), NodeAsync("edge-3", pools: "exit"))];
        foreach (var node in nodes)
            await node.ReportUntilAsync(() => Task.FromResult(node.Leases.Count == 1), "a block");
        var prefixes = nodes.Select(static node => node.Leases[0].Prefix).Order()
            .Select(static prefix => prefix.ToString());
        foreach (var limit in (int[])[1, 2, 3])
            Assert.Equal(
                prefixes, await AllAsync($"{PoolPath}/leases", limit, static lease => (string)lease["prefix"]!));
        using var remove = await Operator.DeleteAsync(PoolPath);
        await remove.ProblemAsync(HttpStatusCode.Conflict);

        var (first, prefix) = (nodes[0], nodes[0].Leases[0].Prefix);
        using var revoked = await Operator.DeleteAsync($"{PoolPath}/leases/{Uri.EscapeDataString(prefix.ToString())}");
        Assert.Equal("releasing", (string)(await revoked.JsonAsync(HttpStatusCode.Accepted))["state"]!);
        first.Amend = static report => report with { Pools = [] };
        await first.ReportUntilAsync(
            async () => await StateAsync(prefix.ToString()) == "quarantined", "the quarantine");
        Assert.Empty(first.Leases);
        Assert.Equal(1, (long)(await GetAsync(PoolPath))["quarantined"]!);
    }

    [Theory]
    [InlineData("198.51.100.0/28", HttpStatusCode.NotFound)]
    [InlineData("198.51.100.0%2F28", HttpStatusCode.NotFound)]
    [InlineData("198.51.100.1/28", HttpStatusCode.BadRequest)]
    [InlineData("198.51.100.0%252F28", HttpStatusCode.BadRequest)]
    [InlineData("everything", HttpStatusCode.BadRequest)]
    public async Task Leases_NotThere_CannotBeRevoked(string prefix, HttpStatusCode status)
    {
        using var made = await PutAsync(PoolPath, Pool28);
        await made.JsonAsync(HttpStatusCode.Created);
        using var answer = await Operator.DeleteAsync($"{PoolPath}/leases/{prefix}");
        await answer.ProblemAsync(status);
    }

    [Fact]
    public async Task Pools_Listed_ComeInPartsByName()
    {
        for (var i = 1; i <= 5; i++)
            (await PutAsync($"/v1/prefix-pools/p{i}", $$"""{"prefix":"10.{{i}}.0.0/16","blockLength":24}""")).Dispose();
        foreach (var limit in (int[])[1, 2, 5, 1000])
            Assert.Equal(["p1", "p2", "p3", "p4", "p5"],
                await AllAsync("/v1/prefix-pools", limit, static info => (string)info["pool"]!["name"]!));
        using var wrong = await Viewer.GetAsync("/v1/prefix-pools?cursor=!");
        Assert.Equal(["cursor"], await wrong.WrongFieldsAsync());
    }

    private async Task<string?> StateAsync(string prefix) =>
        (await GetAsync($"{PoolPath}/leases"))["items"]!.AsArray()
            .Where(lease => (string)lease!["prefix"]! == prefix).Select(static lease => (string?)lease!["state"])
            .SingleOrDefault();

    private Task<HttpResponseMessage> PutAsync(string path, string body, params (string, string)[] headers) =>
        Operator.SendJsonAsync(HttpMethod.Put, path, body, headers);
}
