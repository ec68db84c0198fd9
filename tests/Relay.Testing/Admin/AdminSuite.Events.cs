
namespace Relay.Testing.Admin;

/// <content>The event stream.</content>
public abstract partial class AdminSuite
{
    [Fact]
    public async Task Events_AsTheyHappen_AreTold()
    {
        using var events = await OpenEventsAsync();
        await NodeAsync("edge-1");
        var came = await events.NextAsync(static next => next.Kind == "node");
        Assert.Equal("edge-1", (string)came.Data!["node"]!);
        Assert.Equal(came.Id, (string)came.Data["id"]!);
        (await PutAsync(PoolPath, Pool28)).Dispose();
        await events.NextAsync(static next => next.Kind == "lease");
        var id = await BeginAsync("edge-1");
        var drain = await events.NextAsync(static next => next.Kind == "drain");
        Assert.Equal(id, (string)drain.Data!["drain"]!["id"]!);
        await events.NextAsync(static next => next.Kind == "rate");
    }

    [Fact]
    public async Task Events_ResumedAfterTheLastOneSeen_MissNothing()
    {
        string? last;
        using (var events = await OpenEventsAsync())
        {
            await NodeAsync("edge-1");
            await events.NextAsync(static next => (string?)next.Data!["node"] == "edge-1");
            last = events.LastId;
        }
        await NodeAsync("edge-2");
        await NodeAsync("edge-3");
        using var resumed = await EventReader.OpenAsync(Viewer, "/v1/events?kind=node", last);
        foreach (var name in (string[])["edge-2", "edge-3"])
        {
            var next = await resumed.NextAsync(static _ => true);
            Assert.Equal(("node", name), (next.Kind, (string?)next.Data!["node"]));
        }
    }

    [Fact]
    public async Task Events_AfterAnIdOfAnotherRun_BeginWithAGap()
    {
        await NodeAsync("edge-1");
        using var events = await EventReader.OpenAsync(Viewer, "/v1/events", "another-17");
        var first = await events.NextAsync(static _ => true);
        Assert.Equal("gap", first.Kind);
        Assert.NotNull(first.Id);
    }

    [Fact]
    public async Task Events_OfOneKind_AreThoseOnly()
    {
        using var events = await OpenEventsAsync("/v1/events?kind=lease&kind=drain");
        await NodeAsync("edge-1");
        (await PutAsync(PoolPath, Pool28)).Dispose();
        var next = await events.NextAsync(static _ => true);
        Assert.Equal("lease", next.Kind);
    }

    [Fact]
    public async Task History_OfWhatOperatorsDo_TellsWhoDidWhatToWhat()
    {
        await NodeAsync("edge-1");
        (await PutAsync(PoolPath, Pool28)).Dispose();
        var drain = await BeginAsync("edge-1");
        (await Viewer.PostAsync("/v1/nodes/edge-1/undrain", null)).Dispose();

        var items = await HistoryAsync(Operator, "", static items => items.Count(static item => (string?)item!["actor"] is "otto" or "vera") == 3);
        var done = items.Where(static item => (string?)item!["kind"] == "action").ToList();
        Assert.Equal(["otto drained node edge-1", "otto defined pool exit"], done.Select(static item => (string?)item!["text"]));
        Assert.Equal(("node", "edge-1"), ((string?)done[0]!["subject"]!["type"], (string?)done[0]!["subject"]!["name"]));
        Assert.Equal(202, (int)done[0]!["status"]!);
        Assert.NotNull((string?)done[0]!["source"]);
        Assert.Contains("28", (string?)done[1]!["detail"], StringComparison.Ordinal);
        var refused = items.Single(static item => (string?)item!["kind"] == "refusal");
        Assert.Equal(("vera", "vera could not undrain node edge-1: 403"), ((string?)refused!["actor"], (string?)refused["text"]));
        Assert.Equal(items.Select(static item => (long)item!["number"]!).OrderDescending(), items.Select(static item => (long)item!["number"]!));

        Assert.Contains(
            await HistoryAsync(Operator, "?subject=edge-1&kind=action"), static item => (string?)item!["text"] == "otto drained node edge-1");
        Assert.Equal(2, (await HistoryAsync(Operator, "?actor=otto")).Count);
        Assert.Contains(await HistoryAsync(Operator, $"?subject={drain}"), static item => (string?)item!["kind"] == "drain");
        var numbers = await AllAsync("/v1/events/history?kind=action&kind=node", 1, static item => $"{item["number"]}");
        Assert.Equal(numbers.Distinct(), numbers);
    }

    [Fact]
    public async Task History_ToAViewer_LacksWhatOperatorsAloneSee()
    {
        (await PutAsync(PoolPath, Pool28)).Dispose();
        (await Viewer.PostAsync("/v1/nodes/edge-1/undrain", null)).Dispose();
        await HistoryAsync(Operator, "?kind=refusal", static items => items.Count == 1);

        var items = await HistoryAsync(Viewer, "");
        Assert.DoesNotContain(items, static item => (string?)item!["kind"] == "refusal" || item["source"] is not null || item["detail"] is not null);
        Assert.Contains(items, static item => (string?)item!["text"] == "otto defined pool exit");
        foreach (var path in (string[])["/v1/events/history?kind=refusal", "/v1/events?kind=refusal"])
            await (await Viewer.GetAsync(path)).ProblemAsync(System.Net.HttpStatusCode.Forbidden);
        await (await App.Client("node-1").GetAsync("/v1/events/history")).ProblemAsync(System.Net.HttpStatusCode.Forbidden);
        await (await App.Client(null).GetAsync("/v1/events/history")).ProblemAsync(System.Net.HttpStatusCode.Unauthorized);

        // From the beginning of what there is.
        using var events = await EventReader.OpenAsync(Viewer, "/v1/events?kind=action", "another-17");
        var seen = await events.NextAsync(static next => next.Kind == "action");
        Assert.Equal(("otto defined pool exit", null), ((string?)seen.Data!["text"], (string?)seen.Data["source"]));
        using var all = await EventReader.OpenAsync(Operator, "/v1/events?kind=action&kind=refusal", "another-17");
        Assert.NotNull((string?)(await all.NextAsync(static next => next.Kind == "refusal")).Data!["source"]);
    }

    [Fact]
    public async Task History_AskedForWhatIsNone_SaysWhatIsWrong()
    {
        Assert.Equal(["cursor"], await (await Viewer.GetAsync("/v1/events/history?cursor=-1")).WrongFieldsAsync());
        Assert.Equal(["kind"], await (await Viewer.GetAsync("/v1/events/history?kind=rate")).WrongFieldsAsync());
    }

    // What was done is told behind the answer to who did it.
    private static async Task<List<System.Text.Json.Nodes.JsonNode?>> HistoryAsync(
        HttpClient client, string query, Func<List<System.Text.Json.Nodes.JsonNode?>, bool>? holds = null) => await Eventually.HoldsAsync(
        "the history", async () => (await (await client.GetAsync($"/v1/events/history{query}")).JsonAsync(System.Net.HttpStatusCode.OK))
            ["items"]!.AsArray().ToList(), holds ?? (static _ => true));

    // Once the stream has told where it stands, what happens next is told.
    private async Task<EventReader> OpenEventsAsync(string path = "/v1/events")
    {
        var events = await EventReader.OpenAsync(Viewer, path);
        while (events.LastId is null)
            Assert.NotNull(await events.NextAsync());
        return events;
    }
}
