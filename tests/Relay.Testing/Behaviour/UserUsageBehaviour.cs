using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>What users of the fleet have used, by month, and what becomes of them at the end of a quota.</summary>
public abstract class UserUsageBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    [Fact]
    public async Task Use_OfSeveralNodes_IsCountedByUser_AndNobodyElses()
    {
        await PutAsync("alice", "bob");
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        Carry(a, "1", "user:alice", up: 100, down: 2000, tunnels: 2);
        Carry(b, "2", "user:alice", up: 10, down: 0, tunnels: 1);
        Carry(b, "3", "user:bob", up: 0, down: 7, tunnels: 1);
        Carry(b, "4", "user:stranger", up: 1, down: 1, tunnels: 1);
        Carry(b, "5", "credential:alice", up: 50, down: 50, tunnels: 1);

        await World.UntilAsync("all is counted", async () => await TotalAsync("alice") == 2110 && await TotalAsync("bob") == 7);
        Carry(a, "1", "user:alice", up: 100, down: 2500, tunnels: 3);
        a.Close("1");
        // Shorter than from one report to the next.
        Carry(a, "6", "user:alice", up: 1, down: 1, tunnels: 1);
        a.Close("6");
        await World.UntilAsync("what came last, too", async () => await TotalAsync("alice") == 2612);

        var usage = (await UsageAsync("alice"))!;
        Assert.Equal(new UserMonth($"{World.Now:yyyy-MM}", 111, 2501, 5), Assert.Single(usage.Months));
        Assert.Null(usage.BytesPerMonth);
        Assert.InRange(World.Now - usage.LastSeen!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        var listed = (await Fleet.ListUsersAsync(new UserQuery(), Cancellation)).Items;
        Assert.Equal([("alice", 2612L), ("bob", 7L)], listed.Select(static user => (user.Name, user.BytesThisMonth!.Value)));
        Assert.Equal(usage.LastSeen, listed[0].LastSeen);
        Assert.Equal(2612, (await Fleet.GetUserAsync("alice", Cancellation))!.BytesThisMonth);
        Assert.Null(await UsageAsync("stranger"));
        // Who is added later has used nothing before.
        await PutAsync("stranger");
        Assert.Empty((await UsageAsync("stranger"))!.Months);
    }

    [Fact]
    public async Task Use_OfReportsThatAreLost_OrComeTwice_CountsOnce()
    {
        await PutAsync("alice");
        var node = await World.JoinAsync("a");
        var bytes = 0L;
        for (var i = 0; i < 6; i++)
        {
            Carry(node, "1", "user:alice", up: bytes += 100, down: 0, tunnels: 1);
            (node.LosesAnswers, node.IsCutOff) = (i % 3 == 0, i % 3 == 1);
            await World.StepAsync();
        }
        (node.LosesAnswers, node.IsCutOff) = (false, false);
        await World.UntilAsync("all is counted", async () => await TotalAsync("alice") == 600);
        Carry(node, "1", "user:alice", up: 1600, down: 0, tunnels: 1);
        var report = node.Next();
        for (var i = 0; i < 3; i++)
            Assert.Equal(report.Use!.Number, (await Fleet.ReportAsync(report, Cancellation)).AcknowledgedUse);
        await World.RunAsync(5 * Timings.ReportInterval);

        Assert.Equal(1600, await TotalAsync("alice"));
        // Of a process that began anew all counts.
        await node.RestartAsync();
        Carry(node, "2", "user:alice", up: 30, down: 0, tunnels: 1);
        await World.UntilAsync("both are counted", async () => await TotalAsync("alice") == 1630);
    }

    [Fact]
    public async Task Use_WhereStateIsKept_OutlivesTheCoordinators_AndIsNotCountedAgain()
    {
        if (!World.KeepsState)
            return;
        await PutAsync("alice");
        var node = await World.JoinAsync("a");
        Carry(node, "1", "user:alice", up: 500, down: 0, tunnels: 1);
        await World.UntilAsync("it is counted", async () => await TotalAsync("alice") == 500);
        await World.RunAsync(TimeSpan.FromSeconds(15));
        var before = await UsageAsync("alice");
        // Its answer was lost, and so it comes again.
        Carry(node, "1", "user:alice", up: 700, down: 0, tunnels: 1);
        node.LosesAnswers = true;
        await World.StepAsync();
        node.LosesAnswers = false;

        await World.RestartAsync();
        await World.UntilAsync("it is known", async () => await TotalAsync("alice") >= before!.Months[0].BytesUp);
        await World.UntilAsync("the rest comes again", async () => await TotalAsync("alice") == 700);
        await World.RunAsync(5 * Timings.ReportInterval);
        Assert.Equal((700, 1), (await TotalAsync("alice"), (await UsageAsync("alice"))!.Months[0].Tunnels));
    }

    [Fact]
    public async Task Use_OfAUserThatWasRemoved_IsNotOfTheNextOfTheName()
    {
        await PutAsync("alice");
        var node = await World.JoinAsync("a");
        Carry(node, "1", "user:alice", up: 500, down: 0, tunnels: 1);
        await World.UntilAsync("it is counted", async () => await TotalAsync("alice") == 500);
        Assert.True((await Fleet.DeleteUserAsync("alice", null, Cancellation)).IsOk);
        Assert.Null(await UsageAsync("alice"));

        await PutAsync("alice");

        Assert.Equal((0, null), ((await UsageAsync("alice"))!.Months.Count, (await UsageAsync("alice"))!.LastSeen));
    }

    [Fact]
    public async Task Quota_ThatIsUsedUpOverSeveralNodes_EndsWhatIsOpen_UntilItIsRaised()
    {
        await PutAsync("alice", "bob");
        await PutLimitAsync("user:alice", 1000);
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        Carry(a, "1", "user:alice", up: 300, down: 300, tunnels: 1);
        Carry(b, "2", "user:alice", up: 0, down: 300, tunnels: 1);
        Carry(b, "3", "user:bob", up: 0, down: 5000, tunnels: 1);
        await World.UntilAsync("it is counted", async () => await TotalAsync("alice") == 900 && await TotalAsync("bob") == 5000);
        await World.StepAsync();
        Assert.Equal(["1"], a.Sessions);
        Assert.Equal(["2", "3"], b.Sessions.Order());
        Assert.Equal(1000, (await UsageAsync("alice"))!.BytesPerMonth);

        // With the answer to the report that tells of it, where it is used; elsewhere with the next that tells of anything.
        Carry(b, "2", "user:alice", up: 100, down: 300, tunnels: 1);
        await World.UntilAsync("it ends", () => b.Sessions.SequenceEqual(["3"]));
        Carry(a, "1", "user:alice", up: 301, down: 300, tunnels: 1);
        await World.UntilAsync("it ends there, too", () => a.Sessions.Count == 0);
        Assert.Equal(["alice"], a.LastDirective!.SpentUsers);
        Assert.Equal(["alice"], b.LastDirective!.SpentUsers);
        Assert.Equal($"{World.Now.AddMonths(1):yyyy-MM}-01 00:00:00", $"{a.LastDirective.MonthEndsAt:yyyy-MM-dd HH:mm:ss}");
        // Nor does a new one stay.
        Carry(a, "4", "user:alice", up: 0, down: 0, tunnels: 1);
        await World.UntilAsync("it ends as well", () => a.Sessions.Count == 0);

        await PutLimitAsync("user:alice", 1_000_000);
        await World.UntilAsync("both nodes have heard", () => a.LastDirective!.SpentUsers.Count + b.LastDirective!.SpentUsers.Count == 0);
        Carry(a, "5", "user:alice", up: 5, down: 0, tunnels: 1);
        await World.RunAsync(5 * Timings.ReportInterval);
        Assert.Equal(["5"], a.Sessions);
        Assert.Equal(["3"], b.Sessions);
    }

    [Fact]
    public async Task Quota_OfEverybody_IsOfEachUserWithoutALimit_AndBeginsAnewWithTheMonth()
    {
        await PutAsync("alice", "bob");
        await PutLimitAsync("*", 1000);
        Assert.True((await Fleet.PutLimitAsync(
            new LimitRule { Identity = "user:bob", Limit = new IdentityLimit { Tunnels = 100 } }, null, Cancellation)).IsOk);
        var node = await World.JoinAsync("a");
        Carry(node, "1", "user:alice", up: 1500, down: 0, tunnels: 1);
        Carry(node, "2", "user:bob", up: 1500, down: 0, tunnels: 1);
        Carry(node, "3", "credential:alice", up: 1500, down: 0, tunnels: 1);
        await World.UntilAsync("it ends", () => !node.Sessions.Contains("1"));
        Assert.Equal((1000, null), ((await UsageAsync("alice"))!.BytesPerMonth, (await UsageAsync("bob"))!.BytesPerMonth));

        World.SetClock(TimeSpan.FromDays(31));
        await World.UntilAsync("the month is over", () => node.LastDirective!.SpentUsers.Count == 0);
        Carry(node, "4", "user:alice", up: 10, down: 0, tunnels: 1);
        await World.UntilAsync("it is counted", async () => (await UsageAsync("alice"))!.Months.Count == 2);
        Assert.Equal([10, 1500], (await UsageAsync("alice"))!.Months.Select(static month => month.BytesUp));
        Assert.Equal(10, (await Fleet.GetUserAsync("alice", Cancellation))!.BytesThisMonth);
        await World.RunAsync(5 * Timings.ReportInterval);
        Assert.Equal(["2", "3", "4"], node.Sessions.Order());
    }

    [Theory]
    [InlineData("credential:alice")]
    [InlineData("anonymous")]
    public async Task Quota_OfWhoIsNoUser_IsRefused(string identity)
    {
        var put = await Fleet.PutLimitAsync(
            new LimitRule { Identity = identity, Limit = new IdentityLimit { BytesPerMonth = 1 } }, null, Cancellation);
        Assert.Equal((FleetStatus.Invalid, "limit.bytesPerMonth"), (put.Status, put.Field));
    }

    /// <summary>A node that lies costs a user no more than a machine could have carried.</summary>
    [Fact]
    public async Task Use_OfANodeThatLies_IsBelievedAsFarAsAMachineCarries_AndOfUsersThatThereAre()
    {
        await PutAsync("alice", "bob");
        await PutLimitAsync("user:bob", bytesPerMonth: null, bytesPerSecond: 1000);
        var node = await World.JoinAsync("a");
        await World.RunAsync(5 * Timings.ReportInterval);
        var began = World.Now;
        var number = 1L;
        node.Amend = report => report with
        {
            Use = new UserUseBatch
            {
                Number = number,
                Users =
                [
                    new UserUse("bob", 1L << 52, 1L << 52, 1L << 52), new UserUse("alice", 1L << 52, 1L << 52, 1L << 52),
                    new UserUse("stranger", 1, 1, 1),
                ],
            },
        };
        await World.UntilAsync("it is counted", async () => await TotalAsync("alice") > 0);

        // 400 Gbit/s, and a minute of what bob may use.
        var seconds = (World.Now - began).TotalSeconds + 15;
        Assert.InRange(await TotalAsync("alice"), 1, 50e9 * seconds);
        Assert.InRange(await TotalAsync("bob"), 1, 1000 * (seconds + 60));
        Assert.Null(await UsageAsync("stranger"));
        node.Amend = static report => report with
        {
            Use = new UserUseBatch { Number = 9, Users = [.. Enumerable.Range(0, 513).Select(static i => new UserUse($"u{i}", 1, 1, 1))] },
        };
        await World.StepAsync();
        Assert.IsType<FleetRejectedException>(node.LastFailure);
    }

    private static void Carry(SimulatedNode node, string session, string identity, long up, long down, long tunnels) =>
        node.Open(new SessionRecord
        {
            Id = session,
            Identity = identity,
            StartedAt = DateTimeOffset.UnixEpoch,
            TunnelsOpen = 1,
            TunnelsTotal = tunnels,
            UpstreamBytes = up,
            DownstreamBytes = down,
        });

    private async Task PutAsync(params string[] names)
    {
        foreach (var name in names)
            Assert.True((await Fleet.PutUserAsync(new User { Name = name }, null, Cancellation)).IsOk);
    }

    private async Task PutLimitAsync(string identity, long? bytesPerMonth, long? bytesPerSecond = null)
    {
        var put = await Fleet.PutLimitAsync(
            new LimitRule { Identity = identity, Limit = new IdentityLimit { BytesPerMonth = bytesPerMonth, BytesPerSecond = bytesPerSecond } },
            null, Cancellation);
        Assert.Equal((FleetStatus.Ok, null), (put.Status, put.Detail));
    }

    private ValueTask<UserUsage?> UsageAsync(string user) => Fleet.GetUserUsageAsync(user, Cancellation);

    private async Task<long> TotalAsync(string user) =>
        (await UsageAsync(user))?.Months.Sum(static month => month.BytesUp + month.BytesDown) ?? 0;
}
