using Relay.Grains.Contracts;
using Relay.Grains.Pools;
using Relay.Grains.Tests.Stores;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>
/// Many nodes at once: a start of the whole fleet, or everybody's return after the coordinators were away.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class StormTests
{
    [Fact]
    public async Task Reports_OfTwoHundredNewNodesAtOnce_CostFewWritesAndGiveEachItsBlock()
    {
        const int Count = 200;
        var (storage, asked, everybodyAsked) = (new SharedStorage(), 0, NewSignal());
        await using var fleet = await MemoryFleet.StartAsync(
            storage: storage,
            configure: silo => silo.AddIncomingGrainCallFilter(call =>
            {
                if (call is { Grain: PrefixPoolGrain, MethodName: nameof(IPrefixPoolGrain.AnswerAsync) }
                    && ++asked == Count)
                    everybodyAsked.SetResult();
                return call.Invoke();
            }));
        await fleet.Fleet.TickAsync(default);
        fleet.Clock.Advance(TimeSpan.FromSeconds(125));
        await fleet.Fleet.PutPoolAsync(new PrefixPool
        {
            Name = "edge",
            Prefix = Prefix.Parse("2001:db8::/52"),
            BlockLength = 64,
        }, null, default);
        var before = storage.Writes["pool"];
        // The first write takes as long as all others take to ask: they wait for the next.
        storage.BeforeWrite = state => state == "pool" ? everybodyAsked.Task : Task.CompletedTask;
        var nodes = Enumerable.Range(1, Count).Select(static i => new SimulatedNode($"edge-{i}")
        {
            Pools = ["edge"],
            Tunnels = 1,
        }).ToList();

        await Task.WhenAll(nodes.Select(node => node.ReportAsync(fleet.Fleet)));
        (asked, everybodyAsked) = (0, NewSignal());
        await Task.WhenAll(nodes.Select(node => node.ReportAsync(fleet.Fleet)));
        await Task.WhenAll(nodes.Select(node => node.ReportAsync(fleet.Fleet)));

        Assert.Equal(Count, nodes.Select(static node => node.Grants[0].Prefix).Distinct().Count());
        var overview = await fleet.Fleet.GetOverviewAsync(default);
        Assert.Equal((Count, Count), (overview.Nodes[NodeState.Serving], overview.Load.TcpTunnels));
        // The first node's and everybody else's: once for the grants, once for what is confirmed. The third round
        // writes nothing at all.
        Assert.InRange(storage.Writes["pool"] - before, 2, 4);
    }

    [Fact]
    public async Task Report_Repeated_IsAnsweredTheSameAndChangesNothing()
    {
        await using var fleet = await MemoryFleet.StartAsync();
        var node = new SimulatedNode("edge-1");
        node.Open(new SessionRecord { Id = "a", Identity = "anonymous", StartedAt = fleet.Clock.GetUtcNow() });
        var report = node.Next();

        var answers =
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => fleet.Fleet.ReportAsync(report, default).AsTask()));

        Assert.All(answers, static answer => Assert.Equal((1, 1), (answer.Sequence, answer.AcknowledgedSessions)));
        Assert.Single((await fleet.Fleet.ListSessionsAsync(new SessionQuery(), default)).Items);
        var batch = await fleet.Fleet.ReadEventsAsync("x-0-0", default);
        Assert.Single(batch.Events, static happened => happened.Kind == FleetEventKind.Node);
    }

    // Nobody goes on within the call that gives the signal: its own request has to be among those that wait.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
