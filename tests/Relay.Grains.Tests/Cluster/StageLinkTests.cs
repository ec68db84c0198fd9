using System.Globalization;
using Relay.Fleet.Stats;
using Relay.Grains.Contracts;
using Relay.Grains.Stats;

namespace Relay.Grains.Tests.Cluster;

/// <summary>What a coordinator's nodes report, on its way to a stage.</summary>
[Trait("Needs", "Cluster")]
public sealed class StageLinkTests : IAsyncDisposable
{
    private const int Nodes = 100;

    private readonly List<int> _calls = [];
    private TaskCompletionSource? _held;
    private bool _fails;
    private MemoryFleet _fleet = null!;
    private StageLink _link = null!;

    [Fact]
    public async Task Reports_WithoutNews_AreAnsweredAtOnce_AndGoTogether()
    {
        await StartAsync();
        var facts = await _link.TellAsync(Of("first"), isNews: true);
        var news = await HoldAsync("second");

        for (var i = 0; i < Nodes; i++)
            Assert.Equal(facts, await _link.TellAsync(Of(NameOf(i)), isNews: false));
        Assert.False(news.Task.IsCompleted);
        Release();
        Assert.Equal(facts, await news.Task);

        await Eventually.HoldsAsync("all are counted", ReadAsync, static slice => slice.Nodes.Count == 2 + Nodes);
        Assert.Equal([1, 1, Nodes], _calls);
    }

    [Fact]
    public async Task Reports_OfOneNode_ThatWaitTogether_AreOne_WithWhatCameInBoth()
    {
        await StartAsync();
        await _link.TellAsync(Of("a"), isNews: true);
        var news = await HoldAsync("b");

        await _link.TellAsync(Of("a", sessions: 3), isNews: false);
        var last = _link.TellAsync(Of("a", sessions: 5), isNews: true);
        Release();
        await news.Task;
        await last;

        var slice = await ReadAsync();
        Assert.Equal([("a", 21L), ("b", 7L)], slice.Nodes.Select(static part => (part.Node, part.Totals.UpstreamBytes)));
        Assert.Equal([1, 1, 1], _calls);
        var shown = await Stage.ShowAsync(new NameList(["a"]));
        Assert.Equal(5, Assert.Single(shown.Nodes).Load.Sessions);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Report_WaitsForTheStage_WhereItsLastAnswerIsOld_OrNothingTicks(bool ticks, bool isOld)
    {
        await StartAsync(ticks);
        await _link.TellAsync(Of("a"), isNews: true);
        if (isOld)
            _fleet.Clock.Advance(StageLink.LongestKept);
        _held = new TaskCompletionSource();

        var report = _link.TellAsync(Of("a"), isNews: false);
        Assert.False(report.IsCompleted);
        Release();
        await report;
    }

    [Fact]
    public async Task Report_OfANodeThatIsQuarantined_IsRefused_UntilThatIsLifted()
    {
        await StartAsync();
        await Stage.PullAsync(new StatsPull(new FleetFacts(), Quarantined: ["a"]));

        Assert.True((await _link.TellAsync(Of("a"), isNews: true)).IsRefused);
        Assert.False((await _link.TellAsync(Of("b"), isNews: false)).IsRefused);
        Assert.True((await _link.TellAsync(Of("a"), isNews: false)).IsRefused);
        await Stage.PullAsync(new StatsPull(new FleetFacts()));
        Assert.False((await _link.TellAsync(Of("a"), isNews: false)).IsRefused);
        Assert.False((await _link.TellAsync(Of("a"), isNews: false)).IsRefused);
        Assert.Equal(["a", "b"], (await ReadAsync()).Nodes.Select(static part => part.Node));
    }

    [Fact]
    public async Task Report_ToAStageThatFails_Fails_AndTheNextDoesNot()
    {
        await StartAsync();
        Volatile.Write(ref _fails, true);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _link.TellAsync(Of("a"), isNews: true));
        Volatile.Write(ref _fails, false);

        await _link.TellAsync(Of("a"), isNews: false);

        Assert.Equal(["a"], (await ReadAsync()).Nodes.Select(static part => part.Node));
    }

    /// <summary>Want of memory where it is made ready costs who reports then, and nobody later.</summary>
    [Fact]
    public async Task Report_ThatRunsOutOfMemoryOnItsWay_Fails_AndTheNextDoesNot()
    {
        await StartAsync();
        var clock = new FailingClock(_fleet.Clock);
        _link.Dispose();
        _link = new StageLink(_fleet.Grains, new GrainClock(clock, ticks: true, isPatient: true), 0);
        clock.Fails = true;
        await Assert.ThrowsAsync<OutOfMemoryException>(() => _link.TellAsync(Of("a"), isNews: true).WaitAsync(Eventually.Limit));
        clock.Fails = false;

        await _link.TellAsync(Of("b"), isNews: true).WaitAsync(Eventually.Limit);

        Assert.Equal(["b"], (await ReadAsync()).Nodes.Select(static part => part.Node));
    }

    [Fact]
    public async Task Close_OfANode_TakesBackWhatWaits()
    {
        await StartAsync();
        await _link.TellAsync(Of("a"), isNews: true);
        var news = await HoldAsync("b");
        await _link.TellAsync(Of("a"), isNews: false);

        var closing = _link.CloseAsync("a");
        Release();
        await Task.WhenAll(news.Task, closing);
        await _link.TellAsync(Of("c"), isNews: true);

        Assert.Equal([1, 1, 1], _calls);
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        _link.Dispose();
        await _fleet.DisposeAsync();
    }

    private IStatsGrain Stage => _fleet.Grains.GetGrain<IStatsGrain>(0);

    private Task<StatsSlice> ReadAsync() => Stage.ReadAsync(StatsWindow.MaxSeconds);

    // A report that the stage has, and has not answered.
    private async Task<Held> HoldAsync(string name)
    {
        _held = new TaskCompletionSource();
        var (before, news) = (_calls.Count, _link.TellAsync(Of(name), isNews: true));
        await Eventually.HoldsAsync("it is under way", () => Task.FromResult(_calls.Count), calls => calls > before);
        return new Held(news);
    }

    private void Release() => Interlocked.Exchange(ref _held, null)?.SetResult();

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"n{number}");

    private sealed record Held(Task<FleetFacts> Task);

    private sealed class FailingClock(TimeProvider clock) : TimeProvider
    {
        private volatile bool _fails;

        public bool Fails { set => _fails = value; }

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => _fails ? throw new OutOfMemoryException() : clock.GetTimestamp();
    }

    private static NodeSummary Of(string name, int sessions = 1) => new(
        new NodeInfo
        {
            Id = name,
            State = NodeState.Serving,
            Version = "1",
            StartedAt = default,
            LastReportAt = DateTimeOffset.UnixEpoch,
            Load = new NodeLoad { Sessions = sessions },
        },
        1, StatsIncrease.None with { Totals = new NodeTotals { UpstreamBytes = 7 } });

    private async Task StartAsync(bool ticks = true)
    {
        _fleet = await MemoryFleet.StartAsync(configure: silo => silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call is { Grain: StatsGrain, MethodName: nameof(IStatsGrain.AddAllAsync) })
            {
                lock (_calls)
                    _calls.Add(((NodeSummaries)call.Request.GetArgument(0)!).Nodes.Count);
                if (Volatile.Read(ref _fails))
                    throw new InvalidOperationException("it cannot");
                if (Volatile.Read(ref _held) is { } held)
                    await held.Task;
            }
            await call.Invoke();
        }));
        _link = new StageLink(_fleet.Grains, new GrainClock(_fleet.Clock, ticks, isPatient: true), 0);
    }
}
