using Relay.Fleet.Contract;
using Relay.Node.Fleet;
using Relay.Node.Options;
using Relay.Node.Tests.Users;

namespace Relay.Node.Tests.Fleet;

public class FleetLinkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly Prefix Block = Prefix.Parse("2001:db8:0:1::/64");

    private static readonly FleetConfig WithPool = new() { Mode = FleetMode.Local, NodeId = "edge-1", Pools = ["v6"] };

    [Fact]
    public async Task Report_SaysWhatTheNodeIs()
    {
        await using var node = new FakeNode();
        node.Warnings.Add("the certificate runs out");
        node.IsOpenRelay = true;
        node.Sessions.Begin("alice");
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        var report = Assert.Single(node.Fleet.Reports);
        Assert.Empty(ReportValidator.Faults(report));
        Assert.Equal(
            ("edge-1", 1L, NodeState.Serving, "1.2.3", 1L),
            (report.Node, report.Sequence, report.State, report.Version, report.Load.Sessions));
        Assert.Equal(["192.0.2.1:443"], report.Addresses);
        Assert.Equal(["host"], report.Egress);
        Assert.Equal(["the certificate runs out"], report.Warnings);
        Assert.True(report.IsOpenRelay);
        Assert.Equal("credential:alice", Assert.Single(report.Sessions.Changed).Identity);
        Assert.NotEqual(Guid.Empty, report.Incarnation);
    }

    [Fact]
    public async Task Users_ThatADirectiveBrings_AreTaken_AndTheNextReportSaysHowFar()
    {
        using var folder = new ScratchFolder();
        await using var node = new FakeNode(usersFile: folder.File("users"));
        UserPage?[] pages = [SampleUsers.Whole(10, SampleUsers.User("alice")), SampleUsers.Since(10, 12, SampleUsers.User("bob")), null];
        node.Fleet.Answer = report =>
            Task.FromResult(FakeFleet.Directive(report) with { Users = pages[Math.Min(report.Sequence - 1, 2)] });
        for (var i = 0; i < 4; i++)
            Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.All(node.Fleet.Reports, static report => Assert.Empty(ReportValidator.Faults(report)));
        Assert.Equal(
            [UserPosition.Nothing, new(SampleUsers.Store, 10), new(SampleUsers.Store, 12), new(SampleUsers.Store, 12)],
            node.Fleet.Reports.Select(static report => report.Users));
    }

    [Fact]
    public async Task Users_OfAnotherStore_AreAWarningOfTheReport_AndTheNodeIsReady()
    {
        using var folder = new ScratchFolder();
        await using var node = new FakeNode(usersFile: folder.File("users"));
        UserPage?[] pages = [SampleUsers.Whole(10, SampleUsers.User("alice")), SampleUsers.Whole(11) with { Store = SampleUsers.OtherStore }, null];
        node.Fleet.Answer = report =>
            Task.FromResult(FakeFleet.Directive(report) with { Users = pages[Math.Min(report.Sequence - 1, 2)] });
        for (var i = 0; i < 4; i++)
            Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        var report = node.Fleet.Reports[2];
        Assert.Empty(ReportValidator.Faults(report));
        Assert.Contains("until an operator confirms", Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.Equal((NodeState.Serving, 0, new UserPosition(SampleUsers.Store, 10)), (report.State, report.NotReady.Count, report.Users));
        Assert.Empty(node.Fleet.Reports[3].Warnings);
    }

    [Fact]
    public async Task Users_OfANodeThatTakesNone_AreNotSpokenOf()
    {
        await using var node = new FakeNode();
        node.Fleet.Answer = static report =>
            Task.FromResult(FakeFleet.Directive(report) with { Users = SampleUsers.Whole(10, SampleUsers.User("alice")) });
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.All(node.Fleet.Reports, static report => Assert.Null(report.Users));
    }

    [Fact]
    public async Task Users_GrowOld_WhereOnlyStandInsAnswer()
    {
        using var folder = new ScratchFolder();
        await using var node = new FakeNode(usersFile: folder.File("users"));
        var isStandIn = false;
        node.Fleet.Answer = report => Task.FromResult(FakeFleet.Directive(report) with
        {
            IsStandIn = isStandIn,
            Users = isStandIn ? null : SampleUsers.Whole(10, SampleUsers.User("alice")),
        });
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        isStandIn = true;
        node.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.Equal(TimeSpan.FromHours(1), node.Users!.Age);
        Assert.Equal(10, node.Users.Version);
    }

    [Fact]
    public async Task Users_GrowOld_WhereWhoAnswersKnowsNothingOfThem()
    {
        using var folder = new ScratchFolder();
        await using var node = new FakeNode(usersFile: folder.File("users"));
        node.Fleet.Answer = static report =>
            Task.FromResult(FakeFleet.Directive(report) with { Users = SampleUsers.Whole(10, SampleUsers.User("alice")) });
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report));
        node.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.Equal(TimeSpan.FromHours(1), node.Users!.Age);

        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report) with { KnowsUsers = true });
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.Equal(TimeSpan.Zero, node.Users.Age);
    }

    [Fact]
    public async Task Users_OfManyPages_AreAskedForSooner()
    {
        using var folder = new ScratchFolder();
        await using var node = new FakeNode(usersFile: folder.File("users"));
        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report) with
        {
            Users = SampleUsers.Since(report.Users!.Version, report.Users.Version + 1) with { IsLast = report.Sequence == 3 },
        });
        node.Link.Start();
        for (var i = 1; i <= 3; i++)
        {
            await Eventually.HoldsAsync(() => node.Fleet.Reports.Count == i);
            await WaitForTimerAsync(node);
            node.Clock.Advance(TimeSpan.FromSeconds(0.41));
        }
        await WaitForTimerAsync(node);
        Assert.Equal(3, node.Fleet.Reports.Count);
    }

    [Fact]
    public async Task Reports_FollowEachOther_AboutASecondApart()
    {
        await using var node = new FakeNode();
        node.Link.Start();
        for (var i = 1; i <= 5; i++)
        {
            await Eventually.HoldsAsync(() => node.Fleet.Reports.Count == i);
            await WaitForTimerAsync(node);
            node.Clock.Advance(TimeSpan.FromSeconds(0.85));
            Assert.Equal(i, node.Fleet.Reports.Count);
            node.Clock.Advance(TimeSpan.FromSeconds(0.25));
        }
        await Eventually.HoldsAsync(() => node.Fleet.Reports.Count == 6);
        Assert.Equal([1, 2, 3, 4, 5, 6], node.Fleet.Reports.Select(static report => report.Sequence));
        Assert.Single(node.Fleet.Reports.Select(static report => report.Incarnation).Distinct());
    }

    [Fact]
    public async Task Silence_IsSaidOnce_CountedAndOvercome()
    {
        await using var node = new FakeNode();
        node.Fleet.FailsWith(new FleetUnavailableException("gone fishing"));
        for (var i = 0; i < 3; i++)
            Assert.False(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.Equal((3, 3L), (node.Failures, node.Link.Failures));
        Assert.Single(node.Log.Lines, static line => line.Text.Contains("gone fishing", StringComparison.Ordinal));
        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report));
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.Single(
            node.Log.Lines, static line => line.Text.StartsWith("the fleet answers again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refusal_IsSaidOnceAsAnError()
    {
        await using var node = new FakeNode();
        node.Fleet.FailsWith(new FleetRejectedException("wrong token"));
        for (var i = 0; i < 3; i++)
            Assert.False(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.Equal("the fleet refuses this node: wrong token", Assert.Single(node.Log.Lines).Text);
    }

    [Fact]
    public async Task Name_ThatAnotherProcessHas_IsAskedForAsOftenAsTheFleetWants_AndServesNobodyUntilItIsItsOwn()
    {
        await using var node = new FakeNode();
        var isTaken = true;
        node.Fleet.Answer = report => isTaken
            ? Task.FromException<NodeDirective>(new NodeNameTakenException("at 192.0.2.9:443", TimeSpan.FromSeconds(2)))
            : Task.FromResult(FakeFleet.Directive(report));
        node.Link.Start();
        for (var i = 1; i <= 3; i++)
        {
            await Eventually.HoldsAsync(() => node.Fleet.Reports.Count == i);
            await WaitForTimerAsync(node);
            Assert.Equal("at 192.0.2.9:443", node.NotNamed);
            node.Clock.Advance(TimeSpan.FromSeconds(1.9));
            Assert.Equal(i, node.Fleet.Reports.Count);
            isTaken = i < 3;
            node.Clock.Advance(TimeSpan.FromSeconds(0.2));
        }
        await Eventually.HoldsAsync(() => node.NotNamed is null);
        Assert.Equal(
            [
                "the node is not ready, and asks again and again: at 192.0.2.9:443",
                "the fleet takes this process for the node now",
            ],
            node.Log.Lines.Select(static line => line.Text));
    }

    [Fact]
    public async Task Name_OfWhichNobodyAnswers_IsNotLostForIt()
    {
        await using var node = new FakeNode();
        node.Fleet.FailsWith(new FleetUnavailableException("away"));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Null(node.NotNamed);

        node.Fleet.FailsWith(new NodeNameTakenException("taken", TimeSpan.FromSeconds(1)));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        node.Fleet.FailsWith(new FleetUnavailableException("away"));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Equal("taken", node.NotNamed);
    }

    [Fact]
    public async Task Leaving_WithoutTheName_EndsWithTheRefusal()
    {
        await using var node = new FakeNode();
        node.Fleet.FailsWith(new NodeNameTakenException("taken", TimeSpan.FromSeconds(1)));
        await node.Link.LeaveAsync(Cancel);
        Assert.True(Assert.Single(node.Fleet.Reports).IsLeaving);
    }

    [Fact]
    public async Task Defect_OfWhoeverIsAsked_DoesNotEndTheLink()
    {
        await using var node = new FakeNode();
        node.Fleet.FailsWith(new InvalidOperationException("a defect"));
        Assert.False(await node.Link.ReportAsync(isLeaving: false, Cancel));
        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report) with { Sequence = 99 });
        Assert.False(await node.Link.ReportAsync(isLeaving: false, Cancel));
        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report));
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
    }

    [Fact]
    public async Task AnswerThatDoesNotCome_IsGivenUp_AndDeadlinesAreKeptMeanwhile()
    {
        await using var node = new FakeNode();
        node.Tunnels = 1;
        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report) with
        {
            Drain = new DrainOrder("d1", DrainMode.Immediate, 0, 2000, "test"),
        });
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Equal(NodeState.Draining, node.Drain.State);
        node.Fleet.Answer = static _ => new TaskCompletionSource<NodeDirective>().Task;
        var report = node.Link.ReportAsync(isLeaving: false, Cancel);
        await Eventually.HoldsAsync(() => node.Fleet.Reports.Count == 2);
        // Ticks come by the clock, though the report is still under way.
        for (var i = 0; i < 8; i++)
            node.Clock.Advance(FleetLink.TickInterval);
        Assert.Equal((NodeState.Drained, 1L), (node.Drain.State, node.ForceClosedTunnels));
        node.Clock.Advance(node.Link.AnswerTime);
        Assert.False(await report);
        Assert.Contains(
            node.Log.Lines, static line => line.Text.Contains("no answer within 5 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Directive_IsCarriedOut()
    {
        await using var node = new FakeNode();
        var session = node.Sessions.Begin("alice");
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        var id = node.Fleet.Reports[0].Sessions.Changed[0].Id;
        node.Journal.OnFlowOpened(session, new(System.Net.IPAddress.Parse("192.0.2.9"), 4000));
        node.Fleet.Answer = report => Task.FromResult(FakeFleet.Directive(report) with
        {
            EndSessions = [id, "unknown"],
            Lookups = [new FlowLookup("q1", "192.0.2.9", 4000), new FlowLookup("q2", "192.0.2.9", 4001)],
            Limits = [new IdentityAllowance(
                "credential:alice", new IdentityLimit { Tunnels = 3, BytesPerSecond = 1000 })],
            DefaultLimit = new IdentityLimit { Sessions = 2 },
        });
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Same(session, Assert.Single(node.Sessions.Ended));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Single(node.Sessions.Ended);
        Assert.Equal(
            [("q1", id), ("q2", "")],
            node.Fleet.Reports[2].Answers.Select(static a => (a.Id, string.Join(" ", a.Sessions))));
    }

    [Fact]
    public async Task StandIn_EndsRenewsAndConfirmsNothing()
    {
        await using var node = new FakeNode(WithPool) { Tunnels = 1 };
        var released = new LeaseClaim("v6", Prefix.Parse("2001:db8:0:2::/64"), 3);
        node.Sessions.Begin("alice");
        node.Fleet.Answer = report => Task.FromResult(FakeFleet.Directive(report) with
        {
            Leases = [new LeaseGrant("v6", Block, 7, 60_000), new LeaseGrant("v6", released.Prefix, 3, 60_000, IsReleasing: true)],
            Drain = new DrainOrder("d1", DrainMode.Gradual, 300_000, 600_000, "test"),
            Limits = [new IdentityAllowance("credential:alice", new IdentityLimit { Tunnels = 3 })],
            Lookups = [new FlowLookup("q1", "192.0.2.9", 4000)],
            ReportIntervalMilliseconds = 2000,
        });
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        await Eventually.HoldsAsync(() => node.Leases.InUse.Count == 1);
        var expires = node.Leases.ExpiresIn;

        node.Clock.Advance(TimeSpan.FromSeconds(10));
        node.Sessions.Begin("bob");
        node.Fleet.Answer = static report => Task.FromResult(StandIn(report));
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));
        Assert.True(await node.Link.ReportAsync(isLeaving: false, Cancel));

        Assert.Equal(expires - TimeSpan.FromSeconds(10), node.Leases.ExpiresIn);
        Assert.Equal((NodeState.Lame, "d1"), (node.Drain.State, node.Drain.Progress?.Id));
        var (first, second) = (node.Fleet.Reports[1], node.Fleet.Reports[2]);
        Assert.Equal([released], first.Released);
        Assert.Equal([released], second.Released);
        Assert.Equal((false, false, 1), (first.Sessions.IsRestart, second.Sessions.IsRestart, first.Sessions.Changed.Count));
        Assert.Equal(first.Sessions.Changed.Select(static one => one.Id), second.Sessions.Changed.Select(static one => one.Id));
        Assert.Equal("q1", Assert.Single(second.Answers).Id);
        var limited = new FakeSessions().Create("alice");
        Assert.True(node.Identities.TryBegin(limited, 0));
        Assert.Equal(3, limited.Owner!.Limits.MaxTunnels);
        Assert.DoesNotContain(
            node.Log.Lines, static line => line.Text.Contains("answer in place", StringComparison.Ordinal));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Single(node.Log.Lines, static line => line.Text.Contains("answer in place", StringComparison.Ordinal));
        Assert.Equal((1, 3), (node.Answers, node.Failures));
    }

    /// <summary>What who decides has answered, and has not arrived.</summary>
    [Fact]
    public async Task StandIn_ThatKnowsALaterAnswer_TellsItsDrainAndWhatArrived_AndNothingOfOneBefore()
    {
        await using var node = new FakeNode();
        node.Sessions.Begin("alice");
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        node.Sessions.Begin("bob");
        node.Fleet.FailsWith(new FleetUnavailableException("lost"));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        var order = new DrainOrder("d1", DrainMode.Gradual, 300_000, 600_000, "test");
        node.Fleet.Answer = report => Task.FromResult(StandIn(report) with { KnownSequence = 1, Drain = order });
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Equal(NodeState.Serving, node.Drain.State);

        node.Fleet.Answer = report => Task.FromResult(StandIn(report) with
        {
            KnownSequence = 2,
            Drain = order,
            AcknowledgedSessions = node.Fleet.Reports[1].Sessions.To,
        });
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Equal(NodeState.Lame, node.Drain.State);
        node.Fleet.Answer = static report => Task.FromResult(StandIn(report) with { KnownSequence = 2 });
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Equal(NodeState.Lame, node.Drain.State);
        Assert.Empty(node.Fleet.Reports[^1].Sessions.Changed);
    }

    [Fact]
    public async Task StandIn_DoesNotConfirmThatANodeLeaves()
    {
        await using var node = new FakeNode();
        node.Fleet.Answer = static report => Task.FromResult(StandIn(report));
        Assert.False(await node.Link.ReportAsync(isLeaving: true, Cancel));
        Assert.Equal(0, node.Fleet.Reports[0].StandInAfterMilliseconds);
    }

    [Fact]
    public async Task StandIn_SaysNothingOfTheName_AndANodeThatNobodyElseAnswersServesAfterAWhile()
    {
        await using var node = new FakeNode();
        node.Fleet.Answer = static report => Task.FromResult(StandIn(report));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Equal("not asked", node.NotNamed);
        node.Fleet.FailsWith(new NodeNameTakenException("taken", TimeSpan.FromSeconds(1)));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        node.Fleet.Answer = static report => Task.FromResult(StandIn(report));
        node.Clock.Advance(2 * FleetLink.NameTime);
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Equal("taken", node.NotNamed);

        await using var other = new FakeNode();
        other.Fleet.Answer = static report => Task.FromResult(StandIn(report));
        other.Clock.Advance(FleetLink.NameTime);
        await other.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Null(other.NotNamed);
    }

    /// <summary>Who decides may be slow, and not away: nobody else renews leases.</summary>
    [Fact]
    public async Task StandIns_ManyInARow_LetTheNodeBePatientNowAndThen()
    {
        await using var node = new FakeNode();
        node.Fleet.Answer = static report => Task.FromResult(StandIn(report));
        for (var i = 0; i < 2 * FleetLink.PatientEvery; i++)
            await node.Link.ReportAsync(isLeaving: false, Cancel);
        var waits = node.Fleet.Reports.Select(static report => report.StandInAfterMilliseconds).ToArray();
        Assert.Equal((2, 2 * (FleetLink.PatientEvery - 1)), (waits.Count(static wait => wait == 2500), waits.Count(static wait => wait == 800)));
        Assert.All(node.Fleet.Reports, static report => Assert.Empty(ReportValidator.Faults(report)));
    }

    [Fact]
    public async Task SamplesOfALostReport_AreToldWithTheNext()
    {
        await using var node = new FakeNode();
        node.Rtt = new Distribution([1, 2]);
        node.Fleet.FailsWith(new FleetUnavailableException("away"));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        node.Rtt = new Distribution([1]);
        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report));
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        Assert.Equal([3, 4, 0], node.Fleet.Reports.Select(static report => report.Rtt.Count));
    }

    [Fact]
    public async Task WithoutALease_TheNodeIsStarting_AndLeavesWithWhatItHeld()
    {
        await using var node = new FakeNode(WithPool);
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        var first = node.Fleet.Reports[0];
        Assert.Equal(NodeState.Starting, first.State);
        Assert.Equal(["no block of pool 'v6': the fleet has not answered yet"], first.NotReady);
        Assert.Equal(["v6"], first.Pools);
        Assert.Equal(["none"], first.Egress);
        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report) with
        {
            Leases = report.IsLeaving ? [] : [new LeaseGrant("v6", Block, 7, 60_000)],
        });
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        await Eventually.HoldsAsync(() => node.Leases.InUse.Count == 1);
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        var serving = node.Fleet.Reports[2];
        Assert.Equal(NodeState.Serving, serving.State);
        Assert.Equal([new LeaseClaim("v6", Block, 7)], serving.Leases);
        Assert.Equal([$"prefix {Block} (pool v6)"], serving.Egress);

        var session = node.Sessions.Begin();
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        node.Link.BeginShutdown();
        node.Sessions.Finish(session);
        await node.Link.LeaveAsync(Cancel);
        var last = node.Fleet.Reports[^1];
        Assert.True(last.IsLeaving);
        Assert.Equal(NodeState.Draining, last.State);
        Assert.Equal([new LeaseClaim("v6", Block, 7)], last.Released);
        Assert.Empty(last.Leases);
        Assert.Empty(last.Pools);
        Assert.Single(last.Sessions.Ended);
        Assert.Empty(ReportValidator.Faults(last));
    }

    /// <summary>As of a storage that has failed: the words of others are what the node then says of itself.</summary>
    [Fact]
    public async Task LeaseFault_OfManyLines_IsReportedAsTheFleetTakesIt()
    {
        await using var node = new FakeNode(WithPool);
        node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report) with
        {
            LeaseFaults = ["the storage failed:\n\tit is away\r\n" + new string('x', 1000)],
        });
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        await node.Link.ReportAsync(isLeaving: false, Cancel);
        var report = node.Fleet.Reports[1];
        Assert.StartsWith(
            "no block of pool 'v6': the storage failed:  it is away", Assert.Single(report.NotReady),
            StringComparison.Ordinal);
        Assert.Empty(ReportValidator.Faults(report));
    }

    [Fact]
    public async Task Leaving_InAHurry_WaitsForNobody()
    {
        await using var node = new FakeNode();
        node.Fleet.Answer = static _ => new TaskCompletionSource<NodeDirective>().Task;
        using var hurry = new CancellationTokenSource();
        var leaving = node.Link.LeaveAsync(hurry.Token);
        await Eventually.HoldsAsync(() => node.Fleet.Reports.Count == 1);
        Assert.True(node.Fleet.Reports[0].IsLeaving);
        await hurry.CancelAsync();
        await leaving;
        Assert.Single(node.Fleet.Reports);
    }

    [Fact]
    public void Pacing_WhereNobodyAnswers_GrowsToItsLimitWithJitter()
    {
        var pacing = new ReportPacing(new Random(1));
        var waits = Enumerable.Range(0, 12).Select(_ => pacing.OnFailed(isRefused: false).TotalSeconds).ToArray();
        var ceiling = 1.0;
        foreach (var wait in waits)
        {
            ceiling = Math.Min(2 * ceiling, ReportPacing.Longest.TotalSeconds);
            Assert.InRange(wait, ceiling / 2, ceiling);
        }
        Assert.Equal(waits.Length, waits.Distinct().Count());
        Assert.InRange(pacing.OnAnswered(hasMore: false).TotalSeconds, 0.9, 1.1);
        Assert.Equal(0, pacing.Failures);
        Assert.Equal(0.4, pacing.OnAnswered(hasMore: true).TotalSeconds);
        Assert.InRange(pacing.OnFailed(isRefused: true).TotalSeconds, 5, 10);
    }

    [Fact]
    public async Task Silence_WhileALeaseHasLittleLeft_IsAskedIntoEveryThreeSeconds()
    {
        await using var node = new FakeNode(WithPool);
        node.Fleet.Answer = static report => report.Sequence > 1
            ? Task.FromException<NodeDirective>(new FleetUnavailableException("away"))
            : Task.FromResult(FakeFleet.Directive(report) with { Leases = [new LeaseGrant("v6", Block, 7, 59_000)] });
        node.Link.Start();
        for (var i = 1; i <= 12; i++)
        {
            await Eventually.HoldsAsync(() => node.Fleet.Reports.Count >= i);
            await WaitForTimerAsync(node);
            node.Clock.Advance(ReportPacing.LongestWhenShort);
        }
        await Eventually.HoldsAsync(() => node.Fleet.Reports.Count >= 13);
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData(61, 10)]
    [InlineData(59, 3)]
    public void Pacing_WhileALeaseHasLittleLeft_WaitsForLess(int? leaseLeft, int longest)
    {
        var pacing = new ReportPacing(new Random(1));
        TimeSpan? left = leaseLeft is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        for (var i = 0; i < 10; i++)
            pacing.OnFailed(isRefused: false, left);
        Assert.InRange(pacing.OnFailed(isRefused: false, left).TotalSeconds, longest / 2.0, longest);
        Assert.InRange(pacing.OnFailed(isRefused: true, left).TotalSeconds, longest / 2.0, longest);
    }

    [Theory]
    [InlineData(-5, 0.1)]
    [InlineData(2, 2)]
    [InlineData(1_000_000, 10)]
    public void Pacing_AnInterval_IsKeptWithinBounds(double asked, double taken)
    {
        var pacing = new ReportPacing(new Random(1)) { Interval = TimeSpan.FromSeconds(asked) };
        Assert.Equal(taken, pacing.Interval.TotalSeconds);
    }

    [Fact]
    public void Pacing_ManyNodesThatLostTheirFleet_ComeBackSpread()
    {
        var waits = Enumerable.Range(0, 1000).Select(static seed =>
        {
            var pacing = new ReportPacing(new Random(seed));
            for (var i = 0; i < 9; i++)
                pacing.OnFailed(isRefused: false);
            return pacing.OnFailed(isRefused: false).TotalSeconds;
        });
        // Over five seconds; no tenth of them holds more than twice its share.
        Assert.All(waits.GroupBy(static wait => (int)(wait * 2)),
            static tenth => Assert.InRange(tenth.Count(), 1, 200));
    }

    private static NodeDirective StandIn(NodeReport report) => new() { Sequence = report.Sequence, IsStandIn = true };

    // The link's own wait: beside the ticker's timer there is a second.
    private static Task WaitForTimerAsync(FakeNode node) => Eventually.HoldsAsync(() => node.Clock.ActiveTimers == 2);
}
