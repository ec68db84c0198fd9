using System.Globalization;
using Relay.Grains.Contracts;
using Relay.Grains.Drains;
using Relay.Grains.Nodes;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>What a drain costs a fleet: what it changes, and not what it is of.</summary>
[Trait("Needs", "Cluster")]
public sealed class DrainWorkTests : IAsyncDisposable
{
    private const int Nodes = 30;

    private readonly List<SimulatedNode> _nodes =
        [.. Enumerable.Range(0, Nodes).Select(static i => new SimulatedNode(string.Create(CultureInfo.InvariantCulture, $"edge-{i:d2}")))];
    private MemoryFleet _fleet = null!;
    private int _told;
    private int _asked;
    private int _news;

    [Fact]
    public async Task Drain_OfOneNodeAtATime_TellsTheOneWhoseTurnItIs()
    {
        await StartAsync();

        await DrainAsync(DrainBudget.Nodes(1));

        Assert.Equal(1, _told);
        await ReportAllAsync();
        Assert.Equal("edge-00", Assert.Single(_nodes, static node => node.LastDirective?.Drain is not null).Name);
    }

    [Fact]
    public async Task Drain_OfAll_TellsEachNodeOnce_AndHearsOfThoseThatHaveReported()
    {
        await StartAsync();
        foreach (var node in _nodes)
            node.Tunnels = 5;

        await DrainAsync(DrainBudget.Percent(100));

        Assert.Equal((Nodes, 0), (_told, _news));
        await ReportAllAsync();
        Assert.All(_nodes, static node => Assert.Equal("d", node.LastDirective?.Drain?.Id));
        var asked = _asked;
        await _fleet.Fleet.TickAsync(default);
        _news = 0;
        // Nothing was heard of any since.
        for (var i = 0; i < 5; i++)
            await _fleet.Fleet.TickAsync(default);
        Assert.Equal(0, _news);

        // They drain, and then they are drained: that is no other order.
        await ReportAllAsync();
        await _fleet.Fleet.TickAsync(default);
        foreach (var node in _nodes)
            node.FinishTunnels(5);
        await ReportAllAsync();
        await ReportAllAsync();
        await _fleet.Fleet.TickAsync(default);
        Assert.All(_nodes, static node => Assert.Equal(NodeState.Drained, node.State));
        Assert.Equal((Nodes, asked), (_told, _asked));
        var drain = await _fleet.Fleet.GetDrainAsync("d", default);
        Assert.Equal((DrainState.Completed, Nodes), (drain!.State, drain.Drained));
    }

    public async ValueTask DisposeAsync()
    {
        await _fleet.DisposeAsync();
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    private async Task StartAsync()
    {
        _fleet = await MemoryFleet.StartAsync(configure: silo => silo.AddIncomingGrainCallFilter(call =>
        {
            if (call is { Grain: NodeGrain, MethodName: nameof(INodeGrain.OrderChangedByAsync) })
                Interlocked.Increment(ref _told);
            if (call is { Grain: DrainGrain, MethodName: nameof(IDrainGrain.GetOrderAsync) })
                Interlocked.Increment(ref _asked);
            if (call is { Grain: DrainGrain, MethodName: nameof(IDrainGrain.AdvanceAsync) })
                Interlocked.Add(ref _news, ((DrainNews)call.Request.GetArgument(0)!).Nodes.Count);
            return call.Invoke();
        }));
        await ReportAllAsync();
        await _fleet.Fleet.TickAsync(default);
    }

    private async Task DrainAsync(DrainBudget most)
    {
        var drain = await _fleet.Fleet.StartDrainAsync(
            new DrainRequest { Id = "d", Selector = new NodeSelector(), MaxConcurrent = most, Mode = DrainMode.Immediate }, default);
        Assert.True(drain.IsOk, drain.Detail);
    }

    private async Task ReportAllAsync()
    {
        foreach (var node in _nodes)
            await node.ReportAsync(_fleet.Fleet);
    }
}
