using System.Net;
using Relay.Node.Io;
using Relay.Node.Users;
using Relay.Protocol;

namespace Relay.Node.Sessions;

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
    /// <summary>Bytes of datagrams that all of its tunnels keep at most: those before an answer, and capsules in part.</summary>
    public const int MaxHeld = 8 * 1024 * 1024;

    private SessionPace? _pace;
    private int _noted;

    /// <summary>Its number, unique in this process.</summary>
    public long Id { get; } = id;

    /// <summary>The address that its first packet came from.</summary>
    public IPEndPoint Client { get; } = client;

    /// <summary>Whom limits by source count it for; of <see cref="SourceKey"/>.</summary>
    public ulong Source { get; init; }

    /// <summary>What its requests look like, by connection and by source; its owner has a score of its own.</summary>
    public ScanWatch Scans { get; } = scans;

    /// <summary>Who it belongs to; anonymous until its first credential is accepted.</summary>
    public SessionIdentity Identity { get; set; } = SessionIdentity.Anonymous;

    /// <summary>The identity that it is counted for; null before its first tunnel was let through.</summary>
    public IdentityState? Owner { get; set; }

    /// <summary>
    /// What its requests have shown of the secrets of one of the fleet's users: it is over when any of them is good no more.
    /// Replaced as a whole.
    /// </summary>
    public SecretHash[] UserSecrets { get; private set; } = [];

    /// <summary>How fast its bytes may pass; asked only once it has an owner.</summary>
    public SessionPace Pace => _pace ??= new SessionPace(loop, this);

    /// <summary>Whether its client's connection has ended.</summary>
    public bool IsConnectionOver { get; set; }

    /// <summary>Tunnels that are open or on their way.</summary>
    public int OpenTunnels { get; set; }

    /// <summary>Tunnels that go on without their client's stream.</summary>
    public int DetachedTunnels { get; set; }

    /// <summary>All tunnels that were let through.</summary>
    public long Tunnels { get; set; }

    /// <summary>Payload toward targets, in bytes.</summary>
    public long UpstreamBytes { get; set; }

    /// <summary>Payload toward the client, in bytes.</summary>
    public long DownstreamBytes { get; set; }

    /// <summary>What of its bytes and tunnels its user's use has by now; belongs to whoever counts that.</summary>
    public (long Upstream, long Downstream, long Tunnels) Counted { get; set; }

    /// <summary>Bytes of datagrams that its tunnels keep.</summary>
    public int Held { get; private set; }

    /// <summary>Bytes of the blocks in which its tunnels keep what targets have not taken, beyond that itself.</summary>
    public long Unfilled { get; set; }

    /// <summary>Hears what becomes of it; null where nobody does.</summary>
    public ISessionObserver? Observer { get; init; }

    /// <summary>The version of HTTP that its client speaks.</summary>
    public required HttpProtocol Protocol { get; init; }

    /// <summary>Its client's connection.</summary>
    public required ISessionConnection Connection { get; init; }

    /// <summary>Whether its client was told to go elsewhere.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Whether it is over: its connection, and the last of its tunnels.</summary>
    public bool IsOver { get; set; }

    /// <summary>One of its requests shows a user's secret.</summary>
    public void Show(in SecretHash secret)
    {
        if (UserSecrets.Contains(secret))
            return;
        UserSecrets = [.. UserSecrets, secret];
        Note();
    }

    /// <summary>Makes room for bytes that a tunnel keeps.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryHold(int bytes)
    {
        if (Held + bytes > MaxHeld)
            return false;
        Held += bytes;
        return true;
    }

    /// <summary>A tunnel keeps them no more.</summary>
    public void Release(int bytes) => Held -= bytes;

    /// <summary>Holds no byte back any more. Needs no memory: at a session's end none is made for it.</summary>
    public void StopPace() => _pace?.Stop();

    /// <summary>Tells that something but its bytes has changed; many changes in a row are told once.</summary>
    public void Note()
    {
        // A full fence: who takes the note sees what was written before.
        if (Observer is null || Interlocked.Exchange(ref _noted, 1) != 0)
            return;
        try
        {
            Observer.OnChanged(this);
        }
        catch
        {
            // Else nothing of it would ever be told again.
            TakeNote();
            throw;
        }
    }

    /// <summary>Its numbers are about to be read: what changes from now on is told again.</summary>
    public void TakeNote() => Interlocked.Exchange(ref _noted, 0);
}
