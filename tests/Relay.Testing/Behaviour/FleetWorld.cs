using System.Diagnostics;
using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>A fleet and its simulated nodes, a second at a time.</summary>
public sealed class FleetWorld(IFleetHarness harness) : IAsyncDisposable
{
    /// <summary>How long this machine may take for what it is waited for.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<SimulatedNode> _nodes = [];

    public IFleet Fleet => harness.Fleet;

    public DateTimeOffset Now => harness.Time.GetUtcNow();

    public bool KeepsState => harness.KeepsState;

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A node that reports from the next second on.</summary>
    public SimulatedNode Add(string name, params string[] pools)
    {
        var node = new SimulatedNode(name, clock: harness.Time) { Pools = [.. pools] };
        _nodes.Add(node);
        return node;
    }

    /// <summary>A node that the fleet knows.</summary>
    public async Task<SimulatedNode> JoinAsync(string name, params string[] pools)
    {
        var node = Add(name, pools);
        await UntilAsync($"{name} is known", async () =>
            await Fleet.GetNodeAsync(name, Cancellation) is { } info && info.Incarnation == node.Incarnation);
        return node;
    }

    public async Task DefineAsync(string pool, string prefix, int blockLength)
    {
        var put = await Fleet.PutPoolAsync(PoolOf(pool, prefix, blockLength), null, Cancellation);
        Assert.Equal((FleetStatus.Ok, null), (put.Status, put.Detail));
    }

    public static PrefixPool PoolOf(string name, string prefix, int blockLength) =>
        new() { Name = name, Prefix = Prefix.Parse(prefix), BlockLength = blockLength };

    /// <summary>Sets the coordinators' wall clock.</summary>
    public void SetClock(TimeSpan by) => harness.SetClock(by);

    /// <summary>Another coordinator takes the place of the one that there is.</summary>
    public Task RestartAsync() => harness.RestartAsync();

    /// <summary>All that the coordinators knew is gone.</summary>
    public Task LoseStateAsync() => harness.LoseStateAsync();

    /// <summary>A report interval passes, and every node reports.</summary>
    public async Task StepAsync()
    {
        await harness.AdvanceAsync(FleetBehaviour.Timings.ReportInterval);
        foreach (var node in _nodes)
            await node.TryReportAsync(Fleet);
        var used = _nodes.SelectMany(node => node.UsedBlocks).ToArray();
        Assert.Equal(used.Distinct(), used);
    }

    public async Task RunAsync(TimeSpan time)
    {
        for (var end = Now + time; Now < end;)
            await StepAsync();
    }

    /// <summary>Lets the fleet go on until something is so.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="condition">Whether it is so.</param>
    /// <param name="limit">How long it may take, in the fleet's time; a minute unless told otherwise.</param>
    public async Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        var end = Now + (limit ?? TimeSpan.FromMinutes(1));
        while (!await IsSoAsync(condition))
        {
            Assert.True(Now < end, $"it took too long until {what}");
            await StepAsync();
        }
    }

    /// <summary>Who is not answered while coordinators change asks again, as every reader of the fleet does.</summary>
    private static async Task<bool> IsSoAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (FleetUnavailableException)
        {
            return false;
        }
    }

    public Task UntilAsync(string what, Func<bool> condition, TimeSpan? limit = null) =>
        UntilAsync(what, () => Task.FromResult(condition()), limit);

    /// <summary>
    /// Waits for an answer that needs the nodes' reports, or that comes when nothing has happened for a while: time
    /// goes on until it is there.
    /// </summary>
    public async Task<T> AnswerAsync<T>(ValueTask<T> answer)
    {
        var task = answer.AsTask();
        // How much of the fleet's time passes meanwhile depends on this machine, and so does how long it may take.
        for (var began = Stopwatch.GetTimestamp(); !task.IsCompleted && Stopwatch.GetElapsedTime(began) < Patience;)
            await StepAsync();
        return await task.WaitAsync(Patience, Cancellation);
    }

    /// <summary>Lets nodes report, while no time passes, until each has been asked something.</summary>
    public async Task AskedAsync(params SimulatedNode[] asked)
    {
        for (var began = Stopwatch.GetTimestamp(); !asked.All(node => node.HasAnswers);)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "nobody asked");
            foreach (var node in asked)
                if (!node.HasAnswers)
                    await node.TryReportAsync(Fleet);
        }
    }

    public async Task<NodeInfo> InfoAsync(SimulatedNode node) =>
        await Fleet.GetNodeAsync(node.Name, Cancellation)
            ?? throw new InvalidOperationException($"{node.Name} is not known");

    public async Task<IReadOnlyList<LeaseInfo>> LeasesAsync(string pool) =>
        (await Fleet.ListLeasesAsync(pool, 1000, null, Cancellation))!.Items;

    public async Task<DrainInfo> DrainAsync(string drain) =>
        await Fleet.GetDrainAsync(drain, Cancellation)
            ?? throw new InvalidOperationException($"drain {drain} is not known");

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await harness.DisposeAsync();
    }
}
