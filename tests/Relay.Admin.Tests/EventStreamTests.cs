using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Relay.Admin.Events;
using Relay.Admin.Identity;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>The event stream where the fleet, the token or the host goes away.</summary>
public class EventStreamTests
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Stream_NothingHappens_StaysAliveByComments()
    {
        await using var app = await StartAsync(SilentFleet);
        using var events = await EventReader.OpenAsync(app.Viewer);
        while (events.Comments < 3)
            Assert.NotNull(await events.NextAsync());
    }

    /// <summary>Whoever has its first line, and then does something, hears of it.</summary>
    [Fact]
    public async Task Stream_HasItsPosition_BeforeItsFirstLine()
    {
        using var gone = new CancellationTokenSource();
        var http = new DefaultHttpContext { RequestAborted = gone.Token, Response = { Body = new MemoryStream() } };
        long? written = null;
        var fleet = new ScriptedFleet
        {
            OnReadEvents = (_, _) =>
            {
                written ??= http.Response.Body.Length;
                gone.Cancel();
                return new ValueTask<EventBatch>(Never<EventBatch>());
            },
        };
        var stream = new EventStream(new AdminConfig(), fleet, new TokenSource(null), new StoppedByNobody(), TimeProvider.System);

        await stream.WriteAsync(http, position: null, new HashSet<FleetEventKind>());

        Assert.Equal(0, written);
    }

    [Fact]
    public async Task Stream_FleetAwayForAWhile_GoesOnFromWhereItWas()
    {
        var asked = new ConcurrentQueue<string?>();
        var isAway = false;
        var fleet = new ScriptedFleet
        {
            OnReadEvents = (position, _) =>
            {
                asked.Enqueue(position);
                if (position == "r-1" && !isAway)
                {
                    isAway = true;
                    throw new FleetUnavailableException("storage is away");
                }
                var number = position is null ? 1 : int.Parse(position.Split('-')[1]) + 1;
                return number > 2
                    ? new ValueTask<EventBatch>(Never<EventBatch>())
                    : ValueTask.FromResult(Batch(number));
            },
        };
        await using var app = await StartAsync(fleet);
        using var events = await EventReader.OpenAsync(app.Viewer);
        Assert.Equal("r-1", (await events.NextAsync(static _ => true)).Id);
        Assert.Equal("r-2", (await events.NextAsync(static _ => true)).Id);
        Assert.Equal([null, "r-1", "r-1"], asked.Take(3));
    }

    [Fact]
    public async Task Stream_TokenTakenAway_Ends()
    {
        await using var app = await StartAsync(SilentFleet);
        using var events = await EventReader.OpenAsync(app.Viewer);
        using var others = await EventReader.OpenAsync(app.Operator);
        await app.TakeAwayAsync("vera");
        while (await events.NextAsync() is not null)
        {
        }
        Assert.NotNull(await others.NextAsync());
    }

    // The fleet says something each second: no silence ever comes in which the token could be looked at.
    [Fact]
    public async Task Stream_TokenTakenAwayFromAReaderThatAlwaysHasEvents_Ends()
    {
        await using var app = await AdminApp.StartAsync(
            BusyFleet, static config => config with { EventHeartbeat = TimeSpan.FromDays(1) });
        using var events = await EventReader.OpenAsync(app.Viewer);
        await events.NextAsync(static _ => true);
        await app.TakeAwayAsync("vera");
        while (await events.NextAsync() is not null)
        {
        }
        using var others = await EventReader.OpenAsync(app.Operator);
        await others.NextAsync(static _ => true);
    }

    [Fact]
    public async Task Stream_TokenTakenAwayFromAReaderThatDoesNotRead_Ends()
    {
        var fleet = BusyFleet;
        await using var app = await AdminApp.StartAsync(fleet, static config => config with
        {
            EventHeartbeat = TimeSpan.FromDays(1),
            MaxEventClients = 1,
        });
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(app.Host.Address);
        await socket.SendAsync(Encoding.Latin1.GetBytes(
            $"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {app.Tokens["vera"]}\r\n\r\n"));
        var head = new byte[256];
        Assert.Contains("200 OK", Encoding.Latin1.GetString(head, 0, await socket.ReceiveAsync(head)), StringComparison.Ordinal);
        await app.TakeAwayAsync("vera");
        await AssertFreePlaceAsync(app);
    }

    [Fact]
    public async Task Stream_HostStops_EndsAtOnce()
    {
        var app = await StartAsync(SilentFleet);
        using var events = await EventReader.OpenAsync(app.Viewer);
        var host = app.Host.DisposeAsync();
        while (await events.NextAsync() is not null)
        {
        }
        await host;
        await app.DisposeAsync();
    }

    [Fact]
    public async Task Stream_ClientGoes_ItsPlaceIsFree()
    {
        await using var app = await StartAsync(SilentFleet, static config => config with { MaxEventClients = 1 });
        using (await EventReader.OpenAsync(app.Viewer))
        {
            using var refused = await app.Operator.GetAsync("/v1/events");
            await refused.ProblemAsync(HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        await AssertFreePlaceAsync(app);
    }

    [Fact]
    public async Task Stream_OneCaller_CannotTakeAllPlaces()
    {
        await using var app = await StartAsync(
            SilentFleet, static config => config with { MaxEventClients = 3, MaxEventClientsPerCaller = 2 });
        using var one = await EventReader.OpenAsync(app.Viewer);
        using var two = await EventReader.OpenAsync(app.Viewer);
        using var refused = await app.Viewer.GetAsync("/v1/events");
        await refused.ProblemAsync(HttpStatusCode.ServiceUnavailable);
        using var other = await EventReader.OpenAsync(app.Operator);
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("a,b\u007f")]
    public async Task Stream_PositionThatIsNone_IsNamed(string position)
    {
        await using var app = await StartAsync(SilentFleet);
        using var answer =
            await app.Viewer.SendJsonAsync(HttpMethod.Get, "/v1/events", null, ("Last-Event-ID", position));
        Assert.Equal(["Last-Event-ID"], await answer.WrongFieldsAsync());
    }

    [Fact]
    public async Task Stream_TextOfAnEvent_CannotMakeAnotherEvent()
    {
        var fleet = new ScriptedFleet
        {
            OnReadEvents = static (position, _) => position is null
                ? ValueTask.FromResult(Batch(1, "one\n\nevent: drain\ndata: {}\n\n\u2028\u0085"))
                : new ValueTask<EventBatch>(Never<EventBatch>()),
        };
        await using var app = await StartAsync(fleet);
        using var events = await EventReader.OpenAsync(app.Viewer);
        var next = await events.NextAsync(static _ => true);
        Assert.Equal("node", next.Kind);
        Assert.Equal("one\n\nevent: drain\ndata: {}\n\n\u2028\u0085", (string?)next.Data!["text"]);
    }

    /// <summary>In the end there is a place for another reader.</summary>
    private static Task AssertFreePlaceAsync(AdminApp app) => Eventually.HoldsAsync(async () =>
    {
        using var answer = await app.Operator.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, "/v1/events"), HttpCompletionOption.ResponseHeadersRead);
        return answer.IsSuccessStatusCode;
    }, "a free place");

    private static ScriptedFleet SilentFleet => new() { OnReadEvents = static (_, _) => new(Never<EventBatch>()) };

    private static ScriptedFleet BusyFleet => new()
    {
        OnReadEvents = static async (position, ending) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), ending);
            return Batch(position is null ? 1 : int.Parse(position.Split('-')[1]) + 1, new string('x', 4096));
        },
    };

    private static Task<T> Never<T>() => new TaskCompletionSource<T>().Task;

    private static EventBatch Batch(int number, string text = "something") => new(
        [new FleetEvent { Id = $"r-{number}", At = DateTimeOffset.UnixEpoch, Kind = FleetEventKind.Node, Text = text }],
        $"r-{number}", HasGap: false);

    private static Task<AdminApp> StartAsync(IFleet fleet, Func<AdminConfig, AdminConfig>? change = null) =>
        AdminApp.StartAsync(fleet, config => (change?.Invoke(config) ?? config) with { EventHeartbeat = Beat });

    private sealed class StoppedByNobody : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}
