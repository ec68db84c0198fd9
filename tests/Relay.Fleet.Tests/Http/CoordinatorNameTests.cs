using System.Text.Json;
using Relay.Fleet.Http;
using Relay.Fleet.Json;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Http;

/// <summary>A coordinator's name that has several addresses, as that of a headless Service has.</summary>
public class CoordinatorNameTests
{
    private static readonly Uri Named = new("https://admin.example:8480/base");
    private static readonly IPAddress[] Three =
        [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::2"), IPAddress.Parse("192.0.2.3")];

    private int _lookups;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static NodeReport Report { get; } = new SimulatedNode("edge-1").Next();

    [Fact]
    public async Task Report_ToANameOfThreeAddresses_TriesEachAndStaysWithTheOneThatAnswers()
    {
        var hosts = new List<string?>();
        var handler = new ScriptedHandler((request, _) =>
        {
            hosts.Add(request.Headers.Host);
            return request.RequestUri!.IdnHost switch
            {
                "192.0.2.1" => throw new HttpRequestException("connection refused"),
                "2001:db8::2" => ScriptedHandler.Json(HttpStatusCode.ServiceUnavailable, """{"title":"no silo"}"""),
                _ => Directive(),
            };
        });
        using var fleet = Fleet(handler, _ => Task.FromResult(Three));

        await fleet.ReportAsync(Report, Cancellation);
        await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal(
            ["192.0.2.1:8480", "[2001:db8::2]:8480", "192.0.2.3:8480", "192.0.2.3:8480"],
            handler.Requests.Select(static request => request.Address.Authority));
        Assert.All(handler.Requests, static request =>
            Assert.Equal("/base/v1/nodes/edge-1/reports", request.Address.AbsolutePath));
        Assert.All(hosts, static host => Assert.Equal("admin.example:8480", host));
        Assert.Equal((1, Named), (_lookups, fleet.Coordinator));
    }

    [Fact]
    public async Task Report_ThatOneAddressStoodInFor_IsFollowedByOneToTheNext()
    {
        var handler = new ScriptedHandler((request, _) => request.RequestUri!.IdnHost == "192.0.2.3"
            ? Directive()
            : ScriptedHandler.Json(HttpStatusCode.OK, """{"sequence":1,"isStandIn":true}"""));
        using var fleet = Fleet(handler, _ => Task.FromResult(Three));

        for (var i = 0; i < 4; i++)
            await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal(
            ["192.0.2.1", "2001:db8::2", "192.0.2.3", "192.0.2.3"],
            handler.Requests.Select(static request => request.Address.IdnHost));
    }

    [Fact]
    public async Task Report_WhileAnAddressHangs_GoesToTheNextInTime()
    {
        var time = new ManualTime();
        var hangs = new TaskCompletionSource();
        var handler = new ScriptedHandler(async (request, _, cancellation) =>
        {
            if (request.RequestUri!.Host != "192.0.2.1")
                return Directive();
            hangs.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            throw new InvalidOperationException("not reached");
        });
        using var fleet = Fleet(handler, _ => Task.FromResult(Three), time);

        var answer = fleet.ReportAsync(Report, Cancellation).AsTask();
        await hangs.Task;
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(1, (await answer).Sequence);
        Assert.Equal(0, time.ActiveTimers);
    }

    [Fact]
    public async Task Report_WhenTheAddressThatAnsweredFails_LooksTheNameUpAgain()
    {
        var isUp = true;
        var handler = new ScriptedHandler((request, _) => request.RequestUri!.Host == "192.0.2.9" || isUp
            ? Directive()
            : throw new HttpRequestException("connection refused"));
        using var fleet = Fleet(handler, _ => Task.FromResult(
            _lookups == 1 ? [IPAddress.Parse("192.0.2.8")] : new[] { IPAddress.Parse("192.0.2.9") }));

        await fleet.ReportAsync(Report, Cancellation);
        isUp = false;
        await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal(
            ["192.0.2.8", "192.0.2.8", "192.0.2.9"], handler.Requests.Select(static request => request.Address.Host));
    }

    [Fact]
    public async Task Report_WhileTheNameCannotBeLookedUp_GoesToTheAddressesThatAreKnown()
    {
        var refuses = false;
        var handler = new ScriptedHandler((request, _) => refuses && request.RequestUri!.Host == "192.0.2.1"
            ? throw new HttpRequestException("connection refused")
            : Directive());
        using var fleet = Fleet(handler, _ => _lookups == 1
            ? Task.FromResult(Three)
            : Task.FromException<IPAddress[]>(new System.Net.Sockets.SocketException()));

        await fleet.ReportAsync(Report, Cancellation);
        refuses = true;
        await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal(
            ["192.0.2.1", "192.0.2.1", "[2001:db8::2]"],
            handler.Requests.Select(static request => request.Address.Host));
    }

    [Fact]
    public async Task Report_WhileALookupHangs_WaitsForItNoLongerThanForAnAddressAndAsksOnce()
    {
        var time = new ManualTime();
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource<IPAddress[]>();
        var handler = new ScriptedHandler((_, _) => throw new HttpRequestException("no such host"));
        using var fleet = Fleet(
            handler,
            _ =>
            {
                asked.TrySetResult();
                return never.Task;
            },
            time);

        var failures = new List<FleetUnavailableException>();
        for (var i = 0; i < 2; i++)
        {
            var answer = fleet.ReportAsync(Report, Cancellation).AsTask();
            await asked.Task;
            time.Advance(TimeSpan.FromSeconds(3));
            failures.Add(await Assert.ThrowsAsync<FleetUnavailableException>(() => answer));
        }

        Assert.All(failures, static failure =>
            Assert.Contains("admin.example:8480: no such host", failure.Message, StringComparison.Ordinal));
        Assert.Equal((1, 0), (_lookups, time.ActiveTimers));
    }

    [Fact]
    public async Task Report_ThatEveryAddressRefuses_SaysWhatEachSaid()
    {
        var handler = new ScriptedHandler((request, _) =>
            throw new HttpRequestException($"no route to {request.RequestUri!.IdnHost}"));
        using var fleet = Fleet(handler, _ => Task.FromResult(Three));

        var failure = await Assert.ThrowsAsync<FleetUnavailableException>(
            async () => await fleet.ReportAsync(Report, Cancellation));

        foreach (var address in Three)
            Assert.Contains(
                $"admin.example:8480 ({address}): no route to {address}", failure.Message, StringComparison.Ordinal);
    }

    private HttpFleet Fleet(
        ScriptedHandler handler, Func<string, Task<IPAddress[]>> resolve, ManualTime? time = null) =>
        new([Named], handler, () => null, new HttpFleetOptions
        {
            Resolve = name =>
            {
                Assert.Equal("admin.example", name);
                _lookups++;
                return resolve(name);
            },
        }, time, new FirstRandom());

    private static HttpResponseMessage Directive() => ScriptedHandler.Json(
        HttpStatusCode.OK, JsonSerializer.Serialize(
            new NodeDirective { Sequence = 1, ReportIntervalMilliseconds = 1000 }, FleetJson.Of<NodeDirective>()));
}
