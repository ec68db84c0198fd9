using Relay.Protocol;

namespace Relay.Node.Http3;

/// <summary>
/// Says whether a node takes another tunnel: limits, and draining. Read by every loop; written by whoever drains. The
/// count is shared between loops and touched twice in a tunnel's life.
/// </summary>
internal sealed class Admission(long maxTunnels, int maxTunnelsPerConnection)
{
    private long _tunnels;
    private volatile bool _draining;

    /// <summary>Tunnels of all loops.</summary>
    internal long Tunnels => Interlocked.Read(ref _tunnels);

    /// <summary>Whether new tunnels are refused.</summary>
    internal bool IsDraining => _draining;

    /// <summary>Refuses new tunnels from now on.</summary>
    internal void Drain() => _draining = true;

    /// <summary>Counts a new tunnel, or says why there is none.</summary>
    internal bool TryAdmit(RelayConnection connection, out Refusal refusal)
    {
        if (_draining)
        {
            refusal = new Refusal(503, ProxyErrorType.ConnectionLimitReached, RetryAfterSeconds: 1);
            return false;
        }
        if (connection.TunnelCount >= maxTunnelsPerConnection
            || Interlocked.Increment(ref _tunnels) is var count && count > maxTunnels && Undo())
        {
            refusal = new Refusal(503, ProxyErrorType.ConnectionLimitReached, RetryAfterSeconds: null);
            return false;
        }
        refusal = default;
        return true;
    }

    /// <summary>A tunnel ended.</summary>
    internal void Release() => Interlocked.Decrement(ref _tunnels);

    private bool Undo()
    {
        Release();
        return true;
    }
}

/// <summary>A refusal that is not the request's own fault.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Error">RFC 9209 §2.3.</param>
/// <param name="RetryAfterSeconds">When another try may do better; null for no idea.</param>
internal readonly record struct Refusal(int Status, ProxyErrorType Error, int? RetryAfterSeconds);
