using Relay.Hosting;
using Relay.Node.Tokens;

namespace Relay.Node.Hosting;

/// <summary>
/// Fetches the keys of an issuer: at once, every ten minutes, and where a token names one that is not known, but not
/// again within half a minute. What could be used last stays as long as nothing better comes.
/// </summary>
internal sealed class JwksFetcher : IKeyRenewal, IDisposable
{
    /// <summary>From one fetch to the next.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>The same after one that failed.</summary>
    internal static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);

    /// <summary>From one fetch to the next that strangers can cause.</summary>
    internal static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(30);

    /// <summary>How long one may take.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Who waits for one at most, each with a token.</summary>
    internal const int MaxWaiting = 1024;

    private readonly Lock _gate = new();
    private readonly Uri _url;
    private readonly HttpClient _client;
    private readonly TimeProvider _clock;
    private readonly Action<byte[]> _use;
    private readonly Action<string> _failed;
    private readonly ITimer _timer;
    private List<Action> _waiting = [];
    private byte[]? _content;
    private string? _cause;
    private long _ended;
    private bool _isFetching;

    /// <summary>Begins.</summary>
    /// <param name="url">Where they are.</param>
    /// <param name="handler">What fetches.</param>
    /// <param name="clock">The monotonic clock.</param>
    /// <param name="use">Uses what is there, where it has changed; throws a <see cref="StartException"/> that says why not.</param>
    /// <param name="failed">Hears why there is nothing to use, once as long as it is the same.</param>
    internal JwksFetcher(
        Uri url, HttpMessageHandler handler, TimeProvider clock, Action<byte[]> use, Action<string> failed)
    {
        (_url, _clock, _use, _failed) = (url, clock, use, failed);
        _client = new HttpClient(handler) { MaxResponseContentBufferSize = JwtKeySet.MaxLength };
        _timer = clock.CreateTimer(
            static state => ((JwksFetcher)state!).Begin(), this, System.Threading.Timeout.InfiniteTimeSpan,
            System.Threading.Timeout.InfiniteTimeSpan);
        Begin();
    }

    /// <summary>What fetches: it follows nobody elsewhere, and takes nothing that could unfold.</summary>
    internal static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        MaxResponseHeadersLength = 16,
        PooledConnectionIdleTimeout = LeastInterval,
    };

    /// <inheritdoc/>
    public bool TryAwait(Action then)
    {
        lock (_gate)
        {
            if ((!_isFetching && _clock.GetElapsedTime(_ended) < LeastInterval) || _waiting.Count >= MaxWaiting)
                return false;
            _waiting.Add(then);
            Begin();
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _client.Dispose();
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (_isFetching)
                return;
            _isFetching = true;
        }
        _ = Task.Run(FetchAsync);
    }

    private async Task FetchAsync()
    {
        var next = Retry;
        try
        {
            await UseAsync().ConfigureAwait(false);
            _cause = null;
            next = Interval;
        }
        catch (Exception e)
        {
            Tell(e);
        }
        List<Action> waiting;
        lock (_gate)
        {
            (waiting, _waiting) = (_waiting, []);
            _isFetching = false;
            _ended = _clock.GetTimestamp();
            _timer.Change(next, System.Threading.Timeout.InfiniteTimeSpan);
        }
        foreach (var then in waiting)
            then();
    }

    private async Task UseAsync()
    {
        using var limit = new CancellationTokenSource(Timeout, _clock);
        using var answer = await _client.GetAsync(_url, limit.Token).ConfigureAwait(false);
        if (answer.StatusCode != System.Net.HttpStatusCode.OK)
            throw new HttpRequestException($"the answer is {(int)answer.StatusCode}");
        var content = await answer.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
        if (_content is not null && _content.AsSpan().SequenceEqual(content))
            return;
        _use(content);
        _content = content;
    }

    private void Tell(Exception exception)
    {
        var cause = exception is OperationCanceledException
            ? $"no answer within {Timeout.TotalSeconds} s"
            : string.Join(" ", new[] { exception.Message, exception.InnerException?.Message }.OfType<string>());
        if (cause != _cause)
            _failed(cause);
        _cause = cause;
    }
}
