using Relay.Fleet.Events;

namespace Relay.Fleet.Tests.Events;

/// <summary>Events that wait while the log is away.</summary>
public class UntoldEventsTests
{
    [Fact]
    public void Add_OfALargeDrainsNextStep_LeavesTheNodesToTheLast()
    {
        var waiting = new UntoldEvents();
        waiting.Add(EventLogTests.Drain("d1", waiting: 9));
        waiting.Add(EventLogTests.Drain("d2", waiting: 9, nodes: 64));
        waiting.Add(EventLogTests.Drain("d1", waiting: 8));
        var (taken, lost) = waiting.Take();
        waiting.Add(EventLogTests.Drain("d1", waiting: 7));
        waiting.Add(EventLogTests.Drain("d2", waiting: 6));
        waiting.PutBack(taken, lost);

        (var events, lost) = waiting.Take();

        Assert.Equal([9, 9, 8, 7, 6], events.Select(happened => happened.Drain!.Waiting));
        Assert.Equal([0, 64, 0, 65, 65], events.Select(happened => happened.Drain!.Nodes.Count));
        Assert.Equal((0, 0), (waiting.Count, lost));
    }

    [Fact]
    public void Add_OfMoreThanALogKeeps_LeavesTheNewest()
    {
        var waiting = new UntoldEvents();
        for (var i = 0; i < EventLog.DefaultCapacity; i++)
            waiting.Add(EventLogTests.Event($"e{i}"));
        var (taken, lost) = waiting.Take();
        waiting.Add(EventLogTests.Event("new1"));
        waiting.Add(EventLogTests.Event("new2"));
        waiting.PutBack(taken, lost);

        Assert.Equal(EventLog.DefaultCapacity, waiting.Count);
        (var events, lost) = waiting.Take();
        Assert.Equal(("e2", "new2", 2), (events[0].Text, events[^1].Text, lost));
        Assert.Equal(0, waiting.Take().Lost);
    }
}
