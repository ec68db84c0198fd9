namespace Relay.Testing.Admin;

/// <content>Limits by identity.</content>
public abstract partial class AdminSuite
{
    [Theory]
    [InlineData("credential:alice", "credential:alice")]
    [InlineData("credential%3Aalice", "credential:alice")]
    [InlineData("credential:a%2Fb", "credential:a/b")]
    [InlineData("credential:a/b", "credential:a/b")]
    [InlineData("credential:a%252Fb", "credential:a%2Fb")]
    [InlineData("certificate:0a1b", "certificate:0a1b")]
    [InlineData("user:alice", "user:alice")]
    [InlineData("jwt:https%3A%2F%2Fid.example|user:alice", "jwt:https://id.example|user:alice")]
    [InlineData("anonymous", "anonymous")]
    [InlineData("*", "*")]
    public async Task Limit_Put_IsForTheIdentityOfThePath(string path, string identity)
    {
        using var made =
            await PutAsync($"/v1/limits/{path}", """{"sessions":3,"bytesPerSecond":1000}""", ("If-None-Match", "*"));
        var rule = await made.JsonAsync(HttpStatusCode.Created);
        Assert.Equal(identity, (string)rule["identity"]!);
        Assert.Equal(3, (long)rule["limit"]!["sessions"]!);
        Assert.Null(rule["limit"]!["tunnels"]);
        using var got = await Viewer.GetAsync(made.Headers.Location!.ToString());
        Assert.Equal(identity, (string)(await got.JsonAsync(HttpStatusCode.OK))["identity"]!);
        Assert.Equal(made.Headers.ETag, got.Headers.ETag);
    }

    [Fact]
    public async Task Limit_Edited_KeepsToVersions()
    {
        using var made = await PutAsync("/v1/limits/*", """{"sessions":3}""");
        var tag = made.Headers.ETag!.ToString();
        using var known = await Viewer.SendJsonAsync(HttpMethod.Get, "/v1/limits/*", null, ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var changed = await PutAsync("/v1/limits/*", """{"tunnels":5}""", ("If-Match", tag));
        await changed.JsonAsync(HttpStatusCode.OK);
        using var stale = await PutAsync("/v1/limits/*", """{"tunnels":6}""", ("If-Match", tag));
        await stale.ProblemAsync(HttpStatusCode.PreconditionFailed);
        using var staleDelete =
            await Operator.SendJsonAsync(HttpMethod.Delete, "/v1/limits/*", null, ("If-Match", tag));
        await staleDelete.ProblemAsync(HttpStatusCode.PreconditionFailed);
        using var removed = await Operator.DeleteAsync("/v1/limits/*");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var gone = await Operator.DeleteAsync("/v1/limits/*");
        await gone.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Limits_Listed_ComeInPartsByIdentity()
    {
        foreach (var name in (string[])["c", "a", "b"])
            (await PutAsync($"/v1/limits/credential:{name}", """{"sessions":3}""")).Dispose();
        foreach (var limit in (int[])[1, 2, 3])
            Assert.Equal(["credential:a", "credential:b", "credential:c"],
                await AllAsync("/v1/limits", limit, static rule => (string)rule["identity"]!));
    }

    [Fact]
    public async Task Limit_Set_ReachesNodes()
    {
        var node = await NodeAsync("edge-1");
        (await PutAsync("/v1/limits/*", """{"sessions":3}""")).Dispose();
        await node.ReportUntilAsync(
            () => Task.FromResult(node.LastDirective?.DefaultLimit?.Sessions is not null), "the limit");
    }
}
