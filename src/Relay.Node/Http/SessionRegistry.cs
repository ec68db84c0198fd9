using Relay.Node.Sessions;

namespace Relay.Node.Http;

/// <summary>
/// The sessions of a node's clients: whose they are, who hears of them, and when they are over. Shared by all loops;
/// touched at the beginning and the end of a session or tunnel.
/// </summary>
internal sealed class SessionRegistry
{
    private readonly ScanSources _scans = new();
    private long _lastId;

    /// <summary>Hears what becomes of sessions. Null without a fleet.</summary>
    internal ISessionObserver? Observer { get; init; }

    /// <summary>Whose sessions and tunnels they are, and what was set for some.</summary>
    internal IdentityTable Identities { get; init; } = new();

    /// <summary>Makes what tunnels of a connection have in common.</summary>
    internal Session Create(ClientConnection connection) => new(
        Interlocked.Increment(ref _lastId), connection.Carrier.ClientEndPoint,
        _scans.Watch(connection.Carrier.SourceKey, connection.Loop.Now), connection.Loop)
    {
        Source = connection.Carrier.SourceKey,
        Identity = connection.Identity,
        Observer = Observer,
        Connection = connection,
        Protocol = connection.Carrier.Protocol,
        IsDraining = connection.IsDraining,
    };

    /// <summary>Counts a session for its identity, which is known by now, unless it is counted already.</summary>
    /// <returns>False when that identity may have no more.</returns>
    internal bool TryBegin(Session session, ulong now)
    {
        if (session.Owner is not null)
            return true;
        if (!Identities.TryBegin(session, now))
            return false;
        session.Note();
        return true;
    }

    /// <summary>A connection has ended; what its tunnels still deliver belongs to its session.</summary>
    internal void OnConnectionEnded(Session session, ulong now)
    {
        session.IsConnectionOver = true;
        if (session.OpenTunnels == 0)
            End(session, now);
    }

    /// <summary>A tunnel that was counted has ended.</summary>
    internal void OnTunnelEnded(Session session, ulong now)
    {
        if (session is { IsConnectionOver: true, OpenTunnels: 0 })
            End(session, now);
        else
            session.Note();
    }

    private void End(Session session, ulong now)
    {
        session.StopPace();
        if (session.Owner is null)
            return;
        Identities.End(session, now);
        session.IsOver = true;
        session.Note();
    }
}
