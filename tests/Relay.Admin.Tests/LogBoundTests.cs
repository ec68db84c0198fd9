using System.Net.Http.Headers;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>How much a stranger, or a node, can have written into a coordinator's log.</summary>
public class LogBoundTests
{
    private const string First = "6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11";
    private const string Second = "0f3c6a0e-95ad-4f1e-bb4a-0a5f5b7d9e22";

    private readonly ManualTime _clock = new();

    [Fact]
    public async Task WrongTokens_Many_LeaveALineAnIntervalWithTheirCount()
    {
        await using var app = await StartAsync();
        var before = app.Logs.Lines.Count;
        var stranger = app.Client(null);
        stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "nonsense");
        for (var i = 0; i < 40; i++)
            using (await stranger.GetAsync($"/v1/{i}/{new string('x', 4000)}"))
            {
            }
        var line = Assert.Single(app.Logs.Lines.Skip(before));
        Assert.Equal(("relay-admin.audit", 482), (line.Category, line.Id));
        Assert.InRange(line.Text.Length, 256, 512);

        _clock.Advance(TimeSpan.FromMinutes(2));
        using (await stranger.GetAsync("/v1/fleet"))
        {
        }
        Assert.Contains("39 more", app.Logs.Lines[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Methods_OfAnyLength_AreCut()
    {
        await using var app = await StartAsync();
        using var answer = await app.Operator.SendJsonAsync(new HttpMethod(new string('X', 5000)), "/v1/fleet", null);
        Assert.InRange(Assert.Single(app.Logs.Audit).Length, 1, 400);
    }

    [Fact]
    public async Task Refusals_OfAViewer_LeaveALineAnInterval()
    {
        await using var app = await StartAsync();
        for (var i = 0; i < 10; i++)
            using (await app.Viewer.SendJsonAsync(HttpMethod.Delete, $"/v1/sessions/{i}", null))
            {
            }
        Assert.StartsWith("481 vera was refused DELETE", Assert.Single(app.Logs.Audit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_OfAnOperator_AreAllThere()
    {
        await using var app = await StartAsync();
        for (var i = 0; i < 10; i++)
            using (await app.Operator.SendJsonAsync(HttpMethod.Delete, $"/v1/sessions/{i}", null))
            {
            }
        Assert.Equal(10, app.Logs.Audit.Count(static line => line.StartsWith("481 otto", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Reports_ForAnotherNode_LeaveALine()
    {
        await using var app = await StartAsync();
        for (var i = 0; i < 3; i++)
            using (await app.Client("node-1").PostJsonAsync("/v1/nodes/node-2/reports", Report("node-2", First)))
            {
            }
        Assert.StartsWith(
            "483 a report for node-2 by node-1 was refused: 403", Assert.Single(app.Logs.Audit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_UnderANameThatIsTaken_LeaveALine()
    {
        await using var app = await StartAsync(static report => throw new NodeNameTakenException("taken", TimeSpan.FromSeconds(1)));
        for (var i = 0; i < 3; i++)
            using (await app.Client("edge-*").PostJsonAsync("/v1/nodes/edge-1/reports", Report("edge-1", First)))
            {
            }
        Assert.StartsWith(
            "483 a report for edge-1 by edge-* was refused: 409", Assert.Single(app.Logs.Audit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_OfAnotherProcessUnderAName_LeaveALine()
    {
        await using var app = await StartAsync();
        foreach (var process in (string[])[First, First, Second, Second])
            using (var answer = await app.Client("node-1").PostJsonAsync("/v1/nodes/node-1/reports", Report("node-1", process)))
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var line = Assert.Single(app.Logs.Audit);
        Assert.StartsWith("484 node-1 is another process now", line, StringComparison.Ordinal);
        Assert.Contains(Second, line, StringComparison.Ordinal);
    }

    private Task<AdminApp> StartAsync(Func<NodeReport, NodeDirective>? answer = null) => AdminApp.StartAsync(
        new ScriptedFleet { OnReport = answer ?? (static report => new NodeDirective { Sequence = report.Sequence }) },
        clock: _clock);

    private static string Report(string node, string process) =>
        $$"""{"node":"{{node}}","incarnation":"{{process}}","sequence":1,"state":"serving"}""";
}
