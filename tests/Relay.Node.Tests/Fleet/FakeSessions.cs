using System.Runtime.ExceptionServices;
using Relay.Node.Sessions;
using Relay.Protocol;

namespace Relay.Node.Tests.Fleet;

/// <summary>Makes sessions as loops do, without connections.</summary>
internal sealed class FakeSessions(ISessionObserver? observer = null) : ISessionConnection
{
    private readonly FakeLoop _loop = new(new Simulation());
    private readonly IdentityTable _identities = new();
    private long _count;

    /// <summary>Sessions that were ordered to end.</summary>
    public List<Session> Ended { get; } = [];

    /// <summary>What the next order to end one throws.</summary>
    public Exception? EndFault { get; set; }

    public void End(Session session)
    {
        if (EndFault is { } fault)
        {
            EndFault = null;
            throw fault;
        }
        Ended.Add(session);
    }

    public void OnLastDetachedEnded()
    {
    }

    public void OnDefect(Exception exception) => ExceptionDispatchInfo.Throw(exception);

    public Session Create(string? credential = null) => new(
        ++_count, new IPEndPoint(IPAddress.Loopback, 1), new ScanWatch(), _loop)
    {
        Protocol = HttpProtocol.Http3,
        Connection = this,
        Observer = observer,
        Identity = credential is null ? SessionIdentity.Anonymous : SessionIdentity.OfCredential(credential),
    };

    /// <summary>A session with its first tunnel.</summary>
    public Session Begin(string? credential = null)
    {
        var session = Create(credential);
        Assert.True(_identities.TryBegin(session, 0));
        OpenTunnel(session);
        return session;
    }

    /// <summary>A session of one of the fleet's users, with its first tunnel.</summary>
    public Session BeginUser(string user)
    {
        var session = Create();
        session.Identity = new SessionIdentity(IdentityKind.User, user);
        Assert.True(_identities.TryBegin(session, 0));
        OpenTunnel(session);
        return session;
    }

    public static void OpenTunnel(Session session)
    {
        session.OpenTunnels++;
        session.Tunnels++;
        session.Note();
    }

    public void Finish(Session session)
    {
        session.OpenTunnels = 0;
        session.IsConnectionOver = session.IsOver = true;
        _identities.End(session, 0);
        session.Note();
    }
}
