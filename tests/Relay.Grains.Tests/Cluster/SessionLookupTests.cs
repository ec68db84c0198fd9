using System.Globalization;
using Relay.Grains.Contracts;
using Relay.Grains.Nodes;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>How many grains are asked for one session.</summary>
[Trait("Needs", "Cluster")]
public sealed class SessionLookupTests
{
    private const int Nodes = 100;

    private readonly SimulatedNode[] _nodes =
        [.. Enumerable.Range(0, Nodes).Select(static i => new SimulatedNode(string.Create(CultureInfo.InvariantCulture, $"edge-{i:d3}")))];

    private int _asked;

    [Fact]
    public async Task Session_ByItsId_IsAskedForAtItsNodeAlone_HoweverManyThereAre()
    {
        await using var fleet = await StartAsync();
        var session = SessionId.New("edge-099");
        await BeginAsync(fleet, session);

        Assert.Equal("edge-099", (await fleet.Fleet.GetSessionAsync(session, default))?.Node);
        Assert.Equal(1, Interlocked.Exchange(ref _asked, 0));
        Assert.Null(await fleet.Fleet.GetSessionAsync(SessionId.New("edge-099"), default));
        Assert.Equal(1, Interlocked.Exchange(ref _asked, 0));
        Assert.True((await fleet.Fleet.EndSessionAsync(session, default)).IsOk);
        Assert.Equal(1, Interlocked.Exchange(ref _asked, 0));
        Assert.Null(await fleet.Fleet.GetSessionAsync(SessionId.New("unknown"), default));
        Assert.Equal(0, _asked);
    }

    /// <summary>As nodes of before make them.</summary>
    [Fact]
    public async Task Session_ByAnIdThatNamesNoNode_IsAskedForAtAll()
    {
        await using var fleet = await StartAsync();
        await BeginAsync(fleet, "Zk3v0m1T9xq2yD8sWb7c_A");

        Assert.Equal("edge-099", (await fleet.Fleet.GetSessionAsync("Zk3v0m1T9xq2yD8sWb7c_A", default))?.Node);
        Assert.Equal(Nodes, Interlocked.Exchange(ref _asked, 0));
        Assert.True((await fleet.Fleet.EndSessionAsync("Zk3v0m1T9xq2yD8sWb7c_A", default)).IsOk);
        Assert.Equal(Nodes, _asked);
    }

    private async Task BeginAsync(MemoryFleet fleet, string session)
    {
        _nodes[^1].Open(session);
        await Task.WhenAll(_nodes.Select(node => node.ReportAsync(fleet.Fleet)));
    }

    private Task<MemoryFleet> StartAsync() => MemoryFleet.StartAsync(configure: silo => silo.AddIncomingGrainCallFilter(async call =>
    {
        if (call is { Grain: NodeGrain, MethodName: nameof(INodeGrain.FindSessionAsync) or nameof(INodeGrain.EndSessionAsync) })
            Interlocked.Increment(ref _asked);
        await call.Invoke();
    }));
}
