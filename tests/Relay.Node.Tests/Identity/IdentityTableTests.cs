using Relay.Node.Sessions;
using Relay.Node.Tests.Fleet;
using Relay.Protocol;

namespace Relay.Node.Tests.Identity;

public class IdentityTableTests
{
    private const ulong Second = 1_000_000_000;

    private readonly IdentityTable _table = new(capacity: 4);
    private readonly FakeLoop _loop = new(new Simulation());
    private long _sessions;

    [Fact]
    public void Limits_SetWhileSessionsAreOpen_HoldForTheNext()
    {
        var (first, second) = (Begin("alice"), Begin("alice"));
        Use("credential:alice", new IdentityLimits { MaxSessions = 1 });
        Assert.False(_table.TryBegin(Session("alice"), Second));
        _table.End(first, Second);
        Assert.False(_table.TryBegin(Session("alice"), Second));
        _table.End(second, Second);
        _ = Begin("alice");
        _ = Begin("bob");
        _ = Begin("bob");
    }

    [Fact]
    public void Limits_HoldForAnIdentityThatComesLater_AndAreOverWhenReplaced()
    {
        Use("credential:alice", new IdentityLimits { MaxTunnels = 1 });
        var owner = Begin("alice").Owner!;
        Assert.True(owner.TryBeginTunnel());
        Assert.False(owner.TryBeginTunnel());
        Assert.Equal((1L, 1L), (owner.Read().Tunnels, owner.Read().Refusals));
        Use("credential:bob", IdentityLimits.None);
        Assert.True(owner.TryBeginTunnel());
    }

    [Fact]
    public void Limits_OfWhoIsNotNamed_AreEachIdentitysOwn()
    {
        _table.Use(
            new Dictionary<string, IdentityLimits> { ["credential:alice"] = IdentityLimits.None },
            otherwise: new IdentityLimits { MaxSessions = 1 });
        _ = Begin("alice");
        _ = Begin("alice");
        _ = Begin("bob");
        _ = Begin("carol");
        Assert.False(_table.TryBegin(Session("bob"), Second));
        Assert.False(_table.TryBegin(Session("carol"), Second));
    }

    [Fact]
    public void Bytes_OfSessionsOverAndOpen_AreCountedTogether()
    {
        var (first, second) = (Begin("alice"), Begin("alice"));
        (first.UpstreamBytes, first.DownstreamBytes) = (1, 10);
        (second.UpstreamBytes, second.DownstreamBytes) = (2, 20);
        _table.End(first, Second);
        second.DownstreamBytes += 100;
        Assert.Equal(
            new IdentitySnapshot(SessionIdentity.OfCredential("alice"), 1, 0, 0, 3, 130), Assert.Single(_table.List()));
        Assert.Same(second, Assert.Single(second.Owner!.ListSessions()));
    }

    [Fact]
    public void Identity_WithoutASession_IsForgottenUnlessSomethingIsHeldAgainstIt()
    {
        _table.End(Begin("alice"), Second);
        Assert.Equal(0, _table.Count);
        var session = Begin("alice");
        var owner = session.Owner!;
        owner.Scans!.Fail(Second);
        _table.End(session, Second);
        Assert.Equal(1, _table.Count);
        session = Begin("alice");
        Assert.Same(owner, session.Owner);
        _table.End(session, 10 * Second);
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void Identities_WithoutASession_AreBounded_ThoseWithOneAreNot()
    {
        for (var i = 0; i < 100; i++)
        {
            var session = Begin($"scanner{i}");
            session.Owner!.Scans?.Fail(Second);
            _table.End(session, Second);
            Assert.InRange(_table.Count, 0, 4);
        }
        for (var i = 0; i < 100; i++)
            _ = Begin($"user{i}");
        Assert.Equal(100, _table.List().Count(static identity => identity.Sessions == 1));
        Assert.InRange(_table.Count, 100, 104);
    }

    [Fact]
    public void Strangers_ShareNoScore()
    {
        var session = new Session(1, new IPEndPoint(IPAddress.Loopback, 1), new ScanWatch(), _loop)
        {
            Protocol = HttpProtocol.Http3,
            Connection = new FakeSessions(),
        };
        Assert.True(_table.TryBegin(session, Second));
        Assert.Null(session.Owner!.Scans);
        Assert.Equal("anonymous", session.Owner.Identity.Text);
    }

    private void Use(string identity, IdentityLimits limits) =>
        _table.Use(new Dictionary<string, IdentityLimits> { [identity] = limits }, IdentityLimits.None);

    private Session Begin(string name)
    {
        var session = Session(name);
        Assert.True(_table.TryBegin(session, Second));
        return session;
    }

    private Session Session(string name) =>
        new(++_sessions, new IPEndPoint(IPAddress.Loopback, 1), new ScanWatch(), _loop)
        {
            Identity = SessionIdentity.OfCredential(name),
            Protocol = HttpProtocol.Http3,
            Connection = new FakeSessions(),
        };
}
