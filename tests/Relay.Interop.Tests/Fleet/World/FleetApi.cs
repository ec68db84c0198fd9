using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>The admin API, asked of whichever coordinator answers.</summary>
internal sealed class FleetApi : IDisposable
{
    private readonly IReadOnlyList<Coordinator> _coordinators;
    private readonly HttpClient _client;
    private Coordinator? _answering;

    public FleetApi(IReadOnlyList<Coordinator> coordinators, string token, HttpMessageHandler? handler = null, TimeSpan? timeout = null)
    {
        _coordinators = coordinators;
        _client = new HttpClient(handler ?? new SocketsHttpHandler()) { Timeout = timeout ?? TimeSpan.FromSeconds(15) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The only coordinator has a disk, which a busy machine may keep waiting.</summary>
    public bool WaitsForADisk { get; init; }

    public async Task<IReadOnlyList<NodeInfo>> NodesAsync() =>
        (await GetAsync("v1/nodes", FleetJson.Of<Page<NodeInfo>>())).Items;

    /// <summary>The nodes, as the first says who answers; null where nobody can.</summary>
    public async Task<IReadOnlyList<NodeInfo>?> TryNodesAsync()
    {
        try
        {
            using var answer = await SendOnceAsync(static () => new HttpRequestMessage(HttpMethod.Get, "v1/nodes"));
            return answer.IsSuccessStatusCode
                ? JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), FleetJson.Of<Page<NodeInfo>>())!.Items
                : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public Task<FleetOverview> OverviewAsync() => GetAsync("v1/fleet", FleetJson.Of<FleetOverview>());

    public async Task<NodeInfo?> NodeAsync(string id) => (await NodesAsync()).SingleOrDefault(one => one.Id == id);

    public async Task<IReadOnlyList<SessionRecord>> SessionsAsync(string node) =>
        (await GetAsync($"v1/sessions?node={node}", FleetJson.Of<Page<SessionRecord>>())).Items;

    public async Task<IReadOnlyList<LeaseInfo>> LeasesAsync(string pool) =>
        (await GetAsync($"v1/prefix-pools/{pool}/leases", FleetJson.Of<Page<LeaseInfo>>())).Items;

    public Task<PrefixPoolInfo> PoolAsync(string pool) => GetAsync($"v1/prefix-pools/{pool}", FleetJson.Of<PrefixPoolInfo>());

    public Task<DrainInfo> DrainAsync(Uri drain) =>
        GetAsync(drain.ToString().TrimStart('/'), FleetJson.Of<DrainInfo>());

    /// <summary>Begins a drain, and gives its address.</summary>
    public async Task<Uri> PostDrainAsync(object body)
    {
        // Whether a question that had no answer was heard is not known: the next has the same key.
        var key = Guid.NewGuid().ToString();
        using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, "v1/drains")
        {
            Content = JsonContent.Create(body),
            Headers = { { "Idempotency-Key", key } },
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!;
    }

    /// <summary>Defines a pool.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="prefix">Its addresses.</param>
    /// <param name="blockLength">Of what nodes lease.</param>
    /// <param name="isNew">Nobody can hold a block of it: no need to wait for a lease time.</param>
    public async Task PutPoolAsync(string name, string prefix, int blockLength, bool isNew = false)
    {
        using var answer = await SendAsync(() => new HttpRequestMessage(
            HttpMethod.Put, $"v1/prefix-pools/{name}{(isNew ? "?newFleet=true" : "")}")
        {
            Content = JsonContent.Create(new { prefix, blockLength }),
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Adds a user with a device, and gives the secret that it shows.</summary>
    public async Task<string> AddUserAsync(string name)
    {
        _ = await ChangeAsync(HttpMethod.Put, $"v1/users/{name}", new { });
        var device = await ChangeAsync(HttpMethod.Post, $"v1/users/{name}/credentials", new { name = "phone" });
        return JsonDocument.Parse(device).RootElement.GetProperty("secret").GetString()!;
    }

    /// <summary>Removes a user.</summary>
    public Task RevokeUserAsync(string name) => ChangeAsync(HttpMethod.Delete, $"v1/users/{name}", body: null);

    /// <summary>The store of users: its generation, its version, and the nodes that wait for it to be confirmed.</summary>
    public async Task<(Guid Store, long Version, string[] Waiting)> UserStoreAsync()
    {
        using var answer = await SendAsync(static () => new HttpRequestMessage(HttpMethod.Get, "v1/user-store"));
        var store = await ReadAsync("v1/user-store", answer);
        return (
            store.GetProperty("store").GetGuid(), store.GetProperty("version").GetInt64(),
            [.. store.GetProperty("waiting").EnumerateArray().Select(static node => node.GetString()!)]);
    }

    /// <summary>What a user has used in this month, both ways together, and the quota; 0 and null for none.</summary>
    public async Task<(long Bytes, long? Quota)> UsageAsync(string user)
    {
        using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, $"v1/users/{user}/usage"));
        var usage = await ReadAsync($"v1/users/{user}/usage", answer);
        return (
            usage.GetProperty("months").EnumerateArray()
                .Sum(static month => month.GetProperty("bytesUp").GetInt64() + month.GetProperty("bytesDown").GetInt64()),
            usage.TryGetProperty("bytesPerMonth", out var quota) ? quota.GetInt64() : null);
    }

    /// <summary>Sets what a user may use in a month.</summary>
    public Task PutQuotaAsync(string user, long bytesPerMonth) =>
        ChangeAsync(HttpMethod.Put, $"v1/limits/user:{user}", new { bytesPerMonth });

    private static async Task<JsonElement> ReadAsync(string path, HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement : throw new HttpRequestException($"{path}: {(int)answer.StatusCode} {text}");
    }

    /// <summary>Lets a store of users take the place of what nodes have.</summary>
    public Task ConfirmUserStoreAsync(Guid store) => ChangeAsync(HttpMethod.Post, "v1/user-store/confirm", new { store });

    /// <summary>Waits until the fleet says what is wanted; what cannot be asked meanwhile is asked again.</summary>
    public static async Task WaitUntilAsync(string what, Func<Task<bool>> condition, TimeSpan limit)
    {
        using var deadline = Eventually.Deadline(limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        Exception? last = null;
        try
        {
            do
            {
                try
                {
                    if (await condition())
                        return;
                }
                catch (HttpRequestException exception)
                {
                    last = exception;
                }
            }
            while (await timer.WaitForNextTickAsync(deadline.Token));
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"not within {limit}: {what}", last);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<string> ChangeAsync(HttpMethod method, string path, object? body)
    {
        using var answer = await SendAsync(() => new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : JsonContent.Create(body),
        });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text;
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type)
    {
        using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path));
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"{path}: {(int)answer.StatusCode} {text}");
        return JsonSerializer.Deserialize(text, type)!;
    }

    /// <summary>Asks until a coordinator answers, and has the time to.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request)
    {
        HttpResponseMessage? answer = null;
        await WaitUntilAsync(
            "a coordinator answers",
            async () =>
            {
                answer?.Dispose();
                answer = await SendOnceAsync(request);
                // One in memory waits for nobody, and so has no reason to put others off.
                Assert.True(
                    _coordinators.Count > 1 || WaitsForADisk || answer.StatusCode != HttpStatusCode.ServiceUnavailable,
                    "the only coordinator has no time");
                return answer.StatusCode != HttpStatusCode.ServiceUnavailable;
            },
            Limits.Transfer);
        return answer!;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> request)
    {
        Exception? last = null;
        // One that has just answered is asked first: to find out that another hangs takes a while.
        foreach (var coordinator in _coordinators
            .Where(static one => one.IsRunning).OrderByDescending(one => one == _answering))
        {
            using var message = request();
            message.RequestUri = new Uri(coordinator.Address, message.RequestUri!.OriginalString);
            try
            {
                var answer = await _client.SendAsync(message, TestContext.Current.CancellationToken);
                _answering = coordinator;
                return answer;
            }
            catch (Exception exception) when (
                exception is HttpRequestException or TaskCanceledException
                && !TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                last = exception;
            }
        }
        throw new HttpRequestException("no coordinator answers", last);
    }
}
