using System.Net.Http.Json;
using System.Text.Json;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Metrics;

/// <summary>A Prometheus that scrapes nodes several times a second, and answers queries.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    /// <summary>How often it scrapes.</summary>
    public static readonly TimeSpan ScrapeInterval = TimeSpan.FromMilliseconds(500);

    private readonly ScratchFolder _folder;
    private readonly ChildProcess _process;
    private readonly HttpClient _client = new();
    private readonly string _url;

    private PrometheusServer(ScratchFolder folder, ChildProcess process, int port) =>
        (_folder, _process, _url) =
            (folder, process, $"http://127.0.0.1:{port}");

    /// <summary>Starts it; the test is skipped where there is none.</summary>
    /// <param name="targets">Ports of <c>/metrics</c> by the name of the job.</param>
    public static Task<PrometheusServer> StartAsync(params (string Job, int Port)[] targets) =>
        StartAsync([.. targets.Select(static target => (target.Job, target.Port, (string?)null))]);

    /// <summary>Starts it; the test is skipped where there is none.</summary>
    /// <param name="targets">Ports of <c>/metrics</c>, and tokens for them, by the name of the job.</param>
    public static async Task<PrometheusServer> StartAsync(params (string Job, int Port, string? Token)[] targets)
    {
        var program = InstalledProgram.Require("prometheus", "prometheus");
        var folder = new ScratchFolder();
        var jobs = targets.Select(static target => $$"""
              - job_name: {{target.Job}}
                static_configs:
                  - targets: ["127.0.0.1:{{target.Port}}"]
            {{(target.Token is null ? "" : $"    authorization: {{ credentials: {target.Token} }}")}}

            """);
        var config = folder.Write("prometheus.yml", $"""
            global:
              scrape_interval: {ScrapeInterval.TotalMilliseconds}ms
              scrape_timeout: {ScrapeInterval.TotalMilliseconds}ms
            scrape_configs:
            {string.Concat(jobs)}
            """);
        var port = Ports.FreeTcp();
        var process = ChildProcess.Start(
            program,
            [
                $"--config.file={config}", $"--storage.tsdb.path={folder.Folder("data")}",
                $"--web.listen-address=127.0.0.1:{port}",
            ]);
        return await new PrometheusServer(folder, process, port).ReadyAfterAsync(
            static server => server._process.Log.WaitForAsync("Server is ready", Limits.Start));
    }

    /// <summary>What an expression gives at this moment, one value a series.</summary>
    public async Task<double[]> QueryAsync(string expression)
    {
        using var response = await _client.GetAsync(
            $"{_url}/api/v1/query?query={Uri.EscapeDataString(expression)}", TestContext.Current.CancellationToken);
        // An expression that cannot be read is told of in the body.
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{expression}: {text}");
        using var answer = JsonDocument.Parse(text);
        return
        [
            .. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(static series =>
                double.Parse(series.GetProperty("value")[1].GetString()!)),
        ];
    }

    /// <summary>Waits until a metric has a label, and gives one of its values.</summary>
    public async Task<string> WaitForLabelAsync(string metric, string label, TimeSpan limit)
    {
        await WaitForAsync($"{metric}{{{label}!=\"\"}}", static values => values.Length > 0, limit);
        using var answer = await _client.GetFromJsonAsync<JsonDocument>(
            $"{_url}/api/v1/label/{label}/values?match[]={metric}", TestContext.Current.CancellationToken);
        return answer!.RootElement.GetProperty("data")[0].GetString()!;
    }

    /// <summary>Waits until an expression gives what is wanted.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="wanted">Judges the values of its series.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="whose">Whose it is, for a failure's message.</param>
    public async Task<double[]> WaitForAsync(
        string expression, Func<double[], bool> wanted, TimeSpan limit, string? whose = null)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var deadline = Eventually.Deadline(limit);
        double[] values = [];
        try
        {
            while (!wanted(values = await QueryAsync(expression)))
                await timer.WaitForNextTickAsync(deadline.Token);
            return values;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(
                $"{(whose is null ? "" : $"{whose}: ")}{expression} was [{string.Join(", ", values)}] after {limit}. "
                + _process.Log.Describe());
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
