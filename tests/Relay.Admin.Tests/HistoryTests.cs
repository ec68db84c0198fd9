using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Admin.Diagnostics;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Hosting.Fleet;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>How what was done comes into the fleet's history, and in which words.</summary>
public class HistoryTests
{
    [Fact]
    public async Task Words_AreThereForEveryRouteThatChangesSomething()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        var document = JsonNode.Parse(await app.Client(null).GetStringAsync("/openapi/v1.json"))!;
        var changing = document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject())
            .Where(static operation => operation.Key != "get").Select(static operation => (string)operation.Value!["operationId"]!)
            .Where(static name => name != "reportNode");
        Assert.Equal(changing.Order(StringComparer.Ordinal), ActionWords.Routes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Words_WithWhateverIsInAPath_HoldNoControlCharacterAndAreBounded()
    {
        var hostile = "\u001b[2J" + new string('x', 100_000);
        var http = Request("putLimit", ("identity", hostile));
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        var words = ActionWords.Of(http)!;

        var text = words.Tell(http, isDone: false);

        Assert.StartsWith("change the limit of %1B%5B2Jxx", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 1, 300);
        Assert.InRange(words.SubjectOf(http).Name.Length, 1, 257);
        Assert.Equal("otto:a/b", ActionWords.Of(Request("putLimit", ("identity", "otto:a%2Fb")))!.SubjectOf(Request("putLimit", ("identity", "otto:a%2Fb"))).Name);
    }

    [Fact]
    public void Words_OfADrainThatWasBegun_NameIt()
    {
        var http = Request("startDrain");
        http.Response.Headers.Location = "/v1/drains/8491";

        Assert.Equal(new EventSubject("drain", "8491"), ActionWords.Of(http)!.SubjectOf(http));
        Assert.Null(ActionWords.Of(new DefaultHttpContext()));
    }

    [Fact]
    public async Task Outbox_WhileTheFleetIsAway_KeepsWhatItCan_AndTellsHowManyItLost()
    {
        var isAway = true;
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var fleet = new ScriptedFleet
        {
            BeforeRecord = () =>
            {
                asked.TrySetResult();
                if (isAway)
                    throw new FleetUnavailableException("storage is away");
            },
        };
        using var logs = new RecordingLogs();
        await using var outbox = new HistoryOutbox(fleet, logs);
        // What was refused takes half of the room, and what operators did the rest.
        outbox.Add(Record(FleetEventKind.Refusal, "r0"));
        await asked.Task;
        for (var i = 1; i < HistoryOutbox.Capacity; i++)
            outbox.Add(Record(FleetEventKind.Refusal, $"r{i}"));
        for (var i = 0; i < HistoryOutbox.Capacity / 4; i++)
            outbox.Add(Record(FleetEventKind.Action, $"a{i}"));
        var lost = outbox.Lost;
        Assert.InRange(lost, 1, HistoryOutbox.Capacity / 2);

        isAway = false;
        await Eventually.HoldsAsync(() => Task.FromResult(fleet.Records.Count + lost == 5 * HistoryOutbox.Capacity / 4));

        Assert.Equal(HistoryOutbox.Capacity / 4, fleet.Records.Count(static one => one.Kind == FleetEventKind.Action));
        Assert.Equal(lost, fleet.LostRecords);
        Assert.Single(logs.Lines, static line => line.Text.Contains("is not in the fleet's history yet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Outbox_AfterItRanOutOfMemory_GoesOn()
    {
        var left = 2;
        var fleet = new ScriptedFleet { BeforeRecord = () => { if (left-- > 0) throw new OutOfMemoryException(); } };
        using var logs = new RecordingLogs();
        await using var outbox = new HistoryOutbox(fleet, logs);

        outbox.Add(Record(FleetEventKind.Action, "a0"));
        await Eventually.HoldsAsync(() => Task.FromResult(!fleet.Records.IsEmpty));
        outbox.Add(Record(FleetEventKind.Action, "a1"));
        await Eventually.HoldsAsync(() => Task.FromResult(fleet.Records.Count == 2));

        Assert.Equal(["a0", "a1"], fleet.Records.Select(static one => one.Text));
        Assert.Equal(0, outbox.Lost);
    }

    /// <summary>What could not be told, nor that it could not, is counted once, and goes on to be told.</summary>
    [Fact]
    public async Task Outbox_ThatFailsWhileItWaits_CountsWhatItLosesOnce()
    {
        var isAway = true;
        var fleet = new ScriptedFleet { BeforeRecord = () => { if (isAway) throw new FleetUnavailableException("storage is away"); } };
        using var logs = new FailingLogs();
        await using var outbox = new HistoryOutbox(fleet, logs);
        for (var i = 1; i <= 3; i++)
        {
            outbox.Add(Record(FleetEventKind.Action, $"a{i}"));
            await Eventually.HoldsAsync(() => Task.FromResult(outbox.Lost >= i));
            Assert.Equal(i, outbox.Lost);
        }

        isAway = false;
        outbox.Add(Record(FleetEventKind.Action, "a4"));
        await Eventually.HoldsAsync(() => Task.FromResult(!fleet.Records.IsEmpty));

        Assert.Equal((3, 3), (outbox.Lost, fleet.LostRecords));
    }

    [Fact]
    public async Task Outbox_ThatEnds_TellsWhatItHas()
    {
        var fleet = new ScriptedFleet();
        using var logs = new RecordingLogs();
        await using (var outbox = new HistoryOutbox(fleet, logs))
        {
            for (var i = 0; i < 700; i++)
                outbox.Add(Record(FleetEventKind.Action, $"a{i}"));
        }
        Assert.Equal(Enumerable.Range(0, 700).Select(static i => $"a{i}"), fleet.Records.Select(static one => one.Text));
    }

    /// <summary>Nobody who does something waits for its record.</summary>
    [Fact]
    public async Task Change_WhileTheHistoryIsAway_IsAnswered()
    {
        var fleet = new ScriptedFleet { BeforeRecord = static () => throw new FleetUnavailableException("storage is away") };
        await using var app = await AdminApp.StartAsync(fleet);
        using var answer = await app.Operator.DeleteAsync("/v1/limits/*");
        await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Empty(fleet.Records);
    }

    [Fact]
    public async Task Stream_GoneOnWithAfterARestartOfTheCoordinator_MissesNothing()
    {
        using var folder = new ScratchFolder();
        string? last;
        await using (var fleet = Begin(folder))
        {
            await using var app = await AdminApp.StartAsync(fleet.Fleet);
            using var events = await EventReader.OpenAsync(app.Viewer, "/v1/events?kind=action");
            while (events.LastId is null)
                Assert.NotNull(await events.NextAsync());
            await SetLimitAsync(app, "credential:one");
            await events.NextAsync(static next => next.Kind == "action");
            last = events.LastId;
            await SetLimitAsync(app, "credential:two");
        }
        await using var later = Begin(folder);
        await using var again = await AdminApp.StartAsync(later.Fleet);
        await SetLimitAsync(again, "credential:three");

        using var resumed = await EventReader.OpenAsync(again.Viewer, "/v1/events?kind=action", last);
        foreach (var name in (string[])["credential:two", "credential:three"])
        {
            var next = await resumed.NextAsync(static _ => true);
            Assert.Equal(("action", $"otto set the limit of {name}"), (next.Kind, (string?)next.Data!["text"]));
        }
    }

    private static LocalFleetHost Begin(ScratchFolder folder) => LocalFleetHost.Start(
        new LocalFleetConfig(), store: StateFolder.Open(folder.File("state"), NullLogger.Instance));

    private static async Task SetLimitAsync(AdminApp app, string identity)
    {
        using var put = await app.Operator.SendJsonAsync(HttpMethod.Put, $"/v1/limits/{identity}", """{"sessions":1}""");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
    }

    private static FleetEvent Record(FleetEventKind kind, string text) => FleetEvent.Of(kind, text, DateTimeOffset.UnixEpoch);

    private static DefaultHttpContext Request(string route, params (string Name, string Value)[] values)
    {
        var http = new DefaultHttpContext();
        foreach (var (name, value) in values)
            http.Request.RouteValues[name] = value;
        http.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new EndpointNameMetadata(route)), route));
        return http;
    }

    private sealed class FailingLogs : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("it cannot");

        public void Dispose()
        {
        }
    }
}
