using Relay.Fleet.Users;
using Relay.Testing.Nodes;

namespace Relay.Testing.Admin;

/// <content>Users.</content>
public abstract partial class AdminSuite
{
    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("alice%40example.com", "alice@example.com")]
    [InlineData("a.b_c-d+e", "a.b_c-d+e")]
    public async Task User_Put_IsOfTheNameInThePath(string path, string name)
    {
        using var made = await PutAsync($"/v1/users/{path}", """{"expiresAt":"2100-01-01T00:00:00Z"}""", ("If-None-Match", "*"));
        var user = await made.JsonAsync(HttpStatusCode.Created);
        Assert.Equal((name, false, 0), ((string?)user["name"], (bool)user["isDisabled"]!, user["devices"]!.AsArray().Count));
        using var got = await Viewer.GetAsync(made.Headers.Location!.ToString());
        Assert.Equal(name, (string?)(await got.JsonAsync(HttpStatusCode.OK))["name"]);
        Assert.Equal(made.Headers.ETag, got.Headers.ETag);
    }

    [Theory]
    [InlineData("Alice", "{}", "name")]
    [InlineData("a%3Ab", "{}", "name")]
    [InlineData("alice", """{"expiresAt":"9999-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("alice", """{"isDisabled":1}""", "isDisabled")]
    [InlineData("alice", """{"devices":[]}""", "devices")]
    public async Task User_ThatCannotBe_IsRefusedByField(string path, string body, string field)
    {
        using var refused = await PutAsync($"/v1/users/{path}", body);
        var problem = await refused.ProblemAsync(HttpStatusCode.BadRequest);
        Assert.NotNull(problem["errors"]![field]);
    }

    [Fact]
    public async Task User_Edited_KeepsToVersions()
    {
        using var made = await PutAsync("/v1/users/alice", "{}");
        var tag = made.Headers.ETag!.ToString();
        using var known = await Viewer.SendJsonAsync(HttpMethod.Get, "/v1/users/alice", null, ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var there = await PutAsync("/v1/users/alice", "{}", ("If-None-Match", "*"));
        await there.ProblemAsync(HttpStatusCode.PreconditionFailed);
        using var changed = await PutAsync("/v1/users/alice", """{"isDisabled":true}""", ("If-Match", tag));
        await changed.JsonAsync(HttpStatusCode.OK);
        using var stale = await PutAsync("/v1/users/alice", "{}", ("If-Match", tag));
        await stale.ProblemAsync(HttpStatusCode.PreconditionFailed);
        using var staleDelete = await Operator.SendJsonAsync(HttpMethod.Delete, "/v1/users/alice", null, ("If-Match", tag));
        await staleDelete.ProblemAsync(HttpStatusCode.PreconditionFailed);
        using var removed = await Operator.DeleteAsync("/v1/users/alice");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var gone = await Viewer.GetAsync("/v1/users/alice");
        await gone.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Users_Listed_ComeInPartsByName_AndBySearch()
    {
        foreach (var name in (string[])["carol", "alice", "bob", "alina"])
            (await PutAsync($"/v1/users/{name}", "{}")).Dispose();
        foreach (var limit in (int[])[1, 3, 4])
        {
            Assert.Equal(
                ["alice", "alina", "bob", "carol"], await AllAsync("/v1/users", limit, static user => (string)user["name"]!));
            Assert.Equal(["alice", "alina"], await AllAsync("/v1/users?search=ali", limit, static user => (string)user["name"]!));
        }
    }

    [Fact]
    public async Task Device_Added_IsToldItsSecretOnce_AndNothingShowsItAgain()
    {
        (await PutAsync("/v1/users/alice", "{}")).Dispose();
        using var added = await Operator.SendJsonAsync(HttpMethod.Post, "/v1/users/alice/credentials", """{"name":"phone"}""");
        var credential = await added.JsonAsync(HttpStatusCode.Created);
        var secret = (string)credential["secret"]!;
        Assert.Equal(43, secret.Length);
        Assert.Equal(("alice", "phone"), ((string?)credential["user"], (string?)credential["name"]));
        Assert.True(added.Headers.CacheControl!.NoStore);

        var shown = await Operator.GetStringAsync("/v1/users/alice") + await Operator.GetStringAsync("/v1/users");
        Assert.Contains((string)credential["id"]!, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(DeviceSecret.HashOf(secret), shown, StringComparison.Ordinal);
        Assert.DoesNotContain("sha256", shown, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(App.Logs.Audit, line => line.Contains($"/credentials/{(string)credential["id"]!}", StringComparison.Ordinal));
        Assert.DoesNotContain(App.Logs.Lines, line =>
            line.Text.Contains(secret, StringComparison.Ordinal) || line.Text.Contains(DeviceSecret.HashOf(secret), StringComparison.Ordinal));
        using var again = await Operator.SendJsonAsync(HttpMethod.Post, "/v1/users/alice/credentials", """{"name":"phone"}""");
        await again.ProblemAsync(HttpStatusCode.Conflict);
        using var unnamed = await Operator.SendJsonAsync(HttpMethod.Post, "/v1/users/alice/credentials", "{}");
        Assert.NotNull((await unnamed.ProblemAsync(HttpStatusCode.BadRequest))["errors"]!["name"]);
        using var nobody = await Operator.SendJsonAsync(HttpMethod.Post, "/v1/users/bob/credentials", """{"name":"phone"}""");
        await nobody.ProblemAsync(HttpStatusCode.NotFound);

        using var removed = await Operator.DeleteAsync(added.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var gone = await Operator.DeleteAsync(added.Headers.Location!.ToString());
        await gone.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Users_AreReadByViewers_AndChangedByOperatorsAlone()
    {
        (await PutAsync("/v1/users/alice", "{}")).Dispose();
        using var put = await Viewer.SendJsonAsync(HttpMethod.Put, "/v1/users/alice", """{"isDisabled":true}""");
        await put.ProblemAsync(HttpStatusCode.Forbidden);
        using var add = await Viewer.SendJsonAsync(HttpMethod.Post, "/v1/users/alice/credentials", """{"name":"phone"}""");
        await add.ProblemAsync(HttpStatusCode.Forbidden);
        using var confirm = await Viewer.SendJsonAsync(
            HttpMethod.Post, "/v1/user-store/confirm", """{"store":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11"}""");
        await confirm.ProblemAsync(HttpStatusCode.Forbidden);
        using var delete = await Viewer.DeleteAsync("/v1/users/alice");
        await delete.ProblemAsync(HttpStatusCode.Forbidden);
        Assert.False((bool)(await (await Viewer.GetAsync("/v1/users/alice")).JsonAsync(HttpStatusCode.OK))["isDisabled"]!);
    }

    [Fact]
    public async Task UserUsage_IsByMonth_WithTheQuota_AndInLists()
    {
        (await PutAsync("/v1/users/alice", "{}")).Dispose();
        using var limit = await PutAsync("/v1/limits/user%3Aalice", """{"bytesPerMonth":5000}""");
        Assert.Equal(5000, (long)(await limit.JsonAsync(HttpStatusCode.Created))["limit"]!["bytesPerMonth"]!);
        using var negative = await PutAsync("/v1/limits/user%3Aalice", """{"bytesPerMonth":-1}""");
        Assert.NotNull((await negative.ProblemAsync(HttpStatusCode.BadRequest))["errors"]!["bytesPerMonth"]);
        using var nobody = await PutAsync("/v1/limits/anonymous", """{"bytesPerMonth":1}""");
        await nobody.ProblemAsync(HttpStatusCode.BadRequest);
        using var nothing = await Viewer.GetAsync("/v1/users/alice/usage");
        var usage = await nothing.JsonAsync(HttpStatusCode.OK);
        Assert.Equal(("alice", 5000L, 0, null), (
            (string?)usage["name"], (long)usage["bytesPerMonth"]!, usage["months"]!.AsArray().Count, usage["lastSeen"]));

        var node = await NodeAsync("edge-1");
        node.Open(new SessionRecord
        {
            Id = "use",
            Identity = "user:alice",
            StartedAt = DateTimeOffset.UnixEpoch,
            TunnelsTotal = 2,
            UpstreamBytes = 30,
            DownstreamBytes = 400,
        });
        await node.ReportUntilAsync(async () =>
        {
            using var answer = await Viewer.GetAsync("/v1/users/alice/usage");
            return (usage = await answer.JsonAsync(HttpStatusCode.OK))["months"]!.AsArray().Count > 0;
        }, "the usage");

        var month = Assert.Single(usage["months"]!.AsArray())!;
        Assert.Equal((30L, 400L, 2L), ((long)month["bytesUp"]!, (long)month["bytesDown"]!, (long)month["tunnels"]!));
        Assert.Matches("^20\\d\\d-\\d\\d$", (string)month["month"]!);
        using var list = await Viewer.GetAsync("/v1/users?search=alice");
        var listed = (await list.JsonAsync(HttpStatusCode.OK))["items"]![0]!;
        Assert.Equal((430L, (string?)usage["lastSeen"]), ((long)listed["bytesThisMonth"]!, (string?)listed["lastSeen"]));
        using var one = await Viewer.GetAsync("/v1/users/alice");
        Assert.Equal(430, (long)(await one.JsonAsync(HttpStatusCode.OK))["bytesThisMonth"]!);
        using var body = await PutAsync("/v1/users/alice", """{"bytesThisMonth":1}""");
        Assert.NotNull((await body.ProblemAsync(HttpStatusCode.BadRequest))["errors"]!["bytesThisMonth"]);
        using var stranger = await Viewer.GetAsync("/v1/users/stranger/usage");
        await stranger.ProblemAsync(HttpStatusCode.NotFound);
        (await Operator.DeleteAsync("/v1/limits/user%3Aalice")).Dispose();
        (await Operator.DeleteAsync("/v1/users/alice")).Dispose();
    }

    [Fact]
    public async Task UserStore_NamesWhoWaits_UntilItIsConfirmed()
    {
        (await PutAsync("/v1/users/alice", "{}")).Dispose();
        var node = await NodeAsync("edge-1");
        var users = SimulatedUsers.Of(node);
        users.Pretend(new UserPosition(Guid.NewGuid(), 7), "of another store");
        var store = await StoreAsync(node, static info => info["waiting"]!.AsArray().Count == 1);
        Assert.Equal("edge-1", (string?)store["waiting"]![0]);
        Assert.Equal((1, 0, false), ((int)store["users"]!, (int)store["devices"]!, (bool)store["isConfirmed"]!));
        using var other = await Operator.SendJsonAsync(
            HttpMethod.Post, "/v1/user-store/confirm", """{"store":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11"}""");
        await other.ProblemAsync(HttpStatusCode.Conflict);

        using var confirmed = await Operator.SendJsonAsync(
            HttpMethod.Post, "/v1/user-store/confirm", $$"""{"store":"{{(string)store["store"]!}}"}""");

        Assert.True((bool)(await confirmed.JsonAsync(HttpStatusCode.OK))["isConfirmed"]!);
        await StoreAsync(node, static info => info["waiting"]!.AsArray().Count + info["behind"]!.AsArray().Count == 0);
        Assert.Equal(["alice"], users.Entries.Keys);
        var info = await (await Viewer.GetAsync("/v1/nodes/edge-1")).JsonAsync(HttpStatusCode.OK);
        Assert.Equal((string?)store["store"], (string?)info["users"]!["store"]);
    }

    private async Task<System.Text.Json.Nodes.JsonNode> StoreAsync(
        SimulatedNode node, Func<System.Text.Json.Nodes.JsonNode, bool> condition)
    {
        System.Text.Json.Nodes.JsonNode? store = null;
        await node.ReportUntilAsync(async () =>
        {
            store = await (await Viewer.GetAsync("/v1/user-store")).JsonAsync(HttpStatusCode.OK);
            return condition(store);
        }, "the store of users");
        return store!;
    }
}
