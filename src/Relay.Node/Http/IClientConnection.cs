using System.Net;
using Relay.Node.Io;
using Relay.Node.Sessions;

namespace Relay.Node.Http;

/// <summary>A client's connection as limits and sessions see it, whatever carries its requests.</summary>
internal interface IClientConnection : ISessionConnection
{
    /// <summary>The loop that it belongs to.</summary>
    ILoop Loop { get; }

    /// <summary>The address that its first packet came from.</summary>
    IPEndPoint Client { get; }

    /// <summary>Whom limits by source count it for; of <see cref="Io.SourceKey"/>.</summary>
    ulong SourceKey { get; }

    /// <summary>Whose it is, as far as that is known.</summary>
    SessionIdentity Identity { get; }

    /// <summary>What its tunnels have in common; made when it is first asked for.</summary>
    Session Session { get; }

    /// <summary>Streams with a tunnel, open or on its way.</summary>
    int TunnelCount { get; }

    /// <summary>Whether the client was told to go elsewhere.</summary>
    bool IsDraining { get; }
}
