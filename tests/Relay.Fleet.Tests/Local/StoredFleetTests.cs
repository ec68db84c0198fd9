using Relay.Fleet.Local;
using Relay.Testing.Behaviour;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Local;

/// <summary>A fleet in one process that has a store: what it writes, and what it does while nothing can be written.</summary>
public sealed class StoredFleetTests : IAsyncDisposable
{
    private static readonly FleetTimings Timings = FleetBehaviour.Timings;

    private readonly MemoryStore _disk = new();
    private readonly ManualTime _time = new();
    private readonly List<SimulatedNode> _nodes = [];
    private LocalFleet _fleet;

    public StoredFleetTests() => _fleet = Begin();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    [Fact]
    public async Task Restart_WithAStateThatIsWhole_GrantsAtOnce()
    {
        await DefineAsync("v6", "2001:db8::/60");
        var node = Add("a", "v6");
        await PassAsync(Timings.LeaseTime + Timings.NodeTimeout);
        var block = node.UsedBlocks.Single();
        var before = await _fleet.GetOverviewAsync(Cancellation);

        _fleet = Begin();
        var late = Add("b", "v6");
        await PassAsync(2 * Timings.ReportInterval);

        Assert.Equal([block], node.UsedBlocks);
        Assert.Single(late.UsedBlocks);
        var pool = (await _fleet.GetPoolAsync("v6", Cancellation))!;
        Assert.Equal((false, null, 2), (pool.IsFound, pool.GrantsFrom, pool.Held));
        var after = await _fleet.GetOverviewAsync(Cancellation);
        Assert.Equal(before.Generation, after.Generation);
        Assert.DoesNotContain(after.Warnings, static warning => warning.Kind == "no-persistence");
        // A pool that is new does not wait for holders that nobody knows of either.
        await DefineAsync("other", "2001:db9::/60");
        Assert.Null((await _fleet.GetPoolAsync("other", Cancellation))!.GrantsFrom);
    }

    [Fact]
    public async Task Restart_InTheFirstLeaseTime_WaitsForAnotherWhole()
    {
        await PassAsync(Timings.LeaseTime / 2);
        _fleet = Begin();
        await PassAsync(Timings.LeaseTime / 2);

        await DefineAsync("v6", "2001:db8::/60");

        Assert.NotNull((await _fleet.GetPoolAsync("v6", Cancellation))!.GrantsFrom);
    }

    [Fact]
    public async Task Renewals_WriteNothing()
    {
        await DefineAsync("v6", "2001:db8::/60");
        var node = Add("a", "v6");
        await PassAsync(Timings.LeaseTime + Timings.NodeTimeout);
        Assert.Single(node.UsedBlocks);
        var written = _disk.Writes;

        await PassAsync(5 * Timings.LeaseTime);

        Assert.Single(node.UsedBlocks);
        Assert.Equal(written, _disk.Writes);
    }

    [Fact]
    public async Task Decisions_DuringAWrite_AreWrittenByTheNext()
    {
        await PassAsync(Timings.ReportInterval);
        var written = _disk.Writes;
        _disk.Holds = true;

        Task<FleetResult<LimitRule>>[] puts = [.. Enumerable.Range(1, 20).Select(i => PutLimitAsync(i))];
        Assert.DoesNotContain(puts, static put => put.IsCompleted);
        _disk.LetGo();
        Assert.Equal([true, .. Enumerable.Repeat(false, 19)], puts.Select(static put => put.IsCompleted));
        _disk.LetGo();

        Assert.All(await Task.WhenAll(puts), static put => Assert.True(put.IsOk));
        Assert.Equal(written + 2, _disk.Writes);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Store_ThatTakesNothing_NothingNewIsPromised_AndWhatIsHeldIsRenewed(bool hangs, bool lacksMemory)
    {
        _disk.LacksMemory = lacksMemory;
        await DefineAsync("v6", "2001:db8::/60");
        var node = Add("a", "v6");
        await PassAsync(Timings.LeaseTime + Timings.NodeTimeout);
        var block = node.UsedBlocks.Single();
        (_disk.Holds, _disk.Fault) = (hangs, hangs ? null : "No space left on device");

        var put = _fleet.PutPoolAsync(FleetWorld.PoolOf("other", "2001:db9::/60", 64), null, Cancellation).AsTask();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(hangs, !put.IsCompleted);
            _time.Advance(Timings.ReportInterval);
            _fleet.Tick();
        }
        Assert.True(put.IsCompleted);
        var late = Add("late", "v6");
        for (var end = _time.GetUtcNow() + 3 * Timings.LeaseTime; _time.GetUtcNow() < end;)
        {
            await PassAsync(Timings.ReportInterval);
            Assert.Equal([block], node.UsedBlocks);
            Assert.Empty(late.UsedBlocks);
        }

        var why = hangs ? "takes longer" : "No space left on device";
        Assert.Equal(FleetStatus.Unavailable, (await put).Status);
        Assert.Contains(why, (await put).Detail, StringComparison.Ordinal);
        foreach (var refused in new[]
        {
            (await PutLimitAsync(1)).Status,
            (await _fleet.RevokeLeaseAsync("v6", block, Cancellation)).Status,
            (await _fleet.DeletePoolAsync("v6", null, Cancellation)).Status,
            (await _fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["a"] }, Cancellation)).Status,
            (await _fleet.UndrainAsync("a", Cancellation)).Status,
        })
            Assert.Equal(FleetStatus.Unavailable, refused);
        Assert.Equal("v6", Assert.Single(await _fleet.ListPoolsAsync(Cancellation)).Pool.Name);
        Assert.Contains(late.LastDirective!.LeaseFaults, fault => fault.Contains(why, StringComparison.Ordinal));
        var warning = Assert.Single(
            (await _fleet.GetOverviewAsync(Cancellation)).Warnings, static warning => warning.Kind == "state-not-written");
        Assert.Contains(why, warning.Text, StringComparison.Ordinal);

        (_disk.Holds, _disk.Fault) = (false, null);
        _disk.LetGo();
        await PassAsync(3 * Timings.ReportInterval);
        Assert.Single(late.UsedBlocks);
        Assert.Equal([block], node.UsedBlocks);
        Assert.True((await PutLimitAsync(1)).IsOk);
        Assert.DoesNotContain(
            (await _fleet.GetOverviewAsync(Cancellation)).Warnings, static warning => warning.Kind == "state-not-written");
        Assert.Equal(0, (await _fleet.ReadHistoryAsync(new EventQuery(), Cancellation)).Unwritten);
    }

    [Fact]
    public async Task Writes_ThatTakeLong_OneAfterTheOther_HoldNoRenewalUp()
    {
        await DefineAsync("v6", "2001:db8::/60");
        var node = Add("a", "v6");
        node.TakesStandIns = true;
        await PassAsync(Timings.LeaseTime + Timings.NodeTimeout);
        var block = node.UsedBlocks.Single();
        var late = Add("late", "v6");
        late.TakesStandIns = true;
        _disk.Holds = true;

        for (var i = 1; i < 2 * Timings.LeaseTime.TotalSeconds; i++)
        {
            // While one change is under way there is always another, so that each report has to wait for the next write as well.
            var change = PutLimitAsync(i);
            var reports = Task.WhenAll(node.TryReportAsync(_fleet), late.TryReportAsync(_fleet));
            Assert.False(reports.IsCompleted);
            _time.Advance(0.8 * Timings.ReportInterval);
            await reports.WaitAsync(Eventually.Limit, Cancellation);
            Assert.Equal([block], node.UsedBlocks);
            _time.Advance(Timings.ReportInterval);
            Assert.False(change.IsCompleted);
            _disk.LetGo();
        }

        Assert.True(node.LastDirective is { IsStandIn: false });
        _disk.Holds = false;
        _disk.LetGo();
        Assert.DoesNotContain(
            (await _fleet.GetOverviewAsync(Cancellation)).Warnings, static warning => warning.Kind == "state-not-written");
    }

    [Fact]
    public async Task Drain_OfANodeThatLeftWhileNothingWasWritten_IsDone()
    {
        var node = Add("a");
        await PassAsync(Timings.ReportInterval);
        await _fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["a"], Mode = DrainMode.Immediate }, Cancellation);
        _disk.Fault = "No space left on device";
        await PutLimitAsync(1);
        await PassAsync(Timings.ReportInterval);
        await node.LeaveAsync(_fleet);
        Assert.Equal(DrainState.Running, (await _fleet.GetDrainAsync("d", Cancellation))!.State);

        _disk.Fault = null;
        await PassAsync(2 * Timings.ReportInterval);

        var drain = (await _fleet.GetDrainAsync("d", Cancellation))!;
        Assert.Equal((DrainState.Completed, DrainStep.Drained), (drain.State, drain.Nodes[0].Step));
    }

    [Fact]
    public async Task Restart_BeforeANodeHasReported_KeepsItsOwnPrefixesAndItsPlaceInADrain()
    {
        var (fixedNode, waiting) = (Add("fixed"), Add("waiting"));
        fixedNode.StaticPrefixes.Add(Prefix.Parse("198.51.100.0/29"));
        await PassAsync(Timings.LeaseTime + Timings.NodeTimeout);
        Assert.True((await _fleet.PutPoolAsync(FleetWorld.PoolOf("v4", "198.51.100.0/28", 29), null, Cancellation)).IsOk);
        fixedNode.Tunnels = 1;
        await _fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["fixed", "waiting"] }, Cancellation);
        await PassAsync(Timings.LameTime + (2 * Timings.ReportInterval));

        _fleet = Begin();
        (fixedNode.IsCutOff, waiting.IsCutOff) = (true, true);
        SimulatedNode[] late = [Add("x", "v4"), Add("y", "v4")];
        await PassAsync(2 * Timings.ReportInterval);

        Assert.Equal(Prefix.Parse("198.51.100.8/29"), Assert.Single(late.SelectMany(static node => node.UsedBlocks)));
        Assert.Equal(
            [DrainStep.Draining, DrainStep.Waiting],
            (await _fleet.GetDrainAsync("d", Cancellation))!.Nodes.Select(static node => node.Step));
    }

    [Fact]
    public async Task Restart_WhileAPoolIsFound_KeepsItsBlocksFromOthers()
    {
        await DefineAsync("v6", "2001:db8::/60");
        var node = Add("a", "v6");
        await PassAsync(Timings.LeaseTime + Timings.NodeTimeout);
        var block = node.UsedBlocks.Single();
        // The state is lost with its definitions, and what others hold is defined under another name.
        var disk = new MemoryStore();
        _fleet = Begin(disk);
        await PassAsync(2 * Timings.ReportInterval);
        Assert.True((await _fleet.GetPoolAsync("v6", Cancellation))!.IsFound);
        await PassAsync(Timings.LeaseTime);

        _fleet = Begin(disk);
        node.IsCutOff = true;
        var put = await _fleet.PutPoolAsync(FleetWorld.PoolOf("other", "2001:db8::/60", 64), null, Cancellation);

        Assert.Equal(FleetStatus.Conflict, put.Status);
        Assert.Contains($"a holds {block} of pool v6", put.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_OfWhatIsNotWritten_AreNotTold()
    {
        await PassAsync(Timings.ReportInterval);
        _disk.Holds = true;
        var put = _fleet.PutPoolAsync(FleetWorld.PoolOf("v6", "2001:db8::/60", 64), null, Cancellation).AsTask();
        var reading = _fleet.ReadEventsAsync(null, Cancellation).AsTask();
        Assert.False(reading.IsCompleted);

        _disk.LetGo();

        Assert.True((await put).IsOk);
        Assert.Contains("pool v6 was defined", (await reading).Events[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quota_WhileAWriteTakesLong_IsNotLifted()
    {
        Assert.True((await _fleet.PutUserAsync(new User { Name = "alice" }, null, Cancellation)).IsOk);
        Assert.True((await _fleet.PutLimitAsync(
            new LimitRule { Identity = "user:alice", Limit = new IdentityLimit { BytesPerMonth = 1000 } }, null, Cancellation)).IsOk);
        var node = Add("a");
        node.TakesStandIns = true;
        node.Open(new SessionRecord { Id = "1", Identity = "user:alice", StartedAt = DateTimeOffset.UnixEpoch, UpstreamBytes = 1500 });
        await PassAsync(3 * Timings.ReportInterval);
        Assert.Equal(["alice"], node.LastDirective!.SpentUsers);
        var before = node.LastDirective;
        _disk.Holds = true;

        _ = PutLimitAsync(7);
        var report = node.TryReportAsync(_fleet);
        Assert.False(report.IsCompleted);
        _time.Advance(0.8 * Timings.ReportInterval);
        await report.WaitAsync(Eventually.Limit, Cancellation);

        Assert.NotSame(before, node.LastDirective);
        Assert.Equal(["alice"], node.LastDirective!.SpentUsers);
        Assert.NotEqual(0, node.LastDirective.MonthEndsInSeconds);
        _disk.LetGo();
    }

    [Fact]
    public async Task History_IsWrittenOnceATick_AndSaysWhatTheStoreDidNotTake()
    {
        for (var i = 0; i < 50; i++)
            await _fleet.RecordAsync([FleetEvent.Of(FleetEventKind.Action, $"a{i}", default)], lost: 0, Cancellation);
        Assert.Equal(0, _disk.HistoryWrites);
        await PassAsync(Timings.ReportInterval);
        Assert.Equal((1, 50), (_disk.HistoryWrites, _disk.History!.Events.Count));
        await PassAsync(3 * Timings.ReportInterval);
        Assert.Equal(1, _disk.HistoryWrites);

        _disk.Fault = "the disk is full";
        await _fleet.RecordAsync([FleetEvent.Of(FleetEventKind.Action, "late", default)], lost: 0, Cancellation);
        await PassAsync(Timings.ReportInterval);
        var held = await _fleet.ReadHistoryAsync(new EventQuery { Limit = 1 }, Cancellation);
        Assert.Equal(("late", 1), (held.Items[0].Text, held.Unwritten));

        _disk.Fault = null;
        await PassAsync(Timings.ReportInterval);
        Assert.Equal((2, 0), (_disk.HistoryWrites, (await _fleet.ReadHistoryAsync(new EventQuery(), Cancellation)).Unwritten));
        // At its end it says that nothing is missing.
        await _fleet.SaveHistoryAsync();
        Assert.True(_disk.History!.Runs[^1].IsWhole);
    }

    private SimulatedNode Add(string name, params string[] pools)
    {
        var node = new SimulatedNode(name, clock: _time.True) { Pools = [.. pools] };
        _nodes.Add(node);
        return node;
    }

    private async Task DefineAsync(string pool, string prefix) =>
        Assert.True((await _fleet.PutPoolAsync(FleetWorld.PoolOf(pool, prefix, 64), null, Cancellation)).IsOk);

    private Task<FleetResult<LimitRule>> PutLimitAsync(int tunnels) => _fleet.PutLimitAsync(
        new LimitRule { Identity = "anonymous", Limit = new IdentityLimit { Tunnels = tunnels } }, null, Cancellation).AsTask();

    private async Task PassAsync(TimeSpan time)
    {
        for (var end = _time.GetUtcNow() + time; _time.GetUtcNow() < end;)
        {
            _time.Advance(Timings.ReportInterval);
            _fleet.Tick();
            foreach (var node in _nodes)
                await node.TryReportAsync(_fleet);
        }
    }

    private LocalFleet Begin(MemoryStore? disk = null) =>
        new(new LocalFleetConfig { Timings = Timings }, [], _time, new Random(4), (disk ?? _disk).Open());
}
