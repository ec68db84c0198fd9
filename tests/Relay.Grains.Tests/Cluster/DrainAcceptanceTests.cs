using System.Collections.Concurrent;
using System.Globalization;
using Relay.Grains.Contracts;
using Relay.Grains.Drains;
using Relay.Grains.Membership;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>A drain is accepted though nodes go on moving, each of which has all drains looked at anew.</summary>
[Trait("Needs", "Cluster")]
public sealed class DrainAcceptanceTests
{
    // Far more than a drain of one node takes to begin.
    private const int MostLooks = 200;

    private readonly ConcurrentQueue<Task> _joining = new();
    private MemoryFleet? _fleet;
    private TaskCompletionSource _observed = new();
    private int _looks;
    private int _looksUntilAccepted;
    private volatile bool _isMoving;

    [Fact]
    public async Task StartDrain_WhileEveryLookMeetsAnotherMove_IsAccepted()
    {
        await using var fleet = await MemoryFleet.StartAsync(configure: silo => silo.AddIncomingGrainCallFilter(FilterAsync));
        _fleet = fleet;
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet.Fleet);
        _isMoving = true;

        var drain = await fleet.Fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1"] }, default);

        _isMoving = false;
        Assert.True(drain.IsOk, drain.Detail);
        Assert.InRange(_looksUntilAccepted, 1, MostLooks - 1);
        while (_joining.TryDequeue(out var joining))
            await joining;
        Assert.Equal("d", (await node.ReportAsync(fleet.Fleet)).Drain?.Id);
    }

    // While a drain is told of its nodes, one more joins, and is heard of before that is done.
    private async Task FilterAsync(IIncomingGrainCallContext call)
    {
        if (call is { Grain: DrainGrain, MethodName: nameof(IDrainGrain.AdvanceAsync) } && _isMoving)
        {
            var look = Interlocked.Increment(ref _looks);
            _isMoving = look < MostLooks;
            var observed = _observed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var more = new SimulatedNode(string.Create(CultureInfo.InvariantCulture, $"more-{look}"));
            _joining.Enqueue(Task.Run(() => more.ReportAsync(_fleet!.Fleet)));
            await observed.Task;
        }
        var done = call.Invoke();
        if (call is { Grain: FleetGrain, MethodName: nameof(IFleetGrain.ObserveAsync) })
            _observed.TrySetResult();
        await done;
        if (call is { Grain: FleetGrain, MethodName: nameof(IFleetGrain.StartDrainAsync) })
            _looksUntilAccepted = Volatile.Read(ref _looks);
    }
}
