using System.Net;
using Relay.Node.Io;

namespace Relay.Node.Sessions;

/// <summary>Hears what becomes of sessions, on their loops: it must neither wait nor take long.</summary>
internal interface ISessionObserver
{
    /// <summary>A session began, changed or is over. Not said again before <see cref="Session.TakeNote"/>.</summary>
    void OnChanged(Session session);

    /// <summary>A tunnel has its socket.</summary>
    /// <param name="session">The tunnel's.</param>
    /// <param name="egress">The address and port that the target sees.</param>
    void OnFlowOpened(Session session, IPEndPoint egress);

    /// <summary>A tunnel that had a socket has ended.</summary>
    /// <param name="session">The tunnel's.</param>
    /// <param name="egress">As it was told at its beginning.</param>
    void OnFlowClosed(Session session, IPEndPoint egress);
}

/// <summary>The client's connection, as whoever may end a session sees it.</summary>
internal interface ISessionConnection : ITurnOwner
{
    /// <summary>
    /// Ends the session's tunnels and, in order, its connection. From any thread; once it is over, nothing.
    /// </summary>
    void End(Session session);

    /// <summary>The last of its tunnels that went on without their streams has ended. On its loop.</summary>
    void OnLastDetachedEnded();
}
