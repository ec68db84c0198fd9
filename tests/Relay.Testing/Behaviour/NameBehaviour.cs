using Relay.Fleet.Nodes;
using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>Two processes report as one node.</summary>
public abstract class NameBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    [Fact]
    public async Task Name_OfANodeThatReports_StaysItsOwn()
    {
        var (first, second) = (await World.JoinAsync("a"), World.Add("a"));
        second.Addresses = ["192.0.2.20:443"];

        for (var step = 0; step < 20; step++)
        {
            await World.StepAsync();
            Assert.Equal((null, null), (first.NameTaken, first.Rejection));
            Assert.NotNull(second.NameTaken);
        }

        Assert.Equal(Timings.ReportInterval, second.NameTaken!.RetryAfter);
        Assert.Contains("at 192.0.2.10:443, and keeps", second.NameTaken.Message, StringComparison.Ordinal);
        Assert.Contains("this one is at 192.0.2.20:443", second.NameTaken.Message, StringComparison.Ordinal);
        var info = await World.InfoAsync(first);
        Assert.Equal((first.Incarnation, "192.0.2.20:443"), (info.Incarnation, info.Contender?.Addresses.Single()));
        var warning = Assert.Single(await WarningsAsync());
        Assert.Equal(("node-name-taken", "a"), (warning.Kind, warning.Node));

        second.IsDead = true;
        await World.UntilAsync("nobody is warned of any more", async () => (await WarningsAsync()).Count == 0);
    }

    [Fact]
    public async Task Name_ByATokenOfManyNodes_IsOfTheSourceThatItsProcessWasLastHeardOfFrom()
    {
        var (node, thief) = (World.Add("a"), World.Add("a"));
        node.Amend = static report => report with { Sender = new ReportSender("*", "192.0.2.1") };
        await World.UntilAsync("it is a", () => node.LastDirective is not null);
        thief.Amend = static report => report with { Sender = new ReportSender("*", "192.0.2.2") };
        await World.StepAsync();
        Assert.Equal((null, true), (node.NameTaken, thief.NameTaken is not null));
        // The same process may come by another address, as of the other family or of a balancer.
        node.Amend = static report => report with { Sender = new ReportSender("*", "192.0.2.3") };
        await World.StepAsync();
        Assert.Equal((null, true), (node.NameTaken, thief.NameTaken is not null));

        node.IsCutOff = true;
        await World.RunAsync(Timings.NodeTimeout - Timings.ReportInterval);
        Assert.NotNull(thief.NameTaken);
        await World.UntilAsync("it may be its", () => thief.LastDirective is not null, 3 * Timings.ReportInterval);
    }

    [Fact]
    public async Task Names_ByATokenOfManyNodes_AreBoundedAtEachSource()
    {
        ReportSender sender = new("*", "192.0.2.1");
        for (var i = 0; i < NodeRegistry.MaxNamesOfSource; i++)
            await Fleet.ReportAsync(ReportOf($"name-{i}", sender), Cancellation);

        var refusal = await Assert.ThrowsAsync<FleetRejectedException>(
            async () => await Fleet.ReportAsync(ReportOf("more", sender), Cancellation));

        Assert.Contains("192.0.2.1", refusal.Message, StringComparison.Ordinal);
        await Fleet.ReportAsync(ReportOf("other", sender with { Source = "192.0.2.2" }), Cancellation);
        await Fleet.ReportAsync(ReportOf("own", sender: null), Cancellation);
        await Fleet.ReportAsync(ReportOf("name-3", sender) with { Sequence = 2 }, Cancellation);
    }

    private static NodeReport ReportOf(string node, ReportSender? sender) => new()
    {
        Node = node,
        Incarnation = new Guid(node.Length, 1, 1, [.. node.PadRight(8)[..8].Select(static c => (byte)c)]),
        Sequence = 1,
        State = NodeState.Serving,
        Sender = sender,
    };

    [Fact]
    public async Task Name_OfANodeThatCrashed_IsTheNextProcessesWithinFiveSeconds()
    {
        var node = await World.JoinAsync("a");

        await node.RestartAsync();
        await World.StepAsync();

        Assert.Contains(
            "this one is at 192.0.2.10:443 as well: wait if it was started again", node.NameTaken?.Message ?? "",
            StringComparison.Ordinal);
        await World.UntilAsync("it is a", () => node.LastDirective is not null, TimeSpan.FromSeconds(4));
        await World.StepAsync();
        Assert.Null(node.NameTaken);
        Assert.Empty(await WarningsAsync());
    }

    [Fact]
    public async Task Name_OfANodeThatWasHeldUp_ComesBackWhenTheOtherIsGone()
    {
        var (first, second) = (await World.JoinAsync("a"), World.Add("a"));
        first.IsCutOff = true;
        await World.UntilAsync("the second is a", () => second.LastDirective is not null, TimeSpan.FromSeconds(5));

        first.IsCutOff = false;
        await World.StepAsync();
        Assert.Equal((true, true), (first.NameTaken is not null, second.NameTaken is null));
        second.IsDead = true;

        await World.UntilAsync("the first is a again", () => first.NameTaken is null, TimeSpan.FromSeconds(5));
        await World.UntilAsync(
            "it is listed", async () => (await World.InfoAsync(first)).Incarnation == first.Incarnation);
        Assert.Null(first.Rejection);
    }

    [Fact]
    public async Task Name_OfANodeThatLeaves_IsHandedOverAtOnce()
    {
        var (first, second) = (await World.JoinAsync("a"), World.Add("a"));
        await World.StepAsync();
        Assert.NotNull(second.NameTaken);

        await first.LeaveAsync(Fleet);
        await second.TryReportAsync(Fleet);

        Assert.Null(second.NameTaken);
        Assert.NotNull(second.LastDirective);
    }

    [Fact]
    public async Task Name_ThatTwoAskForAtOnce_IsOnesAndStaysSo()
    {
        SimulatedNode[] both = [World.Add("a"), World.Add("a")];

        await Task.WhenAll(both.Select(node => Task.Run(() => node.TryReportAsync(Fleet))));

        var first = Assert.Single(both, node => node.LastDirective is not null);
        var second = Assert.Single(both, node => node.NameTaken is not null);
        await World.RunAsync(10 * Timings.ReportInterval);
        Assert.Equal((true, true), (first.NameTaken is null, second.NameTaken is not null));
    }

    private async Task<IReadOnlyList<FleetWarning>> WarningsAsync() =>
        [.. (await Fleet.GetOverviewAsync(Cancellation)).Warnings.Where(warning => warning.Kind == "node-name-taken")];
}
