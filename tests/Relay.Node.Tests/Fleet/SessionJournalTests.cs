using Microsoft.Extensions.Time.Testing;
using Relay.Fleet.Contract;
using Relay.Node.Fleet;

namespace Relay.Node.Tests.Fleet;

public class SessionJournalTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly SessionJournal _journal;
    private readonly FakeSessions _sessions;

    public SessionJournalTests()
    {
        _journal = new SessionJournal(_clock, "edge-1");
        _sessions = new FakeSessions(_journal);
    }

    [Fact]
    public void Session_IsToldWithWhatAFleetMayKnow()
    {
        var session = _sessions.Begin("alice");
        session.UpstreamBytes = 7;
        _journal.OnFlowOpened(session, Endpoint("2001:db8::5", 4000));
        _journal.OnFlowOpened(session, Endpoint("2001:db8::5", 4001));
        var record = Assert.Single(Exchange().Changed);
        Assert.Matches("^[A-Za-z0-9_-]{22}$", record.Id);
        Assert.True(SessionId.MayBeOf(record.Id, "edge-1"));
        Assert.False(SessionId.MayBeOf(record.Id, "edge-2"));
        Assert.Equal(
            ("credential:alice", 1L, 1L, 7L, SessionState.Active),
            (record.Identity, record.TunnelsOpen, record.TunnelsTotal, record.UpstreamBytes, record.State));
        Assert.Equal(["2001:db8::5"], record.EgressAddresses);
        Assert.Equal(1, _journal.Count);
    }

    [Fact]
    public void Session_WithoutATunnelThatWasLetThrough_HasNotBegun()
    {
        _sessions.Create().Note();
        Assert.Empty(Exchange().Changed);
    }

    [Fact]
    public void Session_ThatEnds_IsTold()
    {
        var session = _sessions.Begin();
        var id = Assert.Single(Exchange().Changed).Id;
        _sessions.Finish(session);
        Assert.Equal([id], Exchange().Ended);
        Assert.Equal(0, _journal.Count);
        Assert.False(_journal.End(id));
    }

    [Fact]
    public void Order_ToEndASession_ThatFails_IsGivenAgain()
    {
        var session = _sessions.Begin();
        var id = Assert.Single(Exchange().Changed).Id;
        _sessions.EndFault = new OutOfMemoryException();
        Assert.Throws<OutOfMemoryException>(() => _journal.End(id));
        Assert.True(_journal.End(id));
        Assert.False(_journal.End(id));
        Assert.Same(session, Assert.Single(_sessions.Ended));
    }

    [Fact]
    public void Change_ThatCouldNotBeNoted_IsNotedWithTheNext()
    {
        var observer = new FailingObserver { Fault = new OutOfMemoryException() };
        var session = new FakeSessions(observer).Create();
        Assert.Throws<OutOfMemoryException>(session.Note);
        session.Note();
        session.Note();
        Assert.Equal(1, observer.Changes);
    }

    [Fact]
    public void Tunnels_AreToldAtOnce_BytesAfterAWhile()
    {
        var session = _sessions.Begin();
        Exchange();
        session.DownstreamBytes = 1000;
        Assert.Empty(Exchange().Changed);
        _clock.Advance(SessionJournal.ByteInterval);
        Assert.Equal(1000, Assert.Single(Exchange().Changed).DownstreamBytes);
        _clock.Advance(SessionJournal.ByteInterval);
        Assert.Empty(Exchange().Changed);
        FakeSessions.OpenTunnel(session);
        Assert.Equal(2, Assert.Single(Exchange().Changed).TunnelsOpen);
    }

    [Fact]
    public void Addresses_OfASession_AreKeptUpToEight_TheLatest()
    {
        var session = _sessions.Begin();
        for (var i = 1; i <= 10; i++)
            _journal.OnFlowOpened(session, Endpoint($"192.0.2.{i}", 1000));
        Assert.Equal(
            Enumerable.Range(3, 8).Select(static i => $"192.0.2.{i}"),
            Assert.Single(Exchange().Changed).EgressAddresses);
    }

    [Fact]
    public void End_ByOrder_ReachesTheConnectionOnce_AndIsTold()
    {
        var session = _sessions.Begin();
        var id = Assert.Single(Exchange().Changed).Id;
        Assert.True(_journal.End(id));
        Assert.False(_journal.End(id));
        Assert.False(_journal.End("no-such-session"));
        Assert.Same(session, Assert.Single(_sessions.Ended));
        Assert.Equal(SessionState.Ending, Assert.Single(Exchange().Changed).State);
    }

    [Fact]
    public void Lookup_FindsOpenFlows_AndAtATimeThoseThatEnded()
    {
        var session = _sessions.Begin();
        var id = Assert.Single(Exchange().Changed).Id;
        _journal.OnFlowOpened(session, Endpoint("192.0.2.1", 1000));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Exchange();
        Assert.Equal([id], Ask("192.0.2.1", 1000));
        Assert.Empty(Ask("192.0.2.1", 1001));
        Assert.Empty(Ask("not an address", 1000));

        _journal.OnFlowClosed(session, Endpoint("192.0.2.1", 1000));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Exchange();
        Assert.Empty(Ask("192.0.2.1", 1000));
        Assert.Equal([id], Ask("192.0.2.1", 1000, secondsAgo: 15));
        Assert.Empty(Ask("192.0.2.1", 1000, secondsAgo: 5));
        Assert.Empty(Ask("192.0.2.1", 1000, secondsAgo: 25));

        _sessions.Finish(session);
        Exchange();
        Assert.Empty(Ask("192.0.2.1", 1000, secondsAgo: 15));
    }

    [Fact]
    public void Lookup_OneAddressOfTwoSessions_FindsBoth()
    {
        // TCP tunnels toward different targets may share a source address and port.
        var (first, second) = (_sessions.Begin(), _sessions.Begin());
        _journal.OnFlowOpened(first, Endpoint("192.0.2.1", 1000));
        _journal.OnFlowOpened(second, Endpoint("192.0.2.1", 1000));
        Assert.Equal(2, Exchange().Changed.Count);
        Assert.Equal(2, Ask("192.0.2.1", 1000).Count);
        _journal.OnFlowClosed(first, Endpoint("192.0.2.1", 1000));
        Exchange();
        Assert.Single(Ask("192.0.2.1", 1000));
        Assert.True(_journal.HasFlowFrom(static address => address.Equals(IPAddress.Parse("192.0.2.1"))));
        _journal.OnFlowClosed(second, Endpoint("192.0.2.1", 1000));
        Exchange();
        Assert.False(_journal.HasFlowFrom(static _ => true));
    }

    [Fact]
    public void Flows_MoreThanTheLinkCanTake_AreForgottenNotMixedUp()
    {
        var session = _sessions.Begin();
        Exchange();
        _journal.OnFlowOpened(session, Endpoint("192.0.2.1", 1));
        for (var i = 0; i < SessionJournal.MaxFlowEvents; i++)
            _journal.OnFlowClosed(session, Endpoint("192.0.2.2", 1));
        Exchange();
        Assert.Empty(Ask("192.0.2.1", 1));
        _journal.OnFlowOpened(session, Endpoint("192.0.2.3", 1));
        Exchange();
        Assert.Single(Ask("192.0.2.3", 1));
    }

    [Fact]
    public void FlowTable_KeepsAsManyEndedFlowsAsItMay()
    {
        var table = new FlowTable(capacity: 3);
        var session = _sessions.Begin();
        for (var i = 1; i <= 5; i++)
        {
            table.Open(session, Endpoint("192.0.2.1", i % 2 + 1), At(i));
            table.Close(session, Endpoint("192.0.2.1", i % 2 + 1), At(i + 1));
        }
        Assert.Equal(3, table.Count);
        FlowLookup Lookup(int port, int at) => new("q", "192.0.2.1", port, At(at));
        Assert.Empty(table.Find(Lookup(2, 1)));
        Assert.Single(table.Find(Lookup(2, 6)));
        Assert.Single(table.Find(Lookup(1, 4)));
    }

    private static DateTimeOffset At(int step) => DateTimeOffset.UnixEpoch + TimeSpan.FromMinutes(step);

    private SessionDelta Exchange()
    {
        _journal.Collect();
        var delta = _journal.Build();
        _journal.Confirm(delta, delta.To, resync: false);
        return delta;
    }

    private IReadOnlyList<string> Ask(string address, int port, int? secondsAgo = null) =>
        _journal.Answer(new FlowLookup(
        "q", address, port, secondsAgo is { } seconds
            ? _clock.GetUtcNow() - TimeSpan.FromSeconds(seconds)
            : null)).Sessions;

    private static IPEndPoint Endpoint(string address, int port) => new(IPAddress.Parse(address), port);
}
