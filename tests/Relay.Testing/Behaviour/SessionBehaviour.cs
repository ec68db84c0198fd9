using Relay.Fleet.Sessions;
using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>The directory of sessions.</summary>
public abstract class SessionBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    [Fact]
    public async Task Session_ThatOpensAndCloses_IsListedBetween()
    {
        var node = await World.JoinAsync("a");
        var opened = node.Open("session-1", "certificate:abc", "2001:db8::1");

        await World.UntilAsync("it is known", () => IsKnownAsync("session-1"));
        var known = await Fleet.GetSessionAsync("session-1", Cancellation);
        Assert.Equal(("a", "certificate:abc", SessionState.Active), (known!.Node, known.Identity, known.State));
        Assert.Equal(opened.StartedAt, known.StartedAt);
        Assert.Equal(["2001:db8::1"], known.EgressAddresses);

        node.Close("session-1");
        await World.UntilAsync("it is gone", async () => !await IsKnownAsync("session-1"));
        Assert.Empty((await ListAsync(new SessionQuery())).Items);
    }

    [Fact]
    public async Task Session_WhoseReportsAreNotAnswered_IsRightInTheEnd()
    {
        var node = await World.JoinAsync("a");
        node.LosesAnswers = true;
        node.Open("session-1");
        node.Open("session-2");
        await World.RunAsync(2 * Timings.ReportInterval);
        node.Close("session-1");
        await World.RunAsync(2 * Timings.ReportInterval);
        node.LosesAnswers = false;
        node.Open("session-3");

        await World.UntilAsync(
            "all is known", async () => await IdsAsync(new SessionQuery()) is ["session-2", "session-3"]);
    }

    [Fact]
    public async Task Sessions_AfterTheFleetForgotThem_AreToldAgain()
    {
        var node = await World.JoinAsync("a");
        node.Open("session-1");
        node.Open("session-2");
        await World.UntilAsync("they are known", async () => (await IdsAsync(new SessionQuery())).Length == 2);

        await World.RestartAsync();
        node.Close("session-1");

        await World.UntilAsync("they are known again", async () => await IdsAsync(new SessionQuery()) is ["session-2"]);
    }

    [Fact]
    public async Task Sessions_OfASilentNode_LeaveTheDirectoryAndComeBackWithIt()
    {
        var (node, other) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        node.Open("session-a");
        other.Open("session-b");
        await World.UntilAsync("they are known", async () => (await IdsAsync(new SessionQuery())).Length == 2);

        node.IsCutOff = true;
        await World.UntilAsync(
            "a's is gone", async () => await IdsAsync(new SessionQuery()) is ["session-b"],
            Timings.NodeTimeout + 3 * Timings.ReportInterval);

        node.IsCutOff = false;
        await World.UntilAsync(
            "it is back", async () => await IdsAsync(new SessionQuery()) is ["session-a", "session-b"]);
    }

    [Fact]
    public async Task Sessions_OfANodeThatDiedAndRestarted_AreGone()
    {
        var node = await World.JoinAsync("a");
        node.Open("old");
        await World.UntilAsync("it is known", () => IsKnownAsync("old"));

        await node.RestartAsync();
        node.Open("new");

        await World.UntilAsync("only the new one is known", async () => await IdsAsync(new SessionQuery()) is ["new"]);
    }

    [Fact]
    public async Task Sessions_MoreThanAReportHolds_AllArrive()
    {
        var node = await World.JoinAsync("a");
        const int count = SessionDelta.MaxChanges + 500;
        for (var i = 0; i < count; i++)
            node.Open($"session-{i}");

        await World.UntilAsync(
            "the last is known", async () => await CountAsync(new SessionQuery { Limit = 1000 }) == count);

        await World.RestartAsync();
        await World.UntilAsync(
            "all are known again", async () => await CountAsync(new SessionQuery { Limit = 1000 }) == count);
    }

    [Fact]
    public async Task Sessions_QueriedByWhatTheyHave_AreThoseThatFit()
    {
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        a.Open("a1", "credential:alice", "192.0.2.1");
        a.Open("a2", "credential:bob", "2001:db8:0:0::7");
        b.Open("b1", "credential:alice", "2001:db8::7");
        await World.UntilAsync("all are known", async () => (await IdsAsync(new SessionQuery())).Length == 3);

        Assert.Equal(["a1", "a2"], await IdsAsync(new SessionQuery { Node = "a" }));
        Assert.Equal(["a1", "b1"], await IdsAsync(new SessionQuery { Identity = "credential:alice" }));
        Assert.Equal(["b1"], await IdsAsync(new SessionQuery { Identity = "credential:alice", Node = "b" }));
        Assert.Equal(["a2", "b1"], await IdsAsync(new SessionQuery { EgressAddress = "2001:db8::7" }));
        Assert.Equal(["b1"],
            await IdsAsync(new SessionQuery { EgressAddress = "2001:DB8:0::7", Identity = "credential:alice" }));
        Assert.Empty(await IdsAsync(new SessionQuery { Identity = "credential:carol" }));
        Assert.Empty(await IdsAsync(new SessionQuery { Node = "c" }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("credential:even")]
    public async Task Sessions_MoreThanAPage_AreListedOnceEach(string? identity)
    {
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        for (var i = 0; i < 25; i++)
            (i % 3 == 0 ? a : b).Open($"s{i:D2}", i % 2 == 0 ? "credential:even" : "credential:odd");
        await World.UntilAsync("all are known", async () => (await IdsAsync(new SessionQuery())).Length == 25);

        List<string> seen = [];
        var query = new SessionQuery { Limit = 4, Identity = identity };
        for (var isFirst = true; isFirst || query.Cursor is not null; isFirst = false)
        {
            var page = await ListAsync(query);
            Assert.InRange(page.Items.Count, 0, 4);
            seen.AddRange(page.Items.Select(session => session.Id));
            query = query with { Cursor = page.Next };
        }

        Assert.Equal(identity is null ? 25 : 13, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task EndSession_OfALiveOne_EndsItOnItsNode()
    {
        var node = await World.JoinAsync("a");
        node.Open("session-1");
        node.Open("session-2");
        await World.UntilAsync("they are known", async () => (await IdsAsync(new SessionQuery())).Length == 2);

        var ended = await Fleet.EndSessionAsync("session-1", Cancellation);

        Assert.Equal(
            (FleetStatus.Ok, "session-1", SessionState.Ending), (ended.Status, ended.Value!.Id, ended.Value.State));
        await World.UntilAsync("it is gone", async () => await IdsAsync(new SessionQuery()) is ["session-2"]);
        Assert.Equal(["session-2"], node.Sessions);
        Assert.Equal(FleetStatus.NotFound, (await Fleet.EndSessionAsync("session-1", Cancellation)).Status);
        await World.UntilAsync("it is not asked for any more", () => node.LastDirective!.EndSessions.Count == 0);
    }

    [Fact]
    public async Task EndSession_ThatTwoNodesTellOf_EndsItOnBoth()
    {
        var (liar, node) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        liar.Open("session-1", "credential:nobody");
        node.Open("session-1");
        await World.UntilAsync("both are known", async () => await CountAsync(new SessionQuery()) == 2);

        Assert.True((await Fleet.EndSessionAsync("session-1", Cancellation)).IsOk);

        await World.UntilAsync("it is over", () => node.Sessions.Count == 0 && liar.Sessions.Count == 0);
    }

    [Fact]
    public async Task Session_WhoseIdIsAnotherNodes_IsNotKept_AndHidesNothing()
    {
        var (liar, node) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        var (own, other) = (SessionId.New("b"), SessionId.New("b"));
        liar.Open(own, "credential:nobody");
        liar.Open(other, "credential:nobody");
        liar.Open(SessionId.New("a"), "credential:of-a");
        node.Open(own, "credential:of-b");
        await World.UntilAsync("it is warned of", async () => (await Fleet.GetOverviewAsync(Cancellation)).Warnings.Any(
            static warning => warning is { Kind: "sessions-not-kept", Node: "a" }));
        await World.UntilAsync("those of both are known", async () => await CountAsync(new SessionQuery()) == 2);

        Assert.Equal(["credential:of-a", "credential:of-b"], (await ListAsync(new SessionQuery())).Items.Select(static session => session.Identity));
        var known = await Fleet.GetSessionAsync(own, Cancellation);
        Assert.Equal(("b", "credential:of-b"), (known!.Node, known.Identity));
        Assert.Null(await Fleet.GetSessionAsync(other, Cancellation));
        Assert.Equal(FleetStatus.NotFound, (await Fleet.EndSessionAsync(other, Cancellation)).Status);
        Assert.True((await Fleet.EndSessionAsync(own, Cancellation)).IsOk);
        await World.UntilAsync("it is over", () => node.Sessions.Count == 0);
    }

    [Fact]
    public async Task EndSession_WhileAnswersAreLost_IsToldAgain()
    {
        var node = await World.JoinAsync("a");
        node.Open("session-1");
        await World.UntilAsync("it is known", () => IsKnownAsync("session-1"));
        node.LosesAnswers = true;
        await Fleet.EndSessionAsync("session-1", Cancellation);
        await World.RunAsync(2 * Timings.ReportInterval);
        Assert.Equal(["session-1"], node.Sessions);

        node.LosesAnswers = false;

        await World.UntilAsync("it is gone", async () => !await IsKnownAsync("session-1"));
        Assert.Empty(node.Sessions);
    }

    [Fact]
    public async Task Lookup_ByAddressAndPort_AsksTheNodesThatShowTheAddress()
    {
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        a.Open("a1", egress: "192.0.2.1");
        b.Open("b1", egress: "192.0.2.1");
        b.Open("b2", egress: "192.0.2.1");
        b.OpenFlow("b2", "192.0.2.1", 4000);
        await World.UntilAsync("all are known", async () => (await IdsAsync(new SessionQuery())).Length == 3);

        var finding = Fleet.ListSessionsAsync(
            new SessionQuery { EgressAddress = "192.0.2.1", EgressPort = 4000 }, Cancellation);
        await World.AskedAsync(a, b);
        var found = await World.AnswerAsync(finding);

        Assert.Equal(["b2"], found.Items.Select(session => session.Id));
    }

    [Fact]
    public async Task Sessions_BeyondWhatTheirNodeIsMadeFor_AreCountedAndNotKept_AndAWarningNamesIt()
    {
        var (liar, node) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        liar.Amend = static report => report with { Capacity = report.Capacity with { MaxConnections = 3 } };
        for (var i = 0; i < 10; i++)
            liar.Open($"invented-{i}");
        node.Open("true");

        await World.UntilAsync("it is warned of", async () => (await Fleet.GetOverviewAsync(Cancellation)).Warnings.Any(
            static warning => warning is { Kind: "sessions-not-kept", Node: "a" }));

        Assert.Equal(3, await CountAsync(new SessionQuery { Node = "a" }));
        Assert.Equal(["true"], await IdsAsync(new SessionQuery { Node = "b" }));
        Assert.Equal(7, (await World.InfoAsync(liar)).SessionsNotKept);
    }

    [Fact]
    public async Task Sessions_BeyondWhatACoordinatorHasMemoryFor_AreCountedAndNotKept_AndOthersHaveTheirs()
    {
        var (liar, node) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        string[] addresses = [.. Enumerable.Range(1, SessionDirectory.MaxEgressAddresses).Select(static i => $"2001:db8:1234:5678:9abc:def0:1234:{i}")];
        liar.Amend = report => report with
        {
            Load = report.Load with { Sessions = SessionDelta.MaxChanges },
            Sessions = new SessionDelta
            {
                IsRestart = true,
                To = 1,
                Changed = [.. Enumerable.Range(0, SessionDelta.MaxChanges).Select(i => new SessionRecord
                {
                    Id = $"invented-{i:d5}",
                    Identity = "credential:" + new string('x', 240),
                    StartedAt = report.StartedAt,
                    EgressAddresses = addresses,
                })],
            },
        };
        await World.UntilAsync("it is warned of", async () => (await Fleet.GetOverviewAsync(Cancellation)).Warnings.Any(
            static warning => warning is { Kind: "sessions-not-kept", Node: "a" }));

        for (var i = 0; i < 100; i++)
            node.Open($"true-{i}");
        await World.UntilAsync("all of the other's are kept", async () => await CountAsync(new SessionQuery { Node = "b" }) == 100);
        Assert.Equal(0, (await World.InfoAsync(node)).SessionsNotKept);
        Assert.InRange((await World.InfoAsync(liar)).SessionsNotKept, 1, SessionDelta.MaxChanges);
    }

    [Fact]
    public async Task Lookup_OfALeasedAddress_BelievesWhomItWasLeasedTo_AtTheTime()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var (liar, node) = (await World.JoinAsync("a"), await World.JoinAsync("b", "v6"));
        await World.UntilAsync("it serves", () => node.State == NodeState.Serving, 2 * Timings.LeaseTime + TimeSpan.FromMinutes(1));
        var grantedAt = World.Now;
        var address = new AddressBits(false, node.UsedBlocks.Single().Network.Value + 7).ToIPAddress().ToString();
        liar.StaticPrefixes.Add(Prefix.Parse("2001:db8::/32"));
        foreach (var (one, session) in (IEnumerable<(SimulatedNode, string)>)[(liar, "pinned"), (node, "true")])
        {
            one.Open(session, egress: address);
            one.OpenFlow(session, address, 4000);
        }
        await World.UntilAsync("both are known", async () => await CountAsync(new SessionQuery()) == 2);

        Assert.Equal(["true"], await IdsAsync(new SessionQuery { EgressAddress = address }));
        Assert.Equal(["true"], await WhoUsesAsync(address, at: null));
        Assert.Empty(await WhoUsesAsync(address, grantedAt - Timings.LeaseTime));
    }

    [Fact]
    public async Task Lookup_OfAnAddressOutsideOfPools_ShowsTheAnswersOfAllThatHaveOrShowIt()
    {
        // Whoever has it by a translator shows it, and has it in no configuration: who says that it is his takes no word from it.
        var (a, liar, translated) = (await World.JoinAsync("a"), await World.JoinAsync("b"), await World.JoinAsync("c"));
        a.Addresses = ["192.0.2.77:443"];
        liar.StaticPrefixes.Add(Prefix.Parse("192.0.2.77/32"));
        foreach (var one in (SimulatedNode[])[a, liar, translated])
        {
            one.Open($"of-{one.Name}", egress: "192.0.2.77");
            one.OpenFlow($"of-{one.Name}", "192.0.2.77", 4000);
        }
        await World.UntilAsync("all are known", async () => await CountAsync(new SessionQuery()) == 3);

        Assert.Equal(["of-a", "of-b", "of-c"], await IdsAsync(new SessionQuery { EgressAddress = "192.0.2.77" }));
        Assert.Equal(["of-a", "of-b", "of-c"], await WhoUsesAsync("192.0.2.77", at: null));
    }

    [Fact]
    public async Task Lookup_WhoseNodeHangs_IsAnsweredAllTheSame()
    {
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        a.Open("a1", egress: "192.0.2.1");
        b.Open("b1", egress: "192.0.2.1");
        b.OpenFlow("b1", "192.0.2.1", 4000);
        await World.UntilAsync("all are known", async () => (await IdsAsync(new SessionQuery())).Length == 2);
        a.IsCutOff = true;

        var finding = Fleet.ListSessionsAsync(
            new SessionQuery { EgressAddress = "192.0.2.1", EgressPort = 4000 }, Cancellation);
        await World.AskedAsync(b);
        var found = await World.AnswerAsync(finding);
        var nobody = await World.AnswerAsync(Fleet.ListSessionsAsync(
            new SessionQuery { EgressAddress = "203.0.113.9", EgressPort = 4000 }, Cancellation));

        Assert.Equal(["b1"], found.Items.Select(session => session.Id));
        Assert.Empty(nobody.Items);
    }

    private async Task<string[]> WhoUsesAsync(string address, DateTimeOffset? at) =>
        [.. (await World.AnswerAsync(Fleet.ListSessionsAsync(
            new SessionQuery { EgressAddress = address, EgressPort = 4000, At = at }, Cancellation))).Items
            .Select(session => session.Id).Order(StringComparer.Ordinal)];

    private async Task<bool> IsKnownAsync(string session) =>
        await Fleet.GetSessionAsync(session, Cancellation) is not null;

    private ValueTask<Page<SessionRecord>> ListAsync(SessionQuery query) =>
        Fleet.ListSessionsAsync(query, Cancellation);

    private async Task<string[]> IdsAsync(SessionQuery query) =>
        [.. (await ListAsync(query)).Items.Select(session => session.Id).Order(StringComparer.Ordinal)];

    private async Task<int> CountAsync(SessionQuery query)
    {
        var count = 0;
        do
        {
            var page = await ListAsync(query);
            count += page.Items.Count;
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);
        return count;
    }
}
