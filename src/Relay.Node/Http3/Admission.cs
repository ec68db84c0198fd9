using Relay.Node.Diagnostics;
using Relay.Node.Targets;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http3;

/// <summary>
/// Says whether a node takes another tunnel: limits, draining, and whether its client seems to scan. Read by every loop;
/// written by whoever drains. The count is shared between loops and touched twice in a tunnel's life.
/// </summary>
internal sealed class Admission(long maxTunnels, int maxTunnelsPerConnection)
{
    private readonly ScanSources _scans = new();
    private long _tunnels;
    private long _sessions;
    private volatile bool _draining;

    /// <summary>Tunnels of all loops.</summary>
    internal long Tunnels => Interlocked.Read(ref _tunnels);

    /// <summary>Whether new tunnels are refused.</summary>
    internal bool IsDraining => _draining;

    /// <summary>Refuses new tunnels from now on.</summary>
    internal void Drain() => _draining = true;

    /// <summary>Makes what tunnels of a connection have in common.</summary>
    internal Session CreateSession(RelayConnection connection) => new(
        Interlocked.Increment(ref _sessions), connection.Source.ToIPEndPoint(),
        _scans.Watch(SourceKey.Of(connection.Source), connection.Context.Loop.Now));

    /// <summary>Counts a new tunnel, or says why there is none.</summary>
    internal bool TryAdmit(RelayConnection connection, in TargetAuthority target, out Refusal refusal)
    {
        var counters = connection.Context.Loop.Counters;
        if (_draining)
        {
            counters.RefusedDraining++;
            refusal = new Refusal(503, ProxyErrorType.ConnectionLimitReached, RetryAfterSeconds: 1);
            return false;
        }
        if (Scans(connection, target, out refusal))
        {
            counters.RefusedScanning++;
            return false;
        }
        if (connection.TunnelCount >= maxTunnelsPerConnection
            || Interlocked.Increment(ref _tunnels) is var count && count > maxTunnels && Undo())
        {
            counters.RefusedLimit++;
            refusal = new Refusal(503, ProxyErrorType.ConnectionLimitReached, RetryAfterSeconds: null);
            return false;
        }
        return true;
    }

    /// <summary>A tunnel ended.</summary>
    internal void Release(Tunnel tunnel, ulong now)
    {
        Interlocked.Decrement(ref _tunnels);
        if (IsFailure(tunnel))
            tunnel.Session.Scans.Fail(now);
    }

    private static bool Scans(RelayConnection connection, in TargetAuthority target, out Refusal refusal)
    {
        var wait = connection.Session.Scans.Ask(target.GetHashCode(), connection.Context.Loop.Now);
        // RFC 6585 §4: 429 "indicates that the user has sent too many requests in a given amount of time".
        refusal = wait == 0 ? default : new Refusal(
            429, ProxyErrorType.HttpRequestDenied, (int)Math.Min((wait / 1_000_000_000) + 1, int.MaxValue));
        return wait > 0;
    }

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
