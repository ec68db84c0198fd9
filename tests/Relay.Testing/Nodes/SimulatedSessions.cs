using System.Runtime.ExceptionServices;
using Relay.Node.Fleet;
using Relay.Node.Io;
using Relay.Node.Sessions;
using Relay.Protocol;

namespace Relay.Testing.Nodes;

/// <summary>A node's account of its sessions: the real one, of sessions that begin and end as a test says.</summary>
public sealed class SimulatedSessions : ISessionConnection
{
    private readonly IdentityTable _owners = new();
    private readonly Dictionary<Session, string> _names = [];
    private readonly Dictionary<string, Session> _open = [];
    private SessionDelta _told = new();

    public SimulatedSessions(TimeProvider clock) => Journal = new SessionJournal(clock, node: "") { NameOf = session => _names[session] };

    /// <summary>The names of those that are open.</summary>
    public IReadOnlyCollection<string> Open => _open.Keys;

    internal SessionJournal Journal { get; }

    /// <summary>One begins, or carries more. A name is never used again.</summary>
    public void Put(SessionRecord record)
    {
        if (!_open.TryGetValue(record.Id, out var session))
            session = Begin(record);
        session.OpenTunnels = (int)record.TunnelsOpen;
        session.Tunnels = record.TunnelsTotal;
        session.UpstreamBytes = record.UpstreamBytes;
        session.DownstreamBytes = record.DownstreamBytes;
        session.Note();
        foreach (var (i, address) in record.EgressAddresses.Index())
            OpenFlow(record.Id, address, 50_000 + i);
        Journal.Collect();
    }

    /// <summary>One gets a tunnel with a source address and port.</summary>
    public void OpenFlow(string name, string address, int port) =>
        Journal.OnFlowOpened(_open[name], new IPEndPoint(IPAddress.Parse(address), port));

    /// <summary>One is over, if it is open.</summary>
    public void Remove(string name)
    {
        if (!_open.Remove(name, out var session))
            return;
        session.OpenTunnels = 0;
        session.IsConnectionOver = session.IsOver = true;
        _owners.End(session, 0);
        session.Note();
    }

    /// <summary>What is to be told.</summary>
    public SessionDelta Delta()
    {
        Journal.Collect();
        return _told = Journal.Build();
    }

    /// <summary>What was told last is answered.</summary>
    public void Acknowledge(NodeDirective directive) =>
        Journal.Confirm(_told, directive.AcknowledgedSessions, directive.Resync);

    void ITurnOwner.OnDefect(Exception exception) => ExceptionDispatchInfo.Throw(exception);

    void ISessionConnection.End(Session session) => Remove(_names[session]);

    void ISessionConnection.OnLastDetachedEnded()
    {
    }

    private Session Begin(SessionRecord record)
    {
        // No byte passes that a loop would have to hold back.
        var session = new Session(_names.Count + 1, new IPEndPoint(IPAddress.Loopback, 1), new ScanWatch(), loop: null!)
        {
            Protocol = HttpProtocol.Http3,
            Connection = this,
            Observer = Journal,
            Identity = IdentityOf(record.Identity),
        };
        _names.Add(session, record.Id);
        _open.Add(record.Id, session);
        Assert.True(_owners.TryBegin(session, 0));
        return session;
    }

    private static SessionIdentity IdentityOf(string text) => text.Split(':', 2) switch
    {
        ["credential", var name] => SessionIdentity.OfCredential(name),
        ["user", var name] => new SessionIdentity(IdentityKind.User, name),
        ["jwt", var name] => new SessionIdentity(IdentityKind.Jwt, name),
        ["certificate", var hash] => new SessionIdentity(IdentityKind.Certificate, hash),
        _ => SessionIdentity.Anonymous,
    };
}
