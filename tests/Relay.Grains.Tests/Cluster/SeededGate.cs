using Relay.Grains.Drains;
using Relay.Grains.Membership;

namespace Relay.Grains.Tests.Cluster;

/// <summary>
/// Lets calls and writes of grains go on one at a time, in an order that a seed makes: so that what is under way at once
/// meets in many ways, and not only in the one that this machine prefers.
/// </summary>
internal sealed class SeededGate
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private Random? _random;

    /// <summary>Three silos where calls of the fleet's grain and of drains wait here, and everything that is stored.</summary>
    internal async Task<TestCluster> StartClusterAsync()
    {
        var cluster = await TestCluster.StartAsync(configure: (_, silo) => silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call.Grain is FleetGrain or DrainGrain)
                await PassAsync();
            await call.Invoke();
        }));
        cluster.Storage.BeforeWrite = _ => PassAsync();
        return cluster;
    }

    /// <summary>Waits for its turn; outside of <see cref="RunAsync"/> there is none to wait for.</summary>
    private Task PassAsync()
    {
        lock (_gate)
        {
            if (_random is null)
                return Task.CompletedTask;
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(turn);
            return turn.Task;
        }
    }

    /// <summary>Gives turns until everything that was begun is done.</summary>
    internal async Task RunAsync(int seed, Func<Task> begin)
    {
        var random = new Random(seed);
        lock (_gate)
            _random = random;
        var all = begin();
        while (!all.IsCompleted)
        {
            // Others may come meanwhile, and be chosen.
            for (var yields = random.Next(20); yields > 0; yields--)
                await Task.Yield();
            lock (_gate)
                Release(random);
        }
        lock (_gate)
        {
            _random = null;
            while (_waiting.Count > 0)
                Release(random);
        }
        await all;
    }

    private void Release(Random random)
    {
        if (_waiting.Count == 0)
            return;
        var chosen = random.Next(_waiting.Count);
        _waiting[chosen].SetResult();
        _waiting.RemoveAt(chosen);
    }
}
