using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Sessions;
using Relay.Node.Users;
using Relay.Protocol;

namespace Relay.Node.Fleet;

/// <summary>
/// A session as the node tells the fleet of it, and its place among the changes that are still to be told.
/// </summary>
/// <param name="id">Its name in the fleet.</param>
/// <param name="session">The session.</param>
/// <param name="startedAt">When it began, by the wall clock.</param>
internal sealed class SessionEntry(string id, Session session, DateTimeOffset startedAt)
{
    private const int MaxAddresses = 8;

    private readonly List<string> _addresses = [];
    private (long Upstream, long Downstream) _told;
    private (UserTable? Users, SecretHash[] Shown, long Until) _good;

    /// <summary>Its name in the fleet.</summary>
    public string Id { get; } = id;

    public Session Session { get; } = session;

    /// <summary>The number of its last change.</summary>
    public long Number { get; set; }

    /// <summary>Where its last change is among those to be told; null once it has arrived.</summary>
    public LinkedListNode<SessionEntry>? Place { get; set; }

    /// <summary>Whether the fleet may have heard of it, and so has to hear of its end.</summary>
    public bool WasTold { get; set; }

    /// <summary>Whether it is over.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Whether it was ordered to end.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Whether bytes have come since <see cref="ToRecord"/>.</summary>
    public bool HasMoved => _told != (Session.UpstreamBytes, Session.DownstreamBytes);

    /// <summary>Whether it has shown a user's secret that is good no more.</summary>
    /// <param name="users">Those that are.</param>
    /// <param name="now">Milliseconds of Unix time.</param>
    public bool IsRevoked(UserTable users, long now)
    {
        var shown = Session.UserSecrets;
        if (shown.Length == 0 || (_good.Users == users && _good.Shown == shown && now < _good.Until))
            return false;
        var until = UserSecret.Never;
        foreach (var secret in shown)
        {
            if (!users.TryFind(secret, out var found) || found.Expires <= now)
                return true;
            until = Math.Min(until, found.Expires);
        }
        _good = (users, shown, until);
        return false;
    }

    /// <summary>One of its targets sees this source.</summary>
    /// <returns>Whether none has so far.</returns>
    public bool AddAddress(IPAddress address)
    {
        var text = address.ToString();
        if (_addresses.Contains(text))
            return false;
        if (_addresses.Count == MaxAddresses)
            _addresses.RemoveAt(0);
        _addresses.Add(text);
        return true;
    }

    /// <summary>It as it is now.</summary>
    public SessionRecord ToRecord()
    {
        _told = (Session.UpstreamBytes, Session.DownstreamBytes);
        return new SessionRecord
        {
            Id = Id,
            Identity = Session.Identity.Text,
            HttpVersion = HttpProtocolNames.Of(Session.Protocol),
            StartedAt = startedAt,
            TunnelsOpen = Session.OpenTunnels,
            TunnelsTotal = Session.Tunnels,
            UpstreamBytes = _told.Upstream,
            DownstreamBytes = _told.Downstream,
            EgressAddresses = [.. _addresses],
            State = IsEnding ? SessionState.Ending : Session.IsDraining ? SessionState.Draining : SessionState.Active,
        };
    }
}
