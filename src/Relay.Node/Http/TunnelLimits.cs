using Relay.Node.Counters;
using Relay.Node.Egress;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http;

/// <summary>
/// Says whether a node takes another tunnel: limits, draining, and whether its client seems to scan. Read by every
/// loop; written by whoever drains. The count is shared between loops and touched twice in a tunnel's life.
/// </summary>
/// <param name="maxTunnels">Of the node.</param>
/// <param name="maxTunnelsPerConnection">Of one client's connection, those that it has left behind among them.</param>
/// <param name="sessions">Whose tunnels they are.</param>
/// <param name="egress">From where targets are reached; null where that is not looked at.</param>
internal sealed class TunnelLimits(
    long maxTunnels, int maxTunnelsPerConnection, SessionRegistry sessions, EgressState? egress)
{
    private long _tunnels;
    private volatile bool _draining;

    /// <summary>Tunnels of all loops.</summary>
    internal long Tunnels => Interlocked.Read(ref _tunnels);

    /// <summary>Whether new tunnels are refused.</summary>
    internal bool IsDraining => _draining;

    /// <summary>Refuses new tunnels from now on.</summary>
    internal void Drain() => _draining = true;

    /// <summary>Takes new tunnels again.</summary>
    internal void Resume() => _draining = false;

    /// <summary>Counts a new tunnel, or says why there is none. Whose it is need not be known yet.</summary>
    internal bool TryAdmit(ClientConnection connection, in TargetAuthority target, out Refusal refusal)
    {
        var counters = connection.Loop.Counters;
        if (_draining)
        {
            counters.RefusedDraining++;
            refusal = Refusal.Limit(RefusalDetails.Draining, retryAfterSeconds: 1);
            return false;
        }
        if (egress is { IsMissing: true })
        {
            counters.RefusedWithoutEgress++;
            refusal = Refusal.Limit(RefusalDetails.NoEgressLease, retryAfterSeconds: 5);
            return false;
        }
        if (connection.Session.Scans.Ask(target.GetHashCode(), connection.Loop.Now) is var wait and > 0)
        {
            counters.RefusedScanning++;
            refusal = Scanning(wait);
            return false;
        }
        if (connection.HasTooMuch)
        {
            counters.RefusedMemory++;
            refusal = Refusal.Limit(RefusalDetails.ClientMemory, retryAfterSeconds: 1);
            return false;
        }
        if (connection.TunnelCount + connection.Session.DetachedTunnels >= maxTunnelsPerConnection)
        {
            counters.RefusedLimit++;
            refusal = Refusal.Limit(RefusalDetails.ConnectionTunnels);
            return false;
        }
        if (Interlocked.Increment(ref _tunnels) > maxTunnels)
        {
            Interlocked.Decrement(ref _tunnels);
            counters.RefusedLimit++;
            refusal = Refusal.Limit(RefusalDetails.NodeTunnels);
            return false;
        }
        refusal = default;
        return true;
    }

    /// <summary>
    /// Counts a tunnel for the identity of its session, which is known by now, or says why it is not let through.
    /// </summary>
    internal bool TryEnter(Tunnel tunnel, LoopCounters counters, ulong now, out Refusal refusal)
    {
        refusal = default;
        var session = tunnel.Session;
        if (sessions.Identities.Spent is { Identities.Count: > 0 } spent && spent.Identities.Contains(session.Identity.Text))
        {
            counters.RefusedLimit++;
            refusal = Refusal.TooMany(RefusalDetails.IdentityMonth, spent.RetryAfterSeconds);
            return false;
        }
        if (!sessions.TryBegin(session, now))
        {
            counters.RefusedLimit++;
            refusal = Refusal.Limit(RefusalDetails.IdentitySessions);
            return false;
        }
        var owner = session.Owner!;
        if (owner.Scans?.Ask(tunnel.Target.GetHashCode(), now) is { } wait and > 0)
        {
            counters.RefusedScanning++;
            refusal = Scanning(wait);
            return false;
        }
        if (!owner.TryBeginTunnel())
        {
            counters.RefusedLimit++;
            refusal = Refusal.Limit(RefusalDetails.IdentityTunnels);
            return false;
        }
        tunnel.IsCounted = true;
        session.OpenTunnels++;
        session.Tunnels++;
        session.Note();
        return true;
    }

    /// <summary>One that <see cref="TryAdmit"/> has counted did not come to be.</summary>
    internal void GiveBack() => Interlocked.Decrement(ref _tunnels);

    /// <summary>A tunnel ended.</summary>
    internal void Release(Tunnel tunnel, ulong now)
    {
        GiveBack();
        var session = tunnel.Session;
        try
        {
            if (tunnel.IsDetached && --session.DetachedTunnels == 0)
                session.Connection.OnLastDetachedEnded();
        }
        finally
        {
            // One that was not let through has met no target.
            if (tunnel.IsCounted)
                Leave(tunnel, session, now);
        }
    }

    private void Leave(Tunnel tunnel, Session session, ulong now)
    {
        session.Owner!.EndTunnel();
        session.OpenTunnels--;
        if (IsFailure(tunnel))
        {
            session.Scans.Fail(now);
            session.Owner.Scans?.Fail(now);
        }
        sessions.OnTunnelEnded(session, now);
    }

    // RFC 6585 §4: 429 "indicates that the user has sent too many requests in a given amount of time".
    private static Refusal Scanning(ulong wait) => Refusal.TooMany(
        RefusalDetails.Scanning, (int)Math.Min((wait + 999_999_999) / 1_000_000_000, int.MaxValue));

    /// <summary>What a scanner meets most: nobody there. The relay's own troubles are not the client's doing.</summary>
    private static bool IsFailure(Tunnel tunnel) => tunnel.Outcome switch
    {
        TunnelOutcome.Refused => tunnel.Error is not (
            ProxyErrorType.None or ProxyErrorType.ConnectionLimitReached or ProxyErrorType.ProxyInternalError
            or ProxyErrorType.DnsTimeout),
        TunnelOutcome.TargetAborted => tunnel.DownstreamBytes == 0,
        _ => false,
    };
}
