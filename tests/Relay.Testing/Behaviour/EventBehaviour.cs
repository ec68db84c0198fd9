using System.Diagnostics;
using EventLog = Relay.Fleet.Events.EventLog;

namespace Relay.Testing.Behaviour;

/// <summary>What happens is told, in order and without gaps that are not said.</summary>
public abstract class EventBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    [Fact]
    public async Task Events_FromNowOn_TellOfNodes()
    {
        var reader = new Reader(this);
        await reader.BeginAsync();
        var node = await World.JoinAsync("a");

        var joined = await reader.UntilAsync(
            happened => happened is { Kind: FleetEventKind.Node, Node: "a", State: NodeState.Serving });
        Assert.NotEqual("", joined.Id);
        Assert.Contains("a", joined.Text, StringComparison.Ordinal);

        node.IsDead = true;
        await reader.UntilAsync(
            happened => happened is { Kind: FleetEventKind.Node, Node: "a", State: NodeState.Silent });
    }

    [Fact]
    public async Task Events_OfADrain_TellItsSteps()
    {
        await World.JoinAsync("a");
        var reader = new Reader(this);
        await reader.BeginAsync();

        await Fleet.StartDrainAsync(new DrainRequest { Id = "d1", Nodes = ["a"], DeadlineSeconds = 10 }, Cancellation);

        await reader.UntilAsync(
            happened => happened is { Kind: FleetEventKind.Drain, Drain: { Id: "d1", State: DrainState.Running } });
        await reader.UntilAsync(
            happened => happened is { Kind: FleetEventKind.Drain, Drain: { Id: "d1", State: DrainState.Completed } });
    }

    [Fact]
    public async Task Events_OfLeases_TellTheirStates()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var reader = new Reader(this);
        await reader.BeginAsync();

        await World.JoinAsync("a", "v6");

        await reader.UntilAsync(
            happened => happened is { Kind: FleetEventKind.Lease, Lease: { Node: "a", State: LeaseState.Held } });
    }

    [Fact]
    public async Task Events_OfRates_ComeAndAreNotKept()
    {
        await World.JoinAsync("a");
        var reader = new Reader(this);
        await reader.BeginAsync();

        var rate = await reader.UntilAsync(happened => happened.Kind == FleetEventKind.Rate);

        Assert.Equal("", rate.Id);
        Assert.NotNull(rate.Rate);
    }

    [Fact]
    public async Task Events_ReadOnFromAnEventsId_AreThoseAfterIt()
    {
        var reader = new Reader(this);
        await reader.BeginAsync();
        await World.JoinAsync("a");
        var first = await reader.UntilAsync(happened => happened is { Kind: FleetEventKind.Node, Node: "a" });
        await World.JoinAsync("b");
        await World.JoinAsync("c");

        var later = new Reader(this) { Position = first.Id };
        await later.UntilAsync(happened => happened is { Kind: FleetEventKind.Node, Node: "b" });
        await later.UntilAsync(happened => happened is { Kind: FleetEventKind.Node, Node: "c" });

        Assert.False(later.HasGap);
        Assert.DoesNotContain(later.Seen, happened => happened is { Node: "a", Kind: FleetEventKind.Node });
        var ids = later.Seen.Select(happened => happened.Id).Where(id => id.Length > 0).ToArray();
        Assert.Equal(ids.Distinct(), ids);
    }

    [Theory]
    [InlineData("another-1")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task Events_ReadFromAPositionThatIsGone_SaySo(string position)
    {
        await World.JoinAsync("a");

        var batch = await World.AnswerAsync(Fleet.ReadEventsAsync(position, Cancellation));

        Assert.True(batch.HasGap);
        var reader = new Reader(this) { Position = batch.Position };
        await World.JoinAsync("b");
        await reader.UntilAsync(happened => happened is { Kind: FleetEventKind.Node, Node: "b" });
        Assert.False(reader.HasGap);
    }

    [Fact]
    public async Task Events_OfANodeThatFloods_LeaveThoseOfOthers()
    {
        var reader = new Reader(this);
        await reader.BeginAsync();
        await World.JoinAsync("a");
        var before = reader.Position;
        var report = new NodeReport { Node = "liar", Incarnation = Guid.NewGuid(), Sequence = 1, State = NodeState.Serving };

        // More than are kept of all.
        for (var i = 0; i <= EventLog.DefaultCapacity; i++)
        {
            report = report with { Sequence = i + 1, State = i % 2 == 0 ? NodeState.Serving : NodeState.Starting };
            await Fleet.ReportAsync(report, Cancellation);
        }

        var later = new Reader(this) { Position = before };
        await later.UntilAsync(static happened => happened is { Kind: FleetEventKind.Node, Node: "a" });
        await later.UntilAsync(happened => happened is { Kind: FleetEventKind.Node, Node: "liar" } && happened.State == report.State);
        Assert.True(later.HasGap);
    }

    [Fact]
    public async Task History_WhereStateIsKept_OutlivesTheCoordinators()
    {
        var action = FleetEvent.Of(FleetEventKind.Action, "otto drained node a", World.Now) with
        {
            Actor = "otto",
            Subject = new EventSubject("node", "a"),
        };
        await World.JoinAsync("a");
        await Fleet.RecordAsync([action], lost: 3, Cancellation);
        var page = await World.AnswerAsync(Fleet.ReadHistoryAsync(new EventQuery { Subject = "a" }, Cancellation));
        var before = page.Items.Single(static one => one.Kind == FleetEventKind.Action);
        Assert.Equal(("otto", 3), (before.Actor, page.Lost));
        Assert.Equal(page.Items.OrderByDescending(static one => one.Number), page.Items);
        // What has come is stored with the next tick.
        await World.StepAsync();

        await World.RestartAsync();
        await World.JoinAsync("b");

        var after = await World.AnswerAsync(Fleet.ReadHistoryAsync(new EventQuery(), Cancellation));
        Assert.Equal(World.KeepsState ? before : null, after.Items.SingleOrDefault(static one => one.Kind == FleetEventKind.Action));
        Assert.Equal(World.KeepsState ? 3 : 0, after.Lost);
        if (!World.KeepsState)
            return;
        var reader = new Reader(this) { Position = before.Id };
        var joined = await reader.UntilAsync(static happened => happened.Node == "b");
        Assert.True(joined.Number > before.Number);
        Assert.DoesNotContain(reader.Seen, happened => happened.Id == before.Id);
    }

    private sealed class Reader(EventBehaviour test)
    {
        private readonly Queue<FleetEvent> _unread = new();

        public string? Position { get; set; }

        public bool HasGap { get; private set; }

        public List<FleetEvent> Seen { get; } = [];

        /// <summary>Takes the end of what there is for its beginning.</summary>
        public async Task BeginAsync()
        {
            await ReadAsync();
            _unread.Clear();
        }

        /// <summary>Reads on until the event comes. Time goes on while nothing does.</summary>
        public async Task<FleetEvent> UntilAsync(Func<FleetEvent, bool> isWanted)
        {
            for (var began = Stopwatch.GetTimestamp(); ;)
            {
                while (_unread.TryDequeue(out var happened))
                {
                    Seen.Add(happened);
                    if (isWanted(happened))
                        return happened;
                }
                Assert.True(Stopwatch.GetElapsedTime(began) < FleetWorld.Patience, "the event was not told");
                await ReadAsync();
            }
        }

        private async Task ReadAsync()
        {
            var batch = await test.World.AnswerAsync(test.Fleet.ReadEventsAsync(Position, Cancellation));
            Position = batch.Position;
            HasGap |= batch.HasGap;
            foreach (var happened in batch.Events)
                _unread.Enqueue(happened);
        }
    }
}
