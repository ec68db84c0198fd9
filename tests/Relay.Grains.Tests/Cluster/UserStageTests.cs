using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;
using Relay.Grains.Stats;
using Relay.Grains.Users;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>The way that users take from who keeps them to nodes, where one of the stages is slow or silent.</summary>
[Trait("Needs", "Cluster")]
public sealed class UserStageTests
{
    private readonly TaskCompletionSource _slow = new();
    private volatile string? _hangs;
    private int _pages;
    private int _pulls;

    [Fact]
    public async Task Nodes_AreHeard_WhileWhoKeepsTheUsersDoesNotAnswer()
    {
        await using var fleet = await StartAsync();
        await fleet.Fleet.TickAsync(default);
        _hangs = nameof(IUsersGrain.GetStandingAsync);
        Volatile.Write(ref _pulls, 0);

        var tick = fleet.Fleet.TickAsync(default);

        await Eventually.HoldsAsync(
            "all stages are asked", () => Task.FromResult(Volatile.Read(ref _pulls)), static pulls => pulls >= GrainKeys.StatsShards);
        Assert.False(tick.IsCompleted);
        _slow.SetResult();
        await tick;
    }

    /// <summary>A page that comes too late for the report that it was asked for is in the next answer, and is not asked for again.</summary>
    [Fact]
    public async Task Page_ThatIsLate_IsForTheNextReport_AndOnlyForOneThatSaysTheSame()
    {
        await using var fleet = await StartAsync(isPatient: false);
        await fleet.Fleet.TickAsync(default);
        Assert.True((await fleet.Fleet.PutUserAsync(new User { Name = "alice" }, null, default)).IsOk);
        var node = new SimulatedNode("edge-1");
        var users = SimulatedUsers.Of(node);
        await node.ReportPersistentlyAsync(fleet.Fleet);
        await fleet.PassAsync(TimeSpan.FromSeconds(3), () => node.ReportPersistentlyAsync(fleet.Fleet));
        Assert.Equal(["alice"], users.Entries.Keys);

        users.Pretend(UserPosition.Nothing);
        (_hangs, _pages) = (nameof(IUsersGrain.GetPageAsync), 0);
        Assert.True(await node.ReportPersistentlyAsync(fleet.Fleet) is { Users: null, KnowsUsers: false });
        _hangs = null;
        _slow.SetResult();
        await Eventually.HoldsAsync(
            "the page", () => node.ReportPersistentlyAsync(fleet.Fleet), static answer => answer is { Users: not null, KnowsUsers: true });
        Assert.Equal(1, Volatile.Read(ref _pages));
        // Whose it was has another position meanwhile: it is asked for anew.
        users.Pretend(UserPosition.Nothing);
        Assert.NotNull((await node.ReportPersistentlyAsync(fleet.Fleet)).Users);
        Assert.Equal(2, Volatile.Read(ref _pages));
    }

    [Fact]
    public async Task Stage_ThatNobodyAsks_SaysNothingOfUsersAnyMore()
    {
        await using var fleet = await StartAsync();
        var stage = fleet.Grains.GetGrain<IStatsGrain>(0);
        var tracker = new NodeTracker("edge-1", new FleetTimings());
        Assert.Equal(ReportKind.Fresh, tracker.Apply(new SimulatedNode("edge-1").Next(), fleet.Clock.GetUtcNow()).Kind);
        var summary = new NodeSummary(tracker.ToInfo()!, 1, StatsIncrease.None);
        var facts = new FleetFacts { Users = new UserStanding { Store = Guid.NewGuid(), Version = 7 } };
        await stage.PullAsync(new StatsPull(facts));
        Assert.Equal((7L, false), await HearAsync());

        fleet.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal((7L, false), await HearAsync());
        fleet.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((null, true), await HearAsync());
        await stage.PullAsync(new StatsPull(facts));
        Assert.Equal((7L, false), await HearAsync());

        async Task<(long? Version, bool IsCutOff)> HearAsync()
        {
            var heard = await stage.AddAsync(summary);
            return (heard.Users?.Version, heard.IsCutOff);
        }
    }

    private Task<MemoryFleet> StartAsync(bool? isPatient = null) => MemoryFleet.StartAsync(isPatient: isPatient, configure: silo =>
        silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call.Grain is StatsGrain && call.MethodName == nameof(IStatsGrain.PullAsync))
                Interlocked.Increment(ref _pulls);
            if (call.Grain is UsersGrain && call.MethodName == nameof(IUsersGrain.GetPageAsync))
                Interlocked.Increment(ref _pages);
            if (call.Grain is UsersGrain && call.MethodName == _hangs)
                await _slow.Task;
            await call.Invoke();
        }));
}
