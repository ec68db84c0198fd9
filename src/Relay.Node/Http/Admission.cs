using Relay.Node.Counters;
using Relay.Node.Egress;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http;

/// <summary>
/// Says whether a node takes another tunnel: limits, draining, and whether its client seems to scan. Read by every
/// loop; written by whoever drains. The count is shared between loops and touched twice in a tunnel's life.
/// </summary>
internal sealed class Admission(long maxTunnels, int maxTunnelsPerConnection)
{
    private readonly ScanSources _scans = new();
    private readonly IdentityTable _identities = new();
    private long _tunnels;
    private long _sessions;
    private volatile bool _draining;

    /// <summary>Tunnels of all loops.</summary>
    internal long Tunnels => Interlocked.Read(ref _tunnels);

    /// <summary>From where targets are reached; null where that is not looked at.</summary>
    internal EgressState? Egress { get; set; }

    /// <summary>Hears what becomes of sessions; set before the first. Null without a fleet.</summary>
    internal ISessionObserver? Observer { get; set; }

    /// <summary>Whose sessions and tunnels they are, and what was set for some.</summary>
    internal IdentityTable Identities => _identities;

    /// <summary>Whether new tunnels are refused.</summary>
    internal bool IsDraining => _draining;

    /// <summary>Refuses new tunnels from now on.</summary>
    internal void Drain() => _draining = true;

    /// <summary>Takes new tunnels again.</summary>
    internal void Resume() => _draining = false;

    /// <summary>Makes what tunnels of a connection have in common.</summary>
    internal Session CreateSession(RelayConnection connection) => new(
        Interlocked.Increment(ref _sessions), connection.Source.ToIPEndPoint(),
        _scans.Watch(SourceKey.Of(connection.Source), connection.Context.Loop.Now), connection.Context.Loop)
    {
        Identity = connection.Identity,
        Observer = Observer,
        Connection = connection,
        IsDraining = connection.IsDraining,
    };

    /// <summary>A connection has ended; what its tunnels still deliver belongs to its session.</summary>
    internal void EndSession(Session session, ulong now)
    {
        session.IsConnectionOver = true;
        if (session.OpenTunnels == 0)
            End(session, now);
    }

    /// <summary>Counts a new tunnel, or says why there is none. Whose it is need not be known yet.</summary>
    internal bool TryAdmit(RelayConnection connection, in TargetAuthority target, out Refusal refusal)
    {
        var counters = connection.Context.Loop.Counters;
        if (_draining)
        {
            counters.RefusedDraining++;
            refusal = new Refusal(503, ProxyErrorType.ConnectionLimitReached, RetryAfterSeconds: 1);
            return false;
        }
        if (Egress is { IsMissing: true })
        {
            counters.RefusedWithoutEgress++;
            refusal = new Refusal(503, ProxyErrorType.ConnectionLimitReached, RetryAfterSeconds: 5);
            return false;
        }
        if (Scans(connection, target, out refusal))
        {
            counters.RefusedScanning++;
            return false;
        }
        if (connection.TunnelCount + connection.Session.DetachedTunnels >= maxTunnelsPerConnection
            || Interlocked.Increment(ref _tunnels) is var count && count > maxTunnels && Undo())
        {
            counters.RefusedLimit++;
            refusal = new Refusal(503, ProxyErrorType.ConnectionLimitReached, RetryAfterSeconds: null);
            return false;
        }
        return true;
    }

    /// <summary>
    /// Counts a tunnel for the identity of its session, which is known by now, or says why it is not let through.
    /// </summary>
    internal bool TryEnter(Tunnel tunnel, LoopCounters counters, ulong now, out Refusal refusal)
    {
        refusal = new Refusal(503, ProxyErrorType.ConnectionLimitReached, RetryAfterSeconds: null);
        var session = tunnel.Session;
        if (session.Owner is null)
        {
            if (!_identities.TryBegin(session, now))
            {
                counters.RefusedLimit++;
                return false;
            }
            session.Note();
        }
        var owner = session.Owner!;
        if (owner.Scans?.Ask(tunnel.Target.GetHashCode(), now) is { } wait and > 0)
        {
            counters.RefusedScanning++;
            refusal = TooMany(wait);
            return false;
        }
        if (!owner.TryBeginTunnel())
        {
            counters.RefusedLimit++;
            return false;
        }
        tunnel.IsCounted = true;
        session.OpenTunnels++;
        session.Tunnels++;
        session.Note();
        return true;
    }

    /// <summary>A tunnel ended.</summary>
    internal void Release(Tunnel tunnel, ulong now)
    {
        Interlocked.Decrement(ref _tunnels);
        if (tunnel.IsDetached)
            tunnel.Session.DetachedTunnels--;
        // One that was not let through has met no target.
        if (!tunnel.IsCounted)
            return;
        var session = tunnel.Session;
        session.Owner!.EndTunnel();
        session.OpenTunnels--;
        if (IsFailure(tunnel))
        {
            session.Scans.Fail(now);
            session.Owner.Scans?.Fail(now);
        }
        if (session is { IsConnectionOver: true, OpenTunnels: 0 })
            End(session, now);
        else
            session.Note();
    }

    private void End(Session session, ulong now)
    {
        session.Pace.Stop();
        if (session.Owner is null)
            return;
        _identities.End(session, now);
        session.IsOver = true;
        session.Note();
    }

    private static bool Scans(RelayConnection connection, in TargetAuthority target, out Refusal refusal)
    {
        var wait = connection.Session.Scans.Ask(target.GetHashCode(), connection.Context.Loop.Now);
        refusal = wait == 0 ? default : TooMany(wait);
        return wait > 0;
    }

    // RFC 6585 §4: 429 "indicates that the user has sent too many requests in a given amount of time".
    private static Refusal TooMany(ulong wait) => new(
        429, ProxyErrorType.HttpRequestDenied, (int)Math.Min((wait / 1_000_000_000) + 1, int.MaxValue));

    /// <summary>What a scanner meets most: nobody there. The relay's own troubles are not the client's doing.</summary>
    private static bool IsFailure(Tunnel tunnel) => tunnel.Outcome switch
    {
        TunnelOutcome.Refused => tunnel.Error is not (
            ProxyErrorType.None or ProxyErrorType.ConnectionLimitReached or ProxyErrorType.ProxyInternalError
            or ProxyErrorType.DnsTimeout),
        TunnelOutcome.TargetAborted => tunnel.DownstreamBytes == 0,
        _ => false,
    };

    private bool Undo()
    {
        Interlocked.Decrement(ref _tunnels);
        return true;
    }
}

/// <summary>A refusal that is not the request's own fault.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Error">RFC 9209 §2.3.</param>
/// <param name="RetryAfterSeconds">When another try may do better; null for no idea.</param>
internal readonly record struct Refusal(int Status, ProxyErrorType Error, int? RetryAfterSeconds);
