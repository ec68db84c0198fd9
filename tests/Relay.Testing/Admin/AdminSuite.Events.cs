
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

    // Once the stream has told where it stands, what happens next is told.
    private async Task<EventReader> OpenEventsAsync(string path = "/v1/events")
    {
        var events = await EventReader.OpenAsync(Viewer, path);
        while (events.LastId is null)
            Assert.NotNull(await events.NextAsync());
        return events;
    }
}
