using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Relay.Fleet.Http;
using Relay.Hosting.Credentials;
using Relay.Testing.Admin;

namespace Relay.Grains.Tests.Scale;

/// <summary>Many nodes and their sessions against one relay-admin, each with a token and a connection of its own.</summary>
internal sealed class ScaleHttpRun(int nodes, int sessions, TimeSpan steady, string? redis)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Those that join at once.
    private const int Joining = 32;

    private readonly ScaleNode[] _nodes =
        [.. Enumerable.Range(0, nodes).Select(i => new ScaleNode(i, sessions / nodes, ScaleRun.ChangesPerReport))];

    /// <summary>Runs all phases.</summary>
    internal async Task<ScaleResult> RunAsync()
    {
        using var folder = new ScratchFolder();
        var tokens = _nodes.ToDictionary(static node => node.Name, static _ => TokenHash.NewToken());
        var operation = TokenHash.NewToken();
        var file = folder.WriteTokens([("otto", "operator", operation), .. tokens.Select(static one => (one.Key, "node", one.Value))]);
        string[] store = redis is null ? [] : ["--redis", redis];
        await using var admin = new AdminProcess(
            ["--admin-address", "127.0.0.1:0", "--admin-token-file", file, "--fleet", "silo", "--silo-address", "127.0.0.1:0", .. store]);
        var address = await admin.AddressAsync();
        using var process = Process.GetProcessById(admin.Id);
        using var client = new HttpClient { BaseAddress = address, Timeout = Eventually.Limit };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", operation);
        var fleets = _nodes.Select(node => new HttpFleet(
            [address], new SocketsHttpHandler(), () => tokens[node.Name],
            // A machine that has too much to do is waited for.
            new HttpFleetOptions { TryTimeout = TimeSpan.FromMinutes(1), TotalTimeout = TimeSpan.FromMinutes(1) })).ToArray();
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(0, nodes, new ParallelOptions { MaxDegreeOfParallelism = Joining },
            async (i, _) => await _nodes[i].ReportUntilKnownAsync(fleets[i]));
        var joined = watch.Elapsed;

        using var stop = new CancellationTokenSource();
        var reports = _nodes.Select((node, i) => node.RunAsync(fleets[i], Interval, i * Interval / nodes, stop.Token)).ToArray();
        await ScaleRun.WaitAsync(ScaleRun.Warming);
        foreach (var node in _nodes)
        {
            node.Latencies.Clear();
            node.TakeFailed();
        }
        var (cpu, began) = (ScaleRun.CpuOf(process), Stopwatch.GetTimestamp());
        await ScaleRun.WaitAsync(steady);
        var (elapsed, used) = (Stopwatch.GetElapsedTime(began), ScaleRun.CpuOf(process) - cpu);
        var failed = _nodes.Sum(static node => node.TakeFailed());
        var latencies = _nodes.SelectMany(static node => node.Latencies).Order().ToArray();
        var result = new ScaleResult
        {
            Joined = joined,
            Reports = latencies.Length / elapsed.TotalSeconds,
            Failed = (double)failed / Math.Max(1, failed + latencies.Length),
            CpuPerReport = used.TotalSeconds / Math.Max(1, latencies.Length),
            P50 = ScaleRun.Part(latencies, 0.5),
            P99 = ScaleRun.Part(latencies, 0.99),
            Longest = latencies[^1],
            Resident = ScaleRun.Resident(process),
        };
        result = await ScaleRun.AskAsync(result, _nodes, node => ReadAsync(client, $"/v1/sessions/{node.AnySession}"),
            node => ReadAsync(client, $"/v1/sessions?identity={node.AnyIdentity}"), () => ReadAsync(client, "/v1/fleet"));
        result = await ScaleRun.DrainAsync(result, _nodes, async () =>
        {
            using var drain = await client.PostAsJsonAsync(
                "/v1/drains", new JsonObject { ["selector"] = new JsonObject(), ["maxConcurrent"] = "100%", ["mode"] = "immediate" });
            return drain.IsSuccessStatusCode;
        });
        await stop.CancelAsync();
        await Task.WhenAll(reports);
        foreach (var fleet in fleets)
            fleet.Dispose();
        return result;
    }

    private static async Task ReadAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        answer.EnsureSuccessStatusCode();
    }
}
