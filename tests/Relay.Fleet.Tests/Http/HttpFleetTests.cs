using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;
using Relay.Fleet.Http;
using Relay.Fleet.Json;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Http;

public class HttpFleetTests
{
    private static readonly Uri A = new("https://a.example/base/");
    private static readonly Uri B = new("https://b.example:8443");
    private static readonly Uri C = new("https://c.example");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static NodeReport Report { get; } = new SimulatedNode("edge-1").Next();

    [Fact]
    public async Task Report_ToACoordinator_IsPostedWithTheToken()
    {
        NodeReport? received = null;
        var handler = new ScriptedHandler((_, body) =>
        {
            received = JsonSerializer.Deserialize(body, FleetJson.Of<NodeReport>());
            return Directive(7);
        });
        var tokens = new Queue<string?>(["one", "two", null]);
        using var fleet = new HttpFleet([A], handler, tokens.Dequeue);

        var directive = await fleet.ReportAsync(Report with { Sequence = 7 }, Cancellation);
        await fleet.ReportAsync(Report with { Sequence = 7 }, Cancellation);
        await fleet.ReportAsync(Report with { Sequence = 7 }, Cancellation);

        Assert.Equal(1234, directive.ReportIntervalMilliseconds);
        Assert.Equal(("edge-1", Report.Incarnation), (received!.Node, received.Incarnation));
        Assert.Equal("https://a.example/base/v1/nodes/edge-1/reports", handler.Requests[0].Address.AbsoluteUri);
        Assert.Equal(["Bearer one", "Bearer two", null], handler.Requests.Select(request => request.Authorization));
        Assert.Equal(A, fleet.Coordinator);
    }

    [Fact]
    public async Task Report_WhoseNameAnotherProcessHas_SaysWhoAndWhenToAskAgain()
    {
        var handler = new ScriptedHandler((request, _) =>
        {
            if (request.RequestUri!.Host == "a.example")
                throw new HttpRequestException("connection refused");
            var answer = ScriptedHandler.Json(HttpStatusCode.Conflict, """{"detail":"the other is at 192.0.2.1:443"}""");
            answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(2));
            return answer;
        });
        using var fleet = new HttpFleet([A, B, C], handler, () => null, random: new FirstRandom());

        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<NodeNameTakenException>(
                async () => await fleet.ReportAsync(Report, Cancellation));
            Assert.Equal(("the other is at 192.0.2.1:443", 2), (failure.Message, failure.RetryAfter.TotalSeconds));
        }

        // Who answers so is there, and is asked first the next time.
        Assert.Equal(
            ["a.example", "b.example", "b.example"], handler.Requests.Select(request => request.Address.Host));
    }

    [Theory]
    [InlineData("""{"detail":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    [InlineData("""{"detail":1,"title":"\ud800 "}""")]
    public async Task Report_RefusedWithATextThatIsNotUnicode_IsRefusedWithoutIt(string problem)
    {
        var handler = new ScriptedHandler((_, _) => ScriptedHandler.Json(HttpStatusCode.Forbidden, problem));
        using var fleet = new HttpFleet([A], handler, () => null, random: new FirstRandom());
        var failure = await Assert.ThrowsAsync<FleetRejectedException>(
            async () => await fleet.ReportAsync(Report, Cancellation));
        Assert.Contains("403", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_WhileSomeAreAway_GoesToTheOneThatAnswersAndStays()
    {
        var handler = new ScriptedHandler((request, _) => request.RequestUri!.Host switch
        {
            "a.example" => throw new HttpRequestException("connection refused"),
            "b.example" => ScriptedHandler.Json(HttpStatusCode.ServiceUnavailable, """{"title":"no silo"}"""),
            _ => Directive(1),
        });
        using var fleet = new HttpFleet([A, B, C], handler, () => null, random: new FirstRandom());

        await fleet.ReportAsync(Report, Cancellation);
        await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal(
            ["a.example", "b.example", "c.example", "c.example"],
            handler.Requests.Select(request => request.Address.Host));
        Assert.Equal(C, fleet.Coordinator);
    }

    [Fact]
    public async Task Report_ThatWasAnsweredByAStandIn_IsFollowedByOneToTheNext()
    {
        var decides = false;
        var handler = new ScriptedHandler((request, _) => request.RequestUri!.Host switch
        {
            "b.example" => throw new HttpRequestException("connection refused"),
            "c.example" when decides => Directive(1),
            _ => ScriptedHandler.Json(HttpStatusCode.OK, """{"sequence":1,"isStandIn":true}"""),
        });
        using var fleet = new HttpFleet([A, B, C], handler, () => null, random: new FirstRandom());

        for (var i = 0; i < 4; i++)
            Assert.True((await fleet.ReportAsync(Report, Cancellation)).IsStandIn);
        decides = true;
        for (var i = 0; i < 3; i++)
            await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal(
            ["a", "b", "c", "a", "b", "c", "a", "b", "c", "c"],
            handler.Requests.Select(static request => request.Address.Host[..1]));
        Assert.Equal(C, fleet.Coordinator);
    }

    [Fact]
    public async Task Report_ThatWasAnsweredByWhoIsCutOff_IsFollowedByOneToTheNext()
    {
        var handler = new ScriptedHandler((request, _) => request.RequestUri!.Host == "a.example"
            ? ScriptedHandler.Json(HttpStatusCode.OK, """{"sequence":1,"isCutOff":true}""") : Directive(1));
        using var fleet = new HttpFleet([A, B, C], handler, () => null, random: new FirstRandom());

        for (var i = 0; i < 3; i++)
            await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal(["a", "b", "b"], handler.Requests.Select(static request => request.Address.Host[..1]));
    }

    /// <summary>As behind a balancer, which leads each connection to one coordinator or another.</summary>
    [Fact]
    public async Task Reports_ThatAreAnsweredByStandIns_GoByANewConnectionNowAndThen()
    {
        List<bool> last = [];
        var decides = false;
        var handler = new ScriptedHandler((request, _) =>
        {
            last.Add(request.Headers.ConnectionClose == true);
            return decides ? Directive(1) : ScriptedHandler.Json(HttpStatusCode.OK, """{"sequence":1,"isStandIn":true}""");
        });
        using var fleet = new HttpFleet([A], handler, () => null);

        for (var i = 0; i < 8; i++)
            await fleet.ReportAsync(Report, Cancellation);
        decides = true;
        for (var i = 0; i < 5; i++)
            await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal([3, 7], last.Index().Where(static one => one.Item).Select(static one => one.Index));
    }

    [Fact]
    public async Task Report_WhenNobodyAnswers_IsUnavailableAndSaysWhy()
    {
        var handler = new ScriptedHandler((request, _) => request.RequestUri!.Host switch
        {
            "a.example" => throw new HttpRequestException("connection refused"),
            "b.example" => ScriptedHandler.Json(HttpStatusCode.BadGateway, "<html>"),
            _ => ScriptedHandler.Json(HttpStatusCode.OK, "not json"),
        });
        using var fleet = new HttpFleet([A, B, C], handler, () => null, random: new FirstRandom());

        var failure = await Assert.ThrowsAsync<FleetUnavailableException>(
            async () => await fleet.ReportAsync(Report, Cancellation));

        Assert.Contains("a.example: connection refused", failure.Message, StringComparison.Ordinal);
        Assert.Contains("b.example:8443: status 502", failure.Message, StringComparison.Ordinal);
        Assert.Contains("c.example", failure.Message, StringComparison.Ordinal);
        Assert.Null(fleet.Coordinator);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, true)]
    [InlineData(HttpStatusCode.Forbidden, true)]
    [InlineData(HttpStatusCode.BadRequest, true)]
    [InlineData(HttpStatusCode.Conflict, true)]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, true)]
    [InlineData(HttpStatusCode.NotFound, false)]
    [InlineData(HttpStatusCode.TooManyRequests, false)]
    [InlineData(HttpStatusCode.InternalServerError, false)]
    [InlineData(HttpStatusCode.TemporaryRedirect, false)]
    public async Task Report_AnsweredWithAStatus_IsRefusedOrUnavailable(HttpStatusCode status, bool isRefused)
    {
        var handler = new ScriptedHandler((_, _) => ScriptedHandler.Json(
            status, """{"title":"wrong","detail":"the token is of another node"}"""));
        using var fleet = new HttpFleet([A], handler, () => "token");

        var failure = await Assert.ThrowsAnyAsync<Exception>(async () => await fleet.ReportAsync(Report, Cancellation));

        Assert.Equal(isRefused ? typeof(FleetRejectedException) : typeof(FleetUnavailableException), failure.GetType());
        Assert.Contains("the token is of another node", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_AnsweredForAnother_IsNotUsed()
    {
        using var fleet = new HttpFleet([A], new ScriptedHandler((_, _) => Directive(6)), () => null);

        await Assert.ThrowsAsync<FleetUnavailableException>(
            async () => await fleet.ReportAsync(Report with { Sequence = 7 }, Cancellation));
    }

    [Fact]
    public async Task Report_ToACoordinatorThatHangs_GoesToTheNextInTime()
    {
        var time = new ManualTime();
        var hangs = new TaskCompletionSource();
        var handler = new ScriptedHandler(async (request, _, cancellation) =>
        {
            if (request.RequestUri!.Host != "a.example")
                return Directive(1);
            hangs.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            throw new InvalidOperationException("not reached");
        });
        using var fleet = new HttpFleet([A, B], handler, () => null, time: time, random: new FirstRandom());

        var answer = fleet.ReportAsync(Report, Cancellation).AsTask();
        await hangs.Task;
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(1, (await answer).Sequence);
        Assert.Equal(B, fleet.Coordinator);
        Assert.Equal(0, time.ActiveTimers);
    }

    [Fact]
    public async Task Report_WhoseNodeIsPatient_IsTriedForLonger()
    {
        var time = new ManualTime();
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        var asked = new TaskCompletionSource();
        var handler = new ScriptedHandler((_, _, cancellation) =>
        {
            asked.SetResult();
            return answer.Task.WaitAsync(cancellation);
        });
        using var fleet = new HttpFleet(
            [A], handler, () => null, new HttpFleetOptions { TryTimeout = TimeSpan.FromSeconds(1) }, time);

        var report = fleet.ReportAsync(Report with { StandInAfterMilliseconds = 2500 }, Cancellation).AsTask();
        await asked.Task;
        time.Advance(TimeSpan.FromMilliseconds(2600));
        answer.SetResult(Directive(1));

        Assert.Equal(1, (await report).Sequence);
    }

    [Fact]
    public async Task Report_ThatItsCallerGivesUp_IsCancelled()
    {
        using var giveUp = new CancellationTokenSource();
        var handler = new ScriptedHandler(async (_, _, cancellation) =>
        {
            await giveUp.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            throw new InvalidOperationException("not reached");
        });
        using var fleet = new HttpFleet([A, B], handler, () => null);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await fleet.ReportAsync(Report, giveUp.Token));

        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task Report_ThatIsLarge_IsCompressed()
    {
        NodeReport? received = null;
        var handler = new ScriptedHandler((_, body) =>
        {
            using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
            received = JsonSerializer.Deserialize(gzip, FleetJson.Of<NodeReport>());
            return Directive(1);
        });
        using var fleet = new HttpFleet([A], handler, () => null);

        await fleet.ReportAsync(Large, Cancellation);

        Assert.Equal(1000, received!.Sessions.Changed.Count);
        Assert.True(handler.Requests.Single().IsCompressed);
    }

    [Theory]
    [InlineData(HttpStatusCode.UnsupportedMediaType)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task Report_CompressedForWhomDoesNotKnowIt_IsSentPlainFromThenOn(HttpStatusCode status)
    {
        var handler = new ScriptedHandler((request, _) => request.Content!.Headers.ContentEncoding.Count > 0
            ? ScriptedHandler.Json(status, "{}")
            : Directive(1));
        using var fleet = new HttpFleet([A], handler, () => null);

        await fleet.ReportAsync(Large, Cancellation);
        await fleet.ReportAsync(Large, Cancellation);

        Assert.Equal([true, false, false], handler.Requests.Select(request => request.IsCompressed));
    }

    [Theory]
    [InlineData("https://relay.example", false, true)]
    [InlineData("http://127.0.0.1:8080", false, true)]
    [InlineData("http://[::1]:8080", false, true)]
    [InlineData("http://localhost:8080", false, true)]
    [InlineData("http://relay.example", false, false)]
    [InlineData("http://relay.example", true, true)]
    [InlineData("ftp://relay.example", true, false)]
    [InlineData("https://user:secret@relay.example", false, false)]
    [InlineData("https://relay.example/?a=b", false, false)]
    public void Coordinator_ByItsAddress_CanBeUsedOrNot(string address, bool allowClearText, bool isFine)
    {
        using var handler = new ScriptedHandler((_, _) => Directive(1));
        var options = new HttpFleetOptions { AllowClearText = allowClearText };
        if (isFine)
            new HttpFleet([new Uri(address)], handler, () => null, options).Dispose();
        else
            Assert.Throws<ArgumentException>(() => new HttpFleet([new Uri(address)], handler, () => null, options));
    }

    [Fact]
    public async Task Nodes_WithTheSameCoordinators_BeginAtDifferentOnes()
    {
        var handler = new ScriptedHandler((_, _) => Directive(1));
        for (var seed = 0; seed < 40; seed++)
        {
            // Its handler goes with it, but this one only writes down what it is asked.
            var fleet = new HttpFleet([A, B, C], handler, () => null, random: new Random(seed));
            await fleet.ReportAsync(Report, Cancellation);
        }

        Assert.Equal(3, handler.Requests.Select(request => request.Address.Host).Distinct().Count());
    }

    private static NodeReport Large => Report with
    {
        Sessions = new SessionDelta
        {
            To = 1000,
            Changed = [.. Enumerable.Range(0, 1000).Select(i =>
                new SessionRecord { Id = $"s{i}", Identity = "anonymous", StartedAt = default })],
        },
    };

    private static HttpResponseMessage Directive(long sequence) =>
        ScriptedHandler.Json(HttpStatusCode.OK, JsonSerializer.Serialize(
        new NodeDirective { Sequence = sequence, ReportIntervalMilliseconds = 1234 }, FleetJson.Of<NodeDirective>()));
}
