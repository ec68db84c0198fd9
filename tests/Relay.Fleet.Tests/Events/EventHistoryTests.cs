using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Fleet.Events;
using Relay.Fleet.Json;

namespace Relay.Fleet.Tests.Events;

/// <summary>What is kept of what happened and was done, and how a log goes on from it.</summary>
public class EventHistoryTests
{
    [Fact]
    public void Read_OfMoreThanIsKept_IsTheNewest_NewestFirst_InParts()
    {
        var log = new EventLog("run");
        for (var i = 1; i <= EventHistory.Capacity + 5; i++)
            log.Append(Node($"n{i % 100}"));

        List<long> numbers = [];
        EventPage page;
        var parts = 0;
        for (long? before = null; ; before = long.Parse(page.Next, null))
        {
            page = log.History.Read(new EventQuery { Limit = 300, Before = before });
            numbers.AddRange(page.Items.Select(static one => one.Number));
            parts++;
            if (page.Next is null)
                break;
        }

        Assert.Equal(Enumerable.Range(0, EventHistory.Capacity).Select(static i => EventHistory.Capacity + 5L - i), numbers);
        Assert.Equal(4, parts);
        Assert.All(page.Items, static one => Assert.Equal($"run-{one.Number}", one.Id));
    }

    [Fact]
    public void Read_ByKindSubjectAndActor_IsWhatFits()
    {
        var log = new EventLog("run");
        log.Append(Node("edge-1"));
        log.Append(Action("otto", "node", "edge-1"));
        log.Append(Action("otto", "user", "alice"));
        log.Append(Action("ada", "node", "edge-1"));

        Assert.Equal([4, 2, 1], Numbers(new EventQuery { Subject = "edge-1" }));
        Assert.Equal([3, 2], Numbers(new EventQuery { Actor = "otto" }));
        Assert.Equal([4, 3, 2], Numbers(new EventQuery { Kinds = [FleetEventKind.Action] }));
        Assert.Equal([2], Numbers(new EventQuery { Actor = "otto", Subject = "edge-1", Before = 4 }));
        Assert.Empty(Numbers(new EventQuery { Subject = "edge" }));

        IEnumerable<long> Numbers(EventQuery query) => log.History.Read(query).Items.Select(static one => one.Number);
    }

    /// <summary>Whatever comes in whatever order: it is bounded and in order, and neither actions nor the rest push each other out of a half.</summary>
    [Theory]
    [Seeds(10)]
    public void Ring_OfAnything_KeepsHalfForActionsAndHalfForTheRest(int seed)
    {
        var random = new Random(seed);
        var ring = new EventRing(100);
        List<FleetEvent> all = [];
        for (var i = 1; i <= 400; i++)
        {
            // In runs, as floods are.
            var isAction = random.Next(i % 200 < 100 ? 2 : 50) == 0;
            var happened = (isAction ? Action("otto", "node", "a") : Node($"n{random.Next(5)}")) with { Number = i };
            all.Add(happened);
            ring.Add(happened);

            var kept = ring.NewestFirst().ToList();
            Assert.Equal(Math.Min(i, 100), kept.Count);
            Assert.Equal(kept.OrderByDescending(static one => one.Number), kept);
            var actions = all.Where(static one => one.Kind == FleetEventKind.Action).TakeLast(50);
            Assert.Superset(actions.Select(static one => one.Number).ToHashSet(), kept.Select(static one => one.Number).ToHashSet());
            Assert.InRange(kept.Count(static one => one.Kind != FleetEventKind.Action), Math.Min(50, all.Count(static one =>
                one.Kind != FleetEventKind.Action)), 100);
            Assert.Contains(happened, kept);
            Assert.Equal(ring.After(ring.LastGone).Select(static one => one.Number), all.Select(static one => one.Number)
                .Where(number => number > ring.LastGone));
        }
    }

    [Fact]
    public void Entries_WithWhateverIsInThem_AreBounded()
    {
        var log = new EventLog("run");
        var hostile = string.Concat(Enumerable.Repeat("\u202e<", 50_000));
        log.Append(FleetEvent.Of(FleetEventKind.Action, hostile, default) with
        {
            Actor = hostile,
            Subject = new EventSubject(hostile, hostile),
            Source = hostile,
            Detail = hostile,
            Node = hostile,
            User = hostile,
        });
        log.Append(Drain("d1") with
        {
            Drain = new DrainInfo
            {
                Id = "d1",
                State = DrainState.Running,
                CreatedAt = default,
                Reason = hostile,
                Holdup = hostile,
                Nodes = [.. Enumerable.Range(0, 1000).Select(static i => new DrainNodeInfo { Node = $"n{i}", Step = DrainStep.Waiting })],
            },
        });

        Assert.All(log.History.Read(new EventQuery()).Items, static one =>
            Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(one, FleetJson.Of<FleetEvent>()).Length, 1, 16 << 10));
        // Who reads on has all of it.
        Assert.Equal(1000, log.Read("run-1").Events[0].Drain!.Nodes.Count);
    }

    [Fact]
    public void Unsaved_IsThereOnceForAllThatCame_UntilItIsTaken()
    {
        var log = new EventLog("run");
        Assert.Null(log.History.Unsaved());
        for (var i = 0; i < 3; i++)
            log.Append(Node("a"));
        var state = log.History.Unsaved()!;
        log.History.Refuse();
        Assert.Equal(3, log.History.Read(new EventQuery()).Unwritten);
        Assert.NotNull(log.History.Unsaved());

        log.History.Save(state);
        Assert.Null(log.History.Unsaved());
        Assert.Equal(0, log.History.Read(new EventQuery()).Unwritten);
        log.History.Lose(7);
        Assert.Equal(7, log.History.Unsaved()!.Lost);
        Assert.Equal(7, log.History.Read(new EventQuery()).Lost);
    }

    [Fact]
    public void Log_ThatGoesOnFromOneThatEndedInOrder_MissesNothing()
    {
        var first = new EventLog("one");
        for (var i = 0; i < 5; i++)
            first.Append(Node("a"));
        var second = new EventLog("two", stored: Stored(first.History.Unsaved(isEnding: true)!));
        Assert.Equal(6, second.Append(Node("b")).Number);

        var batch = second.Read("one-3");

        Assert.False(batch.HasGap);
        Assert.Equal(["one-4", "one-5", "two-6"], batch.Events.Select(static one => one.Id));
        Assert.Empty(second.Read(batch.Position).Events);
        Assert.Equal([6, 5, 4, 3, 2, 1], second.History.Read(new EventQuery()).Items.Select(static one => one.Number));
        // And a third time, over both.
        var third = new EventLog("three", stored: Stored(second.History.Unsaved(isEnding: true)!));
        Assert.Equal((false, 2), (third.Read("one-4").HasGap, third.Read("one-4").Events.Count));
        Assert.False(third.Read(batch.Position).HasGap);
    }

    [Fact]
    public void Log_ThatGoesOnFromOneThatCrashed_HasWhatWasStoredAndAGap()
    {
        var first = new EventLog("one");
        for (var i = 0; i < 5; i++)
            first.Append(Node("a"));
        var stored = Stored(first.History.Unsaved()!);
        var seen = first.Append(Node("lost"));
        var second = new EventLog("two", stored: stored);
        second.Append(Node("b"));

        var known = second.Read("one-3");
        var unknown = second.Read(seen.Id);

        Assert.True(known.HasGap);
        Assert.Equal(["one-4", "one-5", "two-6"], known.Events.Select(static one => one.Id));
        Assert.True(unknown.HasGap);
        Assert.Equal(["two-6"], unknown.Events.Select(static one => one.Id));
        // The one before did not end in order, whatever became of later ones.
        var third = new EventLog("three", stored: Stored(second.History.Unsaved(isEnding: true)!));
        Assert.True(third.Read("one-3").HasGap);
        Assert.False(third.Read("two-6").HasGap);
    }

    /// <summary>Else what comes after an end in order, and is lost, would be missed by nobody.</summary>
    [Fact]
    public void Log_ThatGoesOn_HasItStoredThatItHasBegun()
    {
        var first = new EventLog("one");
        first.Append(Node("a"));
        var second = new EventLog("two", stored: Stored(first.History.Unsaved(isEnding: true)!));
        var begun = Stored(second.History.Unsaved()!);
        second.Append(Node("lost"));

        Assert.True(new EventLog("three", stored: begun).Read("one-1").HasGap);
    }

    [Fact]
    public void Log_ThatGoesOnFromWhatHadToMakeRoom_HasAGapForWhoWasBefore()
    {
        var first = new EventLog("one");
        for (var i = 0; i < EventHistory.Capacity + 10; i++)
            first.Append(Node($"n{i % 100}"));
        var second = new EventLog("two", stored: Stored(first.History.Unsaved(isEnding: true)!));

        Assert.True(second.Read("one-9").HasGap);
        Assert.False(second.Read("one-10").HasGap);
    }

    [Fact]
    public void Stored_ByANewerVersion_IsReadAsFarAsItIsKnown()
    {
        var log = new EventLog("one");
        log.Append(Node("a"));
        log.Append(Node("b"));
        log.Append(Node("c"));
        var json = JsonSerializer.SerializeToNode(log.History.Unsaved()!, FleetJson.Of<EventHistoryState>())!;
        json["events"]![1]!["kind"] = "weather";
        json["events"]![2]!["colour"] = "red";
        json["ofTomorrow"] = 1;

        var read = json.Deserialize(FleetJson.Of<EventHistoryState>())!;

        Assert.Equal([3, 1], new EventLog("two", stored: read).History.Read(new EventQuery()).Items.Select(static one => one.Number));
        Assert.Empty(JsonNode.Parse("""{"last":4,"events":{}}""").Deserialize(FleetJson.Of<EventHistoryState>())!.Events);
    }

    [Fact]
    public void Viewers_SeeWhoDidWhat_AndNeitherFromWhereNorWhoWasRefused()
    {
        var action = Action("otto", "node", "a") with { Source = "192.0.2.7", Detail = "{}" };

        Assert.Equal(action with { Source = null, Detail = null }, action.ForViewers());
        Assert.Null((action with { Kind = FleetEventKind.Refusal }).ForViewers());
    }

    private static EventHistoryState Stored(EventHistoryState state) => JsonSerializer.Deserialize(
        JsonSerializer.SerializeToUtf8Bytes(state, FleetJson.Of<EventHistoryState>()), FleetJson.Of<EventHistoryState>())!;

    private static FleetEvent Node(string name) => FleetEvent.Of(FleetEventKind.Node, $"{name} joined", DateTimeOffset.UnixEpoch) with { Node = name };

    private static FleetEvent Drain(string id) => FleetEvent.Of(FleetEventKind.Drain, $"drain {id}", DateTimeOffset.UnixEpoch);

    private static FleetEvent Action(string actor, string type, string name) =>
        FleetEvent.Of(FleetEventKind.Action, $"{actor} did something", DateTimeOffset.UnixEpoch) with
        {
            Actor = actor,
            Subject = new EventSubject(type, name),
        };
}
