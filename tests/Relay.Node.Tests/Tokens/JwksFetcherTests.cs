using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Relay.Hosting;
using Relay.Node.Hosting;
using Relay.Node.Tokens;

namespace Relay.Node.Tests.Tokens;

public sealed class JwksFetcherTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly ScriptedHandler _issuer = new();
    private readonly ConcurrentQueue<string> _used = new();
    private readonly ConcurrentQueue<string> _causes = new();
    private readonly JwksFetcher _fetcher;

    public JwksFetcherTests() => _fetcher = new JwksFetcher(
        new Uri("https://id.example/keys"), _issuer, _time,
        content =>
        {
            var text = Encoding.UTF8.GetString(content);
            if (text.Length == 0)
                throw new StartException("nothing in it");
            _used.Enqueue(text);
        }, _causes.Enqueue);

    public void Dispose() => _fetcher.Dispose();

    [Fact]
    public async Task Keys_AreFetchedAtOnce_AndEveryTenMinutes()
    {
        await AnswerAsync("one");
        await AfterAsync(JwksFetcher.Interval);
        await AnswerAsync("two");
        Assert.Equal(["one", "two"], _used);
        Assert.Empty(_causes);
        Assert.Equal(new Uri("https://id.example/keys"), _issuer.Last);
    }

    [Fact]
    public async Task Keys_ThatAreTheSame_AreNotUsedAnew()
    {
        await AnswerAsync("one");
        await AfterAsync(JwksFetcher.Interval);
        await AnswerAsync("one");
        Assert.Equal(["one"], _used);
    }

    [Fact]
    public async Task Failure_IsToldOnce_AndTriedAgainAMinuteLater_AndWhatWasThereStays()
    {
        await AnswerAsync("one");
        await AfterAsync(JwksFetcher.Interval);
        for (var i = 0; i < 3; i++)
        {
            await FailAsync(new HttpRequestException("away", new SocketException((int)SocketError.ConnectionRefused)));
            await AfterAsync(JwksFetcher.Retry);
        }
        await AnswerAsync("");
        await AfterAsync(JwksFetcher.Retry);
        await AnswerAsync("two", HttpStatusCode.NotFound);
        await AfterAsync(JwksFetcher.Retry);
        await AnswerAsync("two", HttpStatusCode.Found);
        await AfterAsync(JwksFetcher.Retry);
        await AnswerAsync(new string('x', JwtKeySet.MaxLength + 1));
        Assert.Equal(["one"], _used);
        Assert.Equal(5, _causes.Count);
        Assert.StartsWith("away ", _causes.First(), StringComparison.Ordinal);
        Assert.Equal(["nothing in it", "the answer is 404", "the answer is 302"], _causes.Skip(1).Take(3));
        await AfterAsync(JwksFetcher.Retry);
        await AnswerAsync("two");
        Assert.Equal(["one", "two"], _used);
    }

    [Fact]
    public async Task Fetch_ThatTakesTooLong_IsGivenUp()
    {
        await _issuer.AskedAsync();
        await Eventually.HoldsAsync(() => _time.ActiveTimers >= 1);
        _time.Advance(JwksFetcher.Timeout);
        await Eventually.HoldsAsync(() => _causes.Contains("no answer within 10 s"));
        Assert.Empty(_used);
    }

    [Fact]
    public async Task Strangers_CauseAFetchEachHalfMinute_AndWaitForIt()
    {
        var told = new CountdownEvent(2);
        // That of the start is under way: both wait for it.
        Assert.True(_fetcher.TryAwait(() => told.Signal()));
        Assert.True(_fetcher.TryAwait(() => told.Signal()));
        await AnswerAsync("one");
        await Eventually.HoldsAsync(() => told.IsSet);
        Assert.False(_fetcher.TryAwait(static () => Assert.Fail()));
        _time.Advance(JwksFetcher.LeastInterval - TimeSpan.FromTicks(1));
        Assert.False(_fetcher.TryAwait(static () => Assert.Fail()));
        _time.Advance(TimeSpan.FromTicks(1));
        told.Reset(1);
        Assert.True(_fetcher.TryAwait(() => told.Signal()));
        await FailAsync(new HttpRequestException("away"));
        await Eventually.HoldsAsync(() => told.IsSet);
        Assert.Equal(2, _issuer.Asked);
    }

    [Fact]
    public async Task Strangers_ThatWait_AreBounded()
    {
        var told = 0;
        for (var i = 0; i < JwksFetcher.MaxWaiting; i++)
            Assert.True(_fetcher.TryAwait(() => Interlocked.Increment(ref told)));
        Assert.False(_fetcher.TryAwait(static () => Assert.Fail()));
        (await _issuer.AskedAsync()).SetResult(new HttpResponseMessage(HttpStatusCode.NotFound));
        await Eventually.HoldsAsync(() => Volatile.Read(ref told) == JwksFetcher.MaxWaiting);
    }

    private Task AnswerAsync(string content, HttpStatusCode status = HttpStatusCode.OK) => EndAsync(
        answer => answer.SetResult(new HttpResponseMessage(status) { Content = new StringContent(content) }));

    private Task FailAsync(Exception exception) => EndAsync(answer => answer.SetException(exception));

    /// <summary>Ends the fetch that is under way, and waits until the next has its time.</summary>
    private async Task EndAsync(Action<TaskCompletionSource<HttpResponseMessage>> end)
    {
        var answer = await _issuer.AskedAsync();
        var over = new TaskCompletionSource();
        Assert.True(_fetcher.TryAwait(over.SetResult));
        end(answer);
        await over.Task;
    }

    private async Task AfterAsync(TimeSpan time)
    {
        var asked = _issuer.Asked;
        _time.Advance(time - TimeSpan.FromTicks(1));
        Assert.Equal(asked, _issuer.Asked);
        _time.Advance(TimeSpan.FromTicks(1));
        await Eventually.HoldsAsync(() => _issuer.Asked == asked + 1);
    }

    /// <summary>Answers when a test says so.</summary>
    private sealed class ScriptedHandler : HttpMessageHandler
    {
        private readonly ConcurrentQueue<TaskCompletionSource<HttpResponseMessage>> _open = new();
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public Uri? Last { get; private set; }

        public async Task<TaskCompletionSource<HttpResponseMessage>> AskedAsync()
        {
            TaskCompletionSource<HttpResponseMessage>? first = null;
            await Eventually.HoldsAsync(() => _open.TryDequeue(out first));
            return first!;
        }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Last = request.RequestUri;
            var answer = new TaskCompletionSource<HttpResponseMessage>();
            _open.Enqueue(answer);
            Interlocked.Increment(ref _asked);
            return await answer.Task.WaitAsync(cancellationToken);
        }
    }
}
