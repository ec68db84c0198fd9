namespace Relay.Testing.Admin;

/// <content>All that the fleet remembers, out and in.</content>
public abstract partial class AdminSuite
{
    private const string StatePath = "/v1/fleet/state";

    [Fact]
    public async Task State_ExportedAndImported_AddsWhatIsAbsent()
    {
        using var made = await PutAsync(PoolPath, Pool28);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var limit = await PutAsync("/v1/limits/anonymous", """{"sessions":3}""");
        Assert.Equal(HttpStatusCode.Created, limit.StatusCode);
        var document = await Operator.GetStringAsync(StatePath);
        using var removed = await Operator.DeleteAsync(PoolPath);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);

        using var imported = await PutAsync(StatePath, document);
        var added = await imported.JsonAsync(HttpStatusCode.OK);

        Assert.Equal(["exit"], added["pools"]!.AsArray().Select(static name => (string)name!));
        Assert.Empty(added["limits"]!.AsArray());
        using var pool = await Viewer.GetAsync(PoolPath);
        Assert.NotNull((await pool.JsonAsync(HttpStatusCode.OK))["grantsFrom"]);
        using var next = await PutAsync("/v1/prefix-pools/next", """{"prefix":"203.0.113.0/24","blockLength":28}""");
        Assert.NotNull((await next.JsonAsync(HttpStatusCode.Created))["grantsFrom"]);
    }

    [Fact]
    public async Task State_ThatDoesNotFit_IsAConflict()
    {
        using var made = await PutAsync(PoolPath, Pool28);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var document = await Operator.GetStringAsync(StatePath);
        using var changed = await PutAsync(PoolPath, Pool26);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        using var imported = await PutAsync(StatePath, document);

        var problem = await imported.ProblemAsync(HttpStatusCode.Conflict);
        Assert.Contains("pool exit is 198.51.100.0/24 in blocks of /26 here", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "")]
    [InlineData("[]", "")]
    [InlineData("{}", "")]
    [InlineData("""{"version":7}""", "version")]
    [InlineData("""{"version":1,"generation":"g","pools":[null]}""", "pools[0]")]
    [InlineData("""{"version":1,"generation":"g","pools":[{"pool":{"name":"a","prefix":"2001:db8::/60","blockLength":64,"version":"1"}}]}""", "pools[0]")]
    [InlineData("""{"version":1,"generation":"g","limits":{"rules":[{"identity":"x","limit":{},"version":"1"}]}}""", "limits.rules[0]")]
    public async Task State_ThatIsNone_IsRefusedWithThePlace(string document, string place)
    {
        using var imported = await PutAsync(StatePath, document);

        var problem = await imported.ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Contains(problem["errors"]!.AsObject(), field => field.Key == place);
    }

    [Fact]
    public async Task State_IsForOperators()
    {
        using var got = await Viewer.GetAsync(StatePath);
        await got.ProblemAsync(HttpStatusCode.Forbidden);
        using var put = await Viewer.SendJsonAsync(HttpMethod.Put, StatePath, "{}");
        await put.ProblemAsync(HttpStatusCode.Forbidden);
    }
}
