using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Grains.Hosting;

namespace Relay.Grains.Tests.Scale;

/// <summary>Many nodes and their sessions against one real silo in this process.</summary>
internal sealed class ScaleRun(int nodes, int sessions, TimeSpan steady, string? redis, bool drains = true)
{
    internal const int ChangesPerReport = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A drain that is not accepted in time has no figure.
    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(3);

    private readonly ShiftedClock _clock = new();
    private readonly ScaleNode[] _nodes =
        [.. Enumerable.Range(0, nodes).Select(i => new ScaleNode(i, sessions / nodes, ChangesPerReport))];

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

        using var pauses = new GcPauses();
        using var process = Process.GetCurrentProcess();
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(_nodes.Select(node => node.ReportUntilKnownAsync(fleet)));
        var joined = watch.Elapsed;

        using var stop = new CancellationTokenSource();
        var reports = _nodes.Select((node, i) => node.RunAsync(fleet, Interval, i * Interval / nodes, stop.Token)).ToArray();
        await WaitAsync(TimeSpan.FromSeconds(2));
        foreach (var node in _nodes)
        {
            node.Latencies.Clear();
            node.TakeFailed();
        }
        pauses.Take();
        var (cpu, allocated, began) = (CpuOf(process), GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        await WaitAsync(steady);
        var (elapsed, used, made, paused) =
            (Stopwatch.GetElapsedTime(began), CpuOf(process) - cpu, GC.GetTotalAllocatedBytes() - allocated, pauses.Take());
        var failed = _nodes.Sum(static node => node.TakeFailed());
        var latencies = _nodes.SelectMany(static node => node.Latencies).Order().ToArray();
        var result = new ScaleResult
        {
            Joined = joined,
            Reports = latencies.Length / elapsed.TotalSeconds,
            Failed = (double)failed / Math.Max(1, failed + latencies.Length),
            CpuPerReport = used.TotalSeconds / Math.Max(1, latencies.Length),
            AllocatedPerReport = (double)made / Math.Max(1, latencies.Length),
            P50 = Part(latencies, 0.5),
            P99 = Part(latencies, 0.99),
            Longest = latencies[^1],
            LongestPause = paused.Longest,
            Paused = paused.Sum / elapsed,
            Resident = Resident(process),
            FindSession = await TimeAsync(
                async () => Assert.NotNull(await fleet.GetSessionAsync(_nodes[^1].AnySession, default))),
            ListIdentity = await TimeAsync(async () => Assert.NotEmpty(
                (await fleet.ListSessionsAsync(new SessionQuery { Identity = _nodes[^1].AnyIdentity }, default)).Items)),
            Overview = await TimeAsync(async () => Assert.Equal(
                sessions / nodes * nodes, (await fleet.GetOverviewAsync(default)).Load.Sessions)),
        };
        if (drains)
            result = await DrainAsync(fleet, result);
        await stop.CancelAsync();
        await Task.WhenAll(reports);
        var (ownCpu, ownAllocated) = OwnCost(process);
        return result with { Heap = GC.GetTotalMemory(forceFullCollection: true), OwnCpu = ownCpu, OwnAllocated = ownAllocated };
    }

    private async Task<ScaleResult> DrainAsync(IFleet fleet, ScaleResult result)
    {
        foreach (var node in _nodes)
            node.WantPool("edge");
        var grants = await Task.WhenAll(_nodes.Select(static node => node.Granted.WaitAsync(Eventually.Limit)));
        Assert.Equal(nodes, _nodes.Select(static node => node.Block).Distinct().Count());
        var watch = Stopwatch.StartNew();
        foreach (var node in _nodes)
            node.AwaitOrder(watch);
        result = result with
        {
            GrantP50 = Part([.. grants.Order()], 0.5),
            GrantP99 = Part([.. grants.Order()], 0.99),
        };
        var drain = await fleet.StartDrainAsync(new DrainRequest
        {
            Id = "all",
            Selector = new NodeSelector(),
            MaxConcurrent = DrainBudget.Percent(100),
            Mode = DrainMode.Immediate,
        }, default);
        if (!drain.IsOk)
            return result;
        var accepted = watch.Elapsed;
        var orders = await Task.WhenAll(_nodes.Select(static node => node.Ordered.WaitAsync(LongestDrain)));
        return result with { DrainAccepted = accepted, DrainP50 = Part([.. orders.Order()], 0.5), DrainLast = orders.Max() };
    }

    // What the simulated nodes alone cost, now that nobody reports.
    private (double Cpu, double Allocated) OwnCost(Process process)
    {
        var node = new ScaleNode(nodes, sessions / nodes, ChangesPerReport);
        node.Next();
        const int count = 20_000;
        var (began, before) = (CpuOf(process), GC.GetAllocatedBytesForCurrentThread());
        for (var i = 0; i < count; i++)
            node.Next();
        return ((CpuOf(process) - began).TotalSeconds / count, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / count);
    }

    // The run is what is measured: it lasts as long as it is told to.
    internal static async Task WaitAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }

    internal static TimeSpan CpuOf(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    internal static long Resident(Process process)
    {
        process.Refresh();
        return process.WorkingSet64;
    }

    internal static TimeSpan Part(TimeSpan[] sorted, double part) =>
        sorted[(int)Math.Min(sorted.Length - 1, part * sorted.Length)];

    internal static async Task<TimeSpan> TimeAsync(Func<Task> what)
    {
        var began = Stopwatch.GetTimestamp();
        await what();
        return Stopwatch.GetElapsedTime(began);
    }
}
