using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Api;

/// <summary>The way to the admin API: sends requests, and turns what is not a success into an exception.</summary>
internal sealed class AdminClient : IDisposable
{
    /// <summary>The largest answer that is read, in bytes.</summary>
    public const int MaxAnswer = 128 << 20;

    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;

    /// <param name="server">Where it is.</param>
    /// <param name="token">The bearer token; null for none.</param>
    /// <param name="trusted">The only authorities to trust; null for the system's.</param>
    /// <param name="timeout">How long an answer may take; a stream, its beginning.</param>
    public AdminClient(Uri server, string? token, X509Certificate2Collection? trusted, TimeSpan timeout)
    {
        Server = server;
        _timeout = timeout;
        var handler = new SocketsHttpHandler
        {
            // A redirection would carry the token to wherever it points.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Brotli,
            UseCookies = false,
        };
        if (trusted is not null)
            handler.SslOptions.CertificateChainPolicy = Policy(trusted);
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswer,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("relayctl", null));
        if (token is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Where the API is.</summary>
    public Uri Server { get; }

    /// <summary>Asks for something.</summary>
    /// <param name="path">From <c>v1/</c> on, its parts escaped.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="fields">Further header fields.</param>
    /// <exception cref="AdminException">It was refused.</exception>
    /// <exception cref="UnreachableException">Nobody answered.</exception>
    public Task<AdminAnswer> GetAsync(
        string path, CancellationToken cancellation, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in fields)
            request.Headers.TryAddWithoutValidation(name, value);
        return SendAsync(request, cancellation);
    }

    /// <summary>Asks for a list, part after part.</summary>
    /// <param name="path">As above, with a query or without.</param>
    /// <param name="type">What a part is.</param>
    /// <param name="most">How many are wanted at most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The items, and whether there are more.</returns>
    public async Task<(List<T> Items, bool HasMore)> ListAsync<T>(
        string path, JsonTypeInfo<Page<T>> type, int most, CancellationToken cancellation)
    {
        var items = new List<T>();
        string? next = null;
        do
        {
            var query = $"{path}{(path.Contains('?') ? '&' : '?')}limit={Math.Min(1000, most - items.Count)}";
            if (next is not null)
                query += $"&cursor={Uri.EscapeDataString(next)}";
            var page = (await GetAsync(query, cancellation).ConfigureAwait(false)).Read(type);
            if (page.Items.Any(static item => item is null))
                throw AdminAnswer.Foreign();
            items.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null && items.Count < most);
        return (items, next is not null);
    }

    /// <summary>Changes something, by a body.</summary>
    public Task<AdminAnswer> ChangeAsync<T>(
        HttpMethod method, string path, T body, JsonTypeInfo<T> type, CancellationToken cancellation,
        string? ifMatch = null, bool isNew = false) =>
        ChangeAsync(method, path, cancellation, JsonSerializer.SerializeToUtf8Bytes(body, type), ifMatch, isNew);

    /// <summary>Changes something.</summary>
    /// <param name="method">POST, PUT or DELETE.</param>
    /// <param name="path">As above.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="json">The body; null for none.</param>
    /// <param name="ifMatch">
    /// The version that it must have: an ETag, or <c>*</c> for any; null for no condition.
    /// </param>
    /// <param name="isNew">Only where there is none yet.</param>
    public Task<AdminAnswer> ChangeAsync(
        HttpMethod method, string path, CancellationToken cancellation, byte[]? json = null, string? ifMatch = null, bool isNew = false)
    {
        var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (isNew)
            request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        if (json is not null)
            request.Content = new ByteArrayContent(json)
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            };
        return SendAsync(request, cancellation);
    }

    /// <summary>Begins to read a stream of events; only its beginning is bound in time.</summary>
    public async Task<Stream> StreamAsync(string path, string? lastEventId, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        var response = await ReceiveAsync(request, cancellation).ConfigureAwait(false);
        return await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<AdminAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        {
            using var response = await ReceiveAsync(request, cancellation).ConfigureAwait(false);
            var body = await ReadAsync(response, cancellation).ConfigureAwait(false);
            return new AdminAnswer(body, response.StatusCode, response.Headers.Date ?? DateTimeOffset.UtcNow);
        }
    }

    private async Task<HttpResponseMessage> ReceiveAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var response = await GuardAsync(
            limit => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit), cancellation)
            .ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            var body = await ReadAsync(response, cancellation).ConfigureAwait(false);
            throw AdminProblem.Read(response.StatusCode, body, Server);
        }
    }

    private Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        GuardAsync(limit => response.Content.ReadAsByteArrayAsync(limit), cancellation);

    private async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> part, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_timeout);
        try
        {
            return await part(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new UnreachableException($"{Server.Authority} does not answer: {Innermost(e).Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new UnreachableException(
                $"{Server.Authority} has not answered within {_timeout.TotalSeconds:0} s", e);
        }
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    private static X509ChainPolicy Policy(X509Certificate2Collection trusted)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(trusted);
        return policy;
    }
}
