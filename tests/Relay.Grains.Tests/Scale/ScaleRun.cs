using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Grains.Hosting;

namespace Relay.Grains.Tests.Scale;

/// <summary>Many nodes and their sessions against one real silo in this process.</summary>
internal sealed class ScaleRun(int nodes, int sessions, TimeSpan steady, string? redis)
{
    private const int ChangesPerReport = 10;

    private readonly ShiftedClock _clock = new();
    private readonly ScaleNode[] _nodes =
        [.. Enumerable.Range(0, nodes).Select(i => new ScaleNode($"edge-{i:d4}", sessions / nodes, ChangesPerReport))];

    /// <summary>Runs all phases.</summary>
    internal async Task<ScaleResult> RunAsync()
    {
        await using var host = await GrainFleetHost.StartAsync(
            new SiloConfig
            {
                Address = new IPEndPoint(IPAddress.Loopback, 0),
                Redis = redis,
                ClusterId = $"scale-{Guid.NewGuid():N}"
            },
            NullLoggerFactory.Instance, new GrainClock(_clock, isPatient: true), configure: null, default);
        var fleet = host.Fleet;
        await Eventually.HoldsAsync("the fleet", () => fleet.GetOverviewAsync(default).AsTask(), static _ => true);
        // Beyond the time in which blocks of a lost state could still be held.
        _clock.Move(TimeSpan.FromSeconds(130));
        var pool = await fleet.PutPoolAsync(new PrefixPool
        {
            Name = "edge",
            Prefix = Prefix.Parse("2001:db8::/48"),
            BlockLength = 64,
        }, null, default);
        Assert.True(pool.IsOk, pool.Detail);

        var (process, watch) = (Process.GetCurrentProcess(), Stopwatch.StartNew());
        await Task.WhenAll(_nodes.Select(node => node.ReportUntilKnownAsync(fleet)));
        var joined = watch.Elapsed;

        using var stop = new CancellationTokenSource();
        var reports = _nodes.Select(
            (node, i) => node.RunAsync(fleet, TimeSpan.FromSeconds((double)i / nodes), stop.Token)).ToArray();
        await WaitAsync(TimeSpan.FromSeconds(2));
        foreach (var node in _nodes)
            node.Latencies.Clear();
        var (cpu, allocated, began) = (CpuOf(process), GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        await WaitAsync(steady);
        var elapsed = Stopwatch.GetElapsedTime(began);
        var latencies = _nodes.SelectMany(static node => node.Latencies).Order().ToArray();
        var result = new ScaleResult
        {
            Nodes = nodes,
            Sessions = sessions,
            Joined = joined,
            Reports = latencies.Length / elapsed.TotalSeconds,
            Cpu = (CpuOf(process) - cpu) / elapsed,
            AllocatedPerReport = (GC.GetTotalAllocatedBytes() - allocated) / Math.Max(1, latencies.Length),
            P50 = Part(latencies, 0.5),
            P99 = Part(latencies, 0.99),
            Max = latencies[^1],
            WorkingSet = Resident(process),
            FindSession = await TimeAsync(
                async () => Assert.NotNull(await fleet.GetSessionAsync(_nodes[^1].AnySession, default))),
            ListIdentity = await TimeAsync(async () => Assert.NotEmpty(
                (await fleet.ListSessionsAsync(new SessionQuery { Identity = "credential:user-7" }, default)).Items)),
            Overview = await TimeAsync(async () => Assert.Equal(
                sessions / nodes * nodes, (await fleet.GetOverviewAsync(default)).Load.Sessions)),
        };

        foreach (var node in _nodes)
            node.WantPool("edge");
        var grants = await Task.WhenAll(_nodes.Select(static node => node.Granted.WaitAsync(Eventually.Limit)));
        Assert.Equal(nodes, _nodes.Select(static node => node.Block).Distinct().Count());
        watch.Restart();
        foreach (var node in _nodes)
            node.AwaitOrder(watch);
        var drain = await fleet.StartDrainAsync(new DrainRequest
        {
            Id = "all",
            Selector = new NodeSelector(),
            MaxConcurrent = DrainBudget.Percent(100),
            Mode = DrainMode.Immediate,
        }, default);
        Assert.True(drain.IsOk, drain.Detail);
        var accepted = watch.Elapsed;
        var orders = await Task.WhenAll(_nodes.Select(static node => node.Ordered.WaitAsync(Eventually.Limit)));
        await stop.CancelAsync();
        await Task.WhenAll(reports);
        GC.Collect();
        return result with
        {
            Heap = GC.GetTotalMemory(forceFullCollection: false),
            GrantP50 = Part([.. grants.Order()], 0.5),
            GrantP99 = Part([.. grants.Order()], 0.99),
            DrainAccepted = accepted,
            DrainP50 = Part([.. orders.Order()], 0.5),
            DrainLast = orders.Max(),
        };
    }

    // The run is what is measured: it lasts as long as it is told to.
    private static async Task WaitAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }

    private static TimeSpan CpuOf(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    private static long Resident(Process process)
    {
        process.Refresh();
        return process.WorkingSet64;
    }

    private static TimeSpan Part(TimeSpan[] sorted, double part) =>
        sorted[(int)Math.Min(sorted.Length - 1, part * sorted.Length)];

    private static async Task<TimeSpan> TimeAsync(Func<Task> what)
    {
        var began = Stopwatch.GetTimestamp();
        await what();
        return Stopwatch.GetElapsedTime(began);
    }
}
