using FsCheck.Fluent;
using Relay.Fleet.Sessions;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Sessions;

public class SessionDirectoryTests
{
    [Fact]
    public void Apply_OfAGap_AsksForEverything()
    {
        var directory = new SessionDirectory("a");
        directory.Apply(Delta(0, 2, changed: ["s1", "s2"]));

        Assert.Equal(SessionDeltaResult.Gap, directory.Apply(Delta(5, 6, changed: ["s6"])));
        Assert.True(directory.NeedsResync);
        Assert.Equal(2, directory.Count);

        directory.Apply(Delta(0, 9, changed: ["s2", "s6"]) with { IsRestart = true });
        Assert.False(directory.NeedsResync);
        Assert.Equal(["s2", "s6"], directory.Query(new SessionQuery(), null, 9).Select(static session => session.Id));
        Assert.Equal(9, directory.Acknowledged);
    }

    [Fact]
    public void Apply_OfWhatIsKnown_ChangesNothing()
    {
        var directory = new SessionDirectory("a");
        directory.Apply(Delta(0, 3, changed: ["s1"]));

        Assert.Equal(SessionDeltaResult.Unchanged, directory.Apply(Delta(0, 3, ended: ["s1"])));
        Assert.Equal(SessionDeltaResult.Unchanged, directory.Apply(Delta(1, 2, ended: ["s1"])));
        Assert.Equal(1, directory.Count);
    }

    [Fact]
    public void Apply_BeyondTheCapacity_CountsAndAcknowledges()
    {
        var directory = new SessionDirectory("a", capacity: 2);

        directory.Apply(Delta(0, 3, changed: ["s1", "s2", "s3"]));

        Assert.Equal((2, 1L, 3L), (directory.Count, directory.Refused, directory.Acknowledged));
        directory.Apply(Delta(3, 4, changed: ["s1"]));
        Assert.Equal((2, 1L), (directory.Count, directory.Refused));
    }

    [Fact]
    public void Apply_OfAnotherNodesId_CountsAndAcknowledges()
    {
        var directory = new SessionDirectory("a");
        var own = SessionId.New("a");

        directory.Apply(Delta(0, 3, changed: [own, SessionId.New("b"), "of-any"]));

        Assert.Equal((2, 1L, 3L), (directory.Count, directory.Refused, directory.Acknowledged));
        Assert.Equal("a", directory.Find(own)?.Node);
    }

    [Fact]
    public void Budget_OfAllNodes_LeavesHalfToOthersThanTheOneThatInventsSessions()
    {
        var budget = new SessionBudget(40_000);
        var (liar, honest) = (new SessionDirectory("liar", budget: budget), new SessionDirectory("honest", budget: budget));

        liar.Apply(Delta(0, 1000, changed: [.. Enumerable.Range(0, 1000).Select(static i => $"invented-{i}")]));
        honest.Apply(Delta(0, 10, changed: [.. Enumerable.Range(0, 10).Select(static i => $"true-{i}")]));

        Assert.InRange(budget.Used, 1, 40_000);
        Assert.True(liar.Refused > 900);
        Assert.Equal((10, 0L), (honest.Count, honest.Refused));
        honest.Apply(Delta(10, 11, ended: ["true-3"]));
        liar.Clear();
        honest.Clear();
        Assert.Equal(0, budget.Used);
    }

    private sealed record Change(int Session, bool IsEnd, int Fate);

    /// <summary>
    /// Whatever is lost or comes twice: once an answer has arrived with nothing left to tell, both know the same.
    /// </summary>
    [Fact]
    public void Deltas_LostAndRepeated_LeadToTheSameSessions()
    {
        var change =
            from session in Gen.Choose(0, 20)
            from isEnd in Gen.Elements(false, false, true)
            from fate in Gen.Choose(0, 9)
            select new Change(session, isEnd, fate);
        Properties.CheckHistories(change, 80, 500, history =>
        {
            var directory = new SessionDirectory("a");
            var node = new SimulatedSessions(TimeProvider.System);
            var names = Enumerable.Range(0, 21).ToDictionary(session => session, session => $"s{session}");
            SessionDelta? last = null;
            foreach (var (session, isEnd, fate) in history)
            {
                if (isEnd)
                {
                    node.Remove(names[session]);
                    names[session] += "-";
                }
                else
                {
                    node.Put(Session(names[session]));
                }
                if (fate == 0)
                    continue;
                if (fate == 1)
                    directory.Clear();
                var delta = node.Delta();
                directory.Apply(delta);
                if (fate == 2 && last is { IsRestart: false })
                    directory.Apply(last);
                last = delta;
                if (fate > 4)
                    node.Acknowledge(Answer(directory));
            }
            for (var i = 0; i < 3; i++)
            {
                directory.Apply(node.Delta());
                node.Acknowledge(Answer(directory));
            }

            Assert.Equal(
                node.Open.Order(StringComparer.Ordinal), directory.Query(new SessionQuery(), null, 100)
                    .Select(session => session.Id));
        });
    }

    private static NodeDirective Answer(SessionDirectory directory) =>
        new() { Sequence = 1, AcknowledgedSessions = directory.Acknowledged, Resync = directory.NeedsResync };

    private static SessionRecord Session(string id) =>
        new() { Id = id, Identity = "anonymous", StartedAt = DateTimeOffset.UnixEpoch };

    private static SessionDelta Delta(long from, long to, string[]? changed = null, string[]? ended = null) =>
        new() { From = from, To = to, Changed = [.. (changed ?? []).Select(Session)], Ended = ended ?? [] };
}
