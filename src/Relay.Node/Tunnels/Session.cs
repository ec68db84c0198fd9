using System.Net;
using Relay.Node.Identity;
using Relay.Node.Io;
using Relay.Node.Targets;

namespace Relay.Node.Tunnels;

/// <summary>
/// One client connection as logs, limits and the fleet see it; made with its first tunnel, and over with its connection
/// and its last tunnel. Written by one loop; any thread may read its numbers.
/// </summary>
/// <param name="id">Its number, unique in this process.</param>
/// <param name="client">The address that its first packet came from.</param>
/// <param name="scans">What its requests look like, by connection and by source.</param>
/// <param name="loop">Its connection's loop.</param>
internal sealed class Session(long id, IPEndPoint client, ScanWatch scans, ILoop loop)
{
    private SessionPace? _pace;

    /// <summary>Its number, unique in this process.</summary>
    public long Id { get; } = id;

    /// <summary>The address that its first packet came from.</summary>
    public IPEndPoint Client { get; } = client;

    /// <summary>What its requests look like, by connection and by source; its owner has a score of its own.</summary>
    public ScanWatch Scans { get; } = scans;

    /// <summary>Who it belongs to; anonymous until its first credential is accepted.</summary>
    public SessionIdentity Identity { get; set; } = SessionIdentity.Anonymous;

    /// <summary>The identity that it is counted for; null before its first tunnel was let through.</summary>
    public IdentityState? Owner { get; set; }

    /// <summary>How fast its bytes may pass; asked only once it has an owner.</summary>
    public SessionPace Pace => _pace ??= new SessionPace(loop, this);

    /// <summary>Whether its client's connection has ended.</summary>
    public bool IsConnectionOver { get; set; }

    /// <summary>Tunnels that are open or on their way.</summary>
    public int OpenTunnels { get; set; }

    /// <summary>All tunnels that were let through.</summary>
    public long Tunnels { get; set; }

    /// <summary>Payload toward targets, in bytes.</summary>
    public long UpstreamBytes { get; set; }

    /// <summary>Payload toward the client, in bytes.</summary>
    public long DownstreamBytes { get; set; }
}
