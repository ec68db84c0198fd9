using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Fleet.Http;

/// <summary>
/// The fleet over HTTP: <c>POST {coordinator}/v1/nodes/{id}/reports</c>. The coordinator that answered last is asked
/// first; where none has, one at random, so that nodes spread. Each address of a coordinator's name is tried
/// (<see cref="HttpFleetOptions.Resolve"/>). After a stand-in, or where the coordinator is cut off, the next report goes to another
/// coordinator first, which may reach who decides.
/// </summary>
public sealed class HttpFleet : IFleetReports, IDisposable
{
    private const int MaxAnswer = 16 * 1024 * 1024;
    private const int MaxProblem = 64 * 1024;

    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(10);

    // Behind a balancer the next connection may lead to a coordinator that reaches who decides; not with each report, since
    // every node may be answered so at once.
    private const int AnswersOfAConnection = 4;

    // By how much a try lasts longer than a coordinator may take before it stands in.
    private static readonly TimeSpan Way = TimeSpan.FromMilliseconds(200);

    private readonly Uri[] _coordinators;
    private readonly CoordinatorPlace[] _places;
    private readonly HttpClient _client;
    private readonly Func<string?> _token;
    private readonly HttpFleetOptions _options;
    private readonly TimeProvider _time;
    private readonly bool[] _refusesCompressed;
    private int _cutOff;
    private int _first;
    private int? _answered;

    /// <summary>A fleet behind some coordinators.</summary>
    /// <param name="coordinators">Their addresses, <c>https://HOST[:PORT][/BASE]</c>.</param>
    /// <param name="handler">
    /// Sends the requests, and checks the coordinators' certificates. Disposed with this object.
    /// </param>
    /// <param name="token">Gives the bearer token, each time anew; null for none.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="time">The clock of the time limits; null for the system's.</param>
    /// <param name="random">Chooses where to begin; null for any.</param>
    /// <exception cref="ArgumentException">
    /// There is no coordinator, or an address cannot be used; the message says which and why.
    /// </exception>
    public HttpFleet(
        IReadOnlyList<Uri> coordinators, HttpMessageHandler handler, Func<string?> token,
        HttpFleetOptions? options = null,
        TimeProvider? time = null, Random? random = null)
    {
        _options = options ?? new HttpFleetOptions();
        if (coordinators.Count == 0)
            throw new ArgumentException("at least one coordinator is wanted", nameof(coordinators));
        foreach (var coordinator in coordinators)
        {
            if (FaultOf(coordinator, _options.AllowClearText) is { } fault)
                throw new ArgumentException($"coordinator {coordinator}: {fault}", nameof(coordinators));
        }
        _coordinators = [.. coordinators];
        _token = token;
        _time = time ?? TimeProvider.System;
        _refusesCompressed = new bool[_coordinators.Length];
        random ??= Random.Shared;
        _first = random.Next(_coordinators.Length);
        _places = [.. _coordinators.Select(one => new CoordinatorPlace(one, _options, _time, random))];
        _client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswer,
        };
    }

    /// <summary>The coordinator that answered last; null before the first answer.</summary>
    public Uri? Coordinator => _answered is { } index ? _coordinators[index] : null;

    /// <summary>
    /// What is wrong with a coordinator's address, as the end of a sentence; null when it can be used.
    /// </summary>
    public static string? FaultOf(Uri coordinator, bool allowClearText = false)
    {
        if (!coordinator.IsAbsoluteUri
            || (coordinator.Scheme != Uri.UriSchemeHttps && coordinator.Scheme != Uri.UriSchemeHttp))
            return "an address is https://HOST[:PORT]";
        if (coordinator.UserInfo.Length > 0 || coordinator.Query.Length > 0 || coordinator.Fragment.Length > 0)
            return "an address has no user, query or fragment";
        return coordinator.Scheme == Uri.UriSchemeHttp && !coordinator.IsLoopback && !allowClearText
            ? "http:// is for loopback only, since it would show the token and the sessions to the network; use https://"
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(report, FleetJson.Of<NodeReport>());
        using var all = new CancellationTokenSource(_options.TotalTimeout, _time);
        List<string> failures = [];
        Exception? last = null;
        var tryTime = Way + TimeSpan.FromMilliseconds(report.StandInAfterMilliseconds);
        if (tryTime < _options.TryTimeout)
            tryTime = _options.TryTimeout;
        // From one that answered, though it was no more than a stand-in, to all others: any of them may reach who decides.
        for (var (i, first) = (0, _first); i < _coordinators.Length && !all.IsCancellationRequested; i++)
        {
            var index = (first + i) % _coordinators.Length;
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation, all.Token);
            await foreach (var address in _places[index].AddressesAsync(enough.Token).ConfigureAwait(false))
            {
                if (all.IsCancellationRequested)
                    break;
                using var one = new CancellationTokenSource(tryTime, _time);
                using var linked = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, one.Token);
                try
                {
                    var directive = await AskAsync(index, address, report, body, linked.Token).ConfigureAwait(false);
                    OnAnswered(index, address, directive.IsStandIn || directive.IsCutOff);
                    return directive;
                }
                catch (NodeNameTakenException)
                {
                    OnAnswered(index, address, isCutOff: false);
                    throw;
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    failures.Add($"{_places[index].Describe(address)} did not answer in time");
                }
                catch (Exception e) when (e is HttpRequestException or IOException or JsonException
                    or FleetUnavailableException)
                {
                    failures.Add($"{_places[index].Describe(address)}: {e.Message}");
                    last = e;
                }
            }
        }
        throw new FleetUnavailableException("no coordinator answers: " + string.Join("; ", failures), last);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private void OnAnswered(int index, Uri address, bool isCutOff)
    {
        _answered = index;
        _cutOff = isCutOff ? _cutOff + 1 : 0;
        if (isCutOff)
        {
            _places[index].PassOver(address);
            _first = (index + 1) % _coordinators.Length;
        }
        else
        {
            _places[index].Prefer(address);
            _first = index;
        }
    }

    private async Task<NodeDirective> AskAsync(
        int index, Uri place, NodeReport report, byte[] body, CancellationToken cancellation)
    {
        var isCompressed = body.Length >= _options.CompressFrom && !_refusesCompressed[index];
        using var response = await PostAsync(index, place, report.Node, body, isCompressed, cancellation)
            .ConfigureAwait(false);
        if (isCompressed && response.StatusCode is HttpStatusCode.UnsupportedMediaType or HttpStatusCode.BadRequest)
        {
            // Whoever does not know compressed bodies calls them malformed; if they are, the plain one is as well.
            _refusesCompressed[index] = true;
            using var plain = await PostAsync(index, place, report.Node, body, isCompressed: false, cancellation)
                .ConfigureAwait(false);
            return await ReadAsync(plain, report, cancellation).ConfigureAwait(false);
        }
        return await ReadAsync(response, report, cancellation).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> PostAsync(
        int index, Uri place, string node, byte[] body, bool isCompressed, CancellationToken cancellation)
    {
        var address = $"{place.AbsoluteUri.TrimEnd('/')}/v1/nodes/{Uri.EscapeDataString(node)}/reports";
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        // RFC 9110 §7.2. SocketsHttpHandler takes the name that the certificate must be for, and SNI, from here.
        request.Headers.Host = _places[index].HostOf(place);
        if (_token() is { Length: > 0 } bearer)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.ConnectionClose = _cutOff % AnswersOfAConnection == AnswersOfAConnection - 1 ? true : null;
        request.Content = new ByteArrayContent(isCompressed ? Compressed(body) : body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (isCompressed)
            request.Content.Headers.ContentEncoding.Add("gzip");
        return await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation)
            .ConfigureAwait(false);
    }

    private static async Task<NodeDirective> ReadAsync(
        HttpResponseMessage response, NodeReport report, CancellationToken cancellation)
    {
        var content = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            var directive = JsonSerializer.Deserialize(content, FleetJson.Of<NodeDirective>());
            return directive?.Sequence == report.Sequence
                ? directive
                : throw new FleetUnavailableException("the answer is to another report");
        }
        var status = $"status {(int)response.StatusCode}";
        var message = DetailOf(content) is { } detail ? $"{status}: {detail}" : status;
        if (response.StatusCode == HttpStatusCode.Conflict && response.Headers.RetryAfter?.Delta is { } wait)
            throw new NodeNameTakenException(
                DetailOf(content) ?? "another process reports under this node's name", wait < MaxRetry ? wait : MaxRetry);
        throw IsRefusal(response.StatusCode)
            ? new FleetRejectedException($"the coordinator refuses the report with {message}")
            : new FleetUnavailableException(message);
    }

    private static bool IsRefusal(HttpStatusCode status) =>
        status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized
        or HttpStatusCode.Forbidden or HttpStatusCode.Conflict or HttpStatusCode.RequestEntityTooLarge
        or HttpStatusCode.UnprocessableEntity;

    // RFC 9457: "detail", else "title".
    private static string? DetailOf(byte[] content)
    {
        if (content.Length is 0 or > MaxProblem)
            return null;
        try
        {
            using var problem = JsonDocument.Parse(content);
            if (problem.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            foreach (var name in (ReadOnlySpan<string>)["detail", "title"])
            {
                if (problem.RootElement.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
                    return text.GetString();
            }
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or a text that is not Unicode once it is read.
            return null;
        }
    }

    private static byte[] Compressed(byte[] body)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
            gzip.Write(body);
        return buffer.ToArray();
    }
}
