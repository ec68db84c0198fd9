using Relay.Fleet.Events;

namespace Relay.Fleet.Tests.Events;

public class EventLogTests
{
    [Fact]
    public void Append_OfANodeThatFloods_KeepsWhatIsToldOfOthersAndOfOtherKinds()
    {
        var log = new EventLog("run");
        var start = log.Position;
        var now = DateTimeOffset.UnixEpoch;
        log.Append(FleetEvent.Of(FleetEventKind.Lease, "a pool is defined", now));
        log.Append(FleetEvent.Of(FleetEventKind.Node, "it joined", now) with { Node = "honest" });
        for (var i = 0; i < 10 * EventLog.DefaultCapacity; i++)
            log.Append(FleetEvent.Of(FleetEventKind.Node, "it flaps", now) with { Node = "liar" });
        // Under many names, the kind is bounded.
        for (var i = 0; i < 2 * EventLog.DefaultCapacity; i++)
            log.Append(FleetEvent.Of(FleetEventKind.Node, "it joined", now) with { Node = $"name-{i % 500}" });

        List<FleetEvent> kept = [];
        var first = log.Read(start);
        Assert.True(first.HasGap);
        for (var batch = first; batch.Events.Count > 0; batch = log.Read(batch.Position))
            kept.AddRange(batch.Events);

        Assert.Equal(EventLog.DefaultCapacity, kept.Count);
        Assert.Equal("a pool is defined", kept[0].Text);
        Assert.Equal(kept.Select(static happened => long.Parse(happened.Id.Split('-')[1], null)).Order(), kept.Select(
            static happened => long.Parse(happened.Id.Split('-')[1], null)));
        Assert.False(log.Read(kept[^300].Id).HasGap);
    }

    [Fact]
    public void Append_OfANodeThatFloods_KeepsTheOnesBefore()
    {
        var log = new EventLog("run");
        var start = log.Position;
        log.Append(FleetEvent.Of(FleetEventKind.Node, "it joined", DateTimeOffset.UnixEpoch) with { Node = "honest" });
        for (var i = 0; i < 10 * EventLog.DefaultCapacity; i++)
            log.Append(FleetEvent.Of(FleetEventKind.Node, "it flaps", DateTimeOffset.UnixEpoch) with { Node = "liar" });

        Assert.Equal("honest", log.Read(start).Events[0].Node);
    }

    [Fact]
    public void Read_OfMoreThanIsKept_HasAGapAndThenNone()
    {
        var log = new EventLog("run", capacity: 10);
        var begin = log.Read(null).Position;
        for (var i = 1; i <= 25; i++)
            log.Append(Event($"e{i}"));

        var batch = log.Read(begin);

        Assert.True(batch.HasGap);
        Assert.Equal(Enumerable.Range(16, 10).Select(i => $"run-{i}"), batch.Events.Select(happened => happened.Id));
        Assert.Equal(("e16", "e25"), (batch.Events[0].Text, batch.Events[^1].Text));
        log.Append(Event("e26"));
        var next = log.Read(batch.Position);
        Assert.False(next.HasGap);
        Assert.Equal(["e26"], next.Events.Select(happened => happened.Text));
        Assert.False(log.Read("run-16").HasGap);
        Assert.True(log.Read("run-15").HasGap);
    }

    [Fact]
    public void Read_OfManyEvents_ComesInParts()
    {
        var log = new EventLog("run");
        var position = log.Position;
        for (var i = 0; i < 600; i++)
            log.Append(Event($"e{i}"));
        log.Append(Rate(1));

        List<FleetEvent> all = [];
        for (var batch = log.Read(position); batch.Events.Count > 0; batch = log.Read(batch.Position))
        {
            Assert.InRange(batch.Events.Count, 1, 257);
            Assert.False(batch.HasGap);
            all.AddRange(batch.Events);
        }

        Assert.Equal(Enumerable.Range(0, 600).Select(i => $"e{i}")
            .Append("rate"), all.Select(happened => happened.Text));
    }

    [Fact]
    public void Read_OfRates_GivesTheLastOnceToWhoWaits()
    {
        var log = new EventLog("run");
        log.Append(Event("e1"));
        var waiting = log.Position;
        log.Append(Rate(1));
        log.Append(Rate(2));

        var batch = log.Read(waiting);

        Assert.Equal(2, Assert.Single(batch.Events).Rate!.Load.Sessions);
        Assert.Empty(log.Read(batch.Position).Events);
        Assert.Empty(log.Read("run-1").Events);
    }

    [Theory]
    [InlineData("run-2")]
    [InlineData("run-1-9")]
    [InlineData("other-1")]
    [InlineData("run")]
    [InlineData("run--1")]
    public void Read_OfAPositionThatIsNone_HasAGap(string position)
    {
        var log = new EventLog("run");
        log.Append(Event("e1"));

        var batch = log.Read(position);

        Assert.True(batch.HasGap);
        Assert.Equal(["e1"], batch.Events.Select(happened => happened.Text));
    }

    [Fact]
    public void Append_OfALargeDrainsNextStep_LeavesTheNodesToTheLast()
    {
        var log = new EventLog("run", capacity: 4);
        var begin = log.Position;
        log.Append(Drain("d1", waiting: 2));
        log.Append(Drain("d2", waiting: 9, nodes: 64));
        log.Append(Drain("d1", waiting: 1));

        var events = log.Read(begin).Events;

        Assert.Equal([2, 9, 1], events.Select(happened => happened.Drain!.Waiting));
        Assert.Equal([0, 64, 65], events.Select(happened => happened.Drain!.Nodes.Count));
        for (var i = 0; i < 21; i++)
            log.Append(Drain(i % 2 == 0 ? "d1" : $"other{i}", waiting: i));
        Assert.Equal([65, 0, 65, 65], log.Read("gone").Events.Select(happened => happened.Drain!.Nodes.Count));
    }

    internal static FleetEvent Drain(string id, int waiting, int nodes = 65) => new()
    {
        Id = "",
        At = default,
        Kind = FleetEventKind.Drain,
        Text = id,
        Drain = new DrainInfo
        {
            Id = id,
            State = DrainState.Running,
            CreatedAt = default,
            Waiting = waiting,
            Nodes = [.. Enumerable.Range(0, nodes)
                .Select(i => new DrainNodeInfo { Node = $"n{i}", Step = DrainStep.Waiting })],
        },
    };

    internal static FleetEvent Event(string text) =>
        new() { Id = "", At = default, Kind = FleetEventKind.Node, Text = text };

    private static FleetEvent Rate(long sessions) => new()
    {
        Id = "",
        At = default,
        Kind = FleetEventKind.Rate,
        Text = "rate",
        Rate = new StatsPoint(default, new NodeRates(), new NodeLoad { Sessions = sessions }),
    };
}
