using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Grains.Hosting;

namespace Relay.Grains.Tests.Scale;

/// <summary>Many nodes and their sessions against one real silo in this process.</summary>
internal sealed class ScaleRun(int nodes, int sessions, TimeSpan steady, string? redis, bool drains = true)
{
    internal const int ChangesPerReport = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>What is called often is compiled by then.</summary>
    internal static readonly TimeSpan Warming = TimeSpan.FromSeconds(8);

    // What is not done in time has no figure.
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(45);

    // An answer that is kept for a second is old by then.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.1);
    private const int Questions = 5;

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
        await WaitAsync(Warming);
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
        };
        result = await AskAsync(result, _nodes, async node => Assert.NotNull(await fleet.GetSessionAsync(node.AnySession, default)),
            async node => Assert.NotEmpty((await fleet.ListSessionsAsync(new SessionQuery { Identity = node.AnyIdentity }, default)).Items),
            async () => Assert.NotEmpty((await fleet.GetOverviewAsync(default)).Nodes));
        if (drains)
            result = await DrainAsync(fleet, result);
        await stop.CancelAsync();
        await Task.WhenAll(reports);
        var (ownCpu, ownAllocated) = OwnCost(process);
        return result with { Heap = GC.GetTotalMemory(forceFullCollection: true), OwnCpu = ownCpu, OwnAllocated = ownAllocated };
    }

    /// <summary>How long questions take: of several the one in the middle, about nodes that are asked last.</summary>
    internal static async Task<ScaleResult> AskAsync(
        ScaleResult result, ScaleNode[] nodes, Func<ScaleNode, Task> find, Func<ScaleNode, Task> list, Func<Task> look)
    {
        List<TimeSpan> found = [], listed = [], looked = [];
        for (var i = 0; i < Questions; i++)
        {
            await WaitAsync(Pause);
            var node = nodes[nodes.Length - 1 - i];
            await TimeAsync(found, () => find(node));
            await TimeAsync(listed, () => list(node));
            await TimeAsync(looked, look);
        }
        return result with { FindSession = Middle(found), ListIdentity = Middle(listed), Overview = Middle(looked) };
    }

    private static TimeSpan? Middle(List<TimeSpan> times) => times.Count == 0 ? null : Part([.. times.Order()], 0.5);

    // What is not answered has no figure.
    private static async Task TimeAsync(List<TimeSpan> times, Func<Task> ask)
    {
        try
        {
            var began = Stopwatch.GetTimestamp();
            await ask();
            times.Add(Stopwatch.GetElapsedTime(began));
        }
        catch (Exception exception) when (exception is FleetUnavailableException or HttpRequestException)
        {
            // Nobody had the time.
        }
    }

    private async Task<ScaleResult> DrainAsync(IFleet fleet, ScaleResult result)
    {
        try
        {
            foreach (var node in _nodes)
                node.WantPool("edge");
            var grants = await Task.WhenAll(_nodes.Select(static node => node.Granted)).WaitAsync(LongestStep);
            Assert.Equal(nodes, _nodes.Select(static node => node.Block).Distinct().Count());
            result = result with { GrantP50 = Part([.. grants.Order()], 0.5), GrantP99 = Part([.. grants.Order()], 0.99) };
        }
        catch (TimeoutException)
        {
            // Some have none.
        }
        return await DrainAsync(result, _nodes, async () => (await fleet.StartDrainAsync(new DrainRequest
        {
            Id = "all",
            Selector = new NodeSelector(),
            MaxConcurrent = DrainBudget.Percent(100),
            Mode = DrainMode.Immediate,
        }, default)).IsOk);
    }

    /// <summary>Begins a drain of all nodes, and waits for its order at each of them.</summary>
    internal static async Task<ScaleResult> DrainAsync(ScaleResult result, ScaleNode[] nodes, Func<Task<bool>> begin)
    {
        var watch = Stopwatch.StartNew();
        foreach (var node in nodes)
            node.AwaitOrder(watch);
        try
        {
            if (!await begin().WaitAsync(LongestStep))
                return result;
            result = result with { DrainAccepted = watch.Elapsed };
            var orders = await Task.WhenAll(nodes.Select(static node => node.Ordered)).WaitAsync(LongestStep);
            return result with { DrainP50 = Part([.. orders.Order()], 0.5), DrainLast = orders.Max() };
        }
        catch (TimeoutException)
        {
            return result;
        }
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
}
