using System.Collections.Concurrent;

namespace Relay.Node.Server;

/// <summary>
/// Counts connections, in all and by source: an IPv4 address, or an IPv6 /64, which is one subscriber. Until a client
/// has proven its address, by a token or by completing the handshake, its connection counts as alleged: whoever forges
/// another's address can make that one's clients prove theirs, which is a round trip, and cannot use up their limit.
/// </summary>
/// <param name="maxConnections">Of the node.</param>
/// <param name="maxPerSource">Of one source.</param>
internal sealed class ConnectionLimits(long maxConnections, int maxPerSource)
{
    private readonly ConcurrentDictionary<ulong, SourceCount> _bySource = new();
    private long _count;

    /// <summary>Connections that are open.</summary>
    internal long Count => Interlocked.Read(ref _count);

    /// <summary>Sources that have one.</summary>
    internal int Sources => _bySource.Count;

    /// <summary>Counts a connection, unless a limit is reached.</summary>
    /// <param name="source">Where it comes from, by <see cref="Io.SourceKey"/>.</param>
    /// <param name="proven">Whether that is proven to be its client's address.</param>
    internal ConnectionVerdict TryAdd(ulong source, bool proven)
    {
        if (Interlocked.Increment(ref _count) > maxConnections)
        {
            Interlocked.Decrement(ref _count);
            return ConnectionVerdict.Refused;
        }
        var verdict = ConnectionVerdict.Refused;
        try
        {
            verdict = TryAddOf(source, proven);
        }
        finally
        {
            if (verdict != ConnectionVerdict.Admitted)
                Interlocked.Decrement(ref _count);
        }
        return verdict;
    }

    /// <summary>The client of an alleged connection has proven its address.</summary>
    internal void Prove(ulong source) =>
        Change(source, static count => new SourceCount(count.Proven + 1, count.Alleged - 1));

    /// <summary>Counts a connection no more.</summary>
    internal void Remove(ulong source, bool proven)
    {
        Interlocked.Decrement(ref _count);
        Change(source, proven
            ? static count => count with { Proven = count.Proven - 1 }
            : static count => count with { Alleged = count.Alleged - 1 });
    }

    private ConnectionVerdict TryAddOf(ulong source, bool proven)
    {
        while (true)
        {
            var known = _bySource.TryGetValue(source, out var count);
            if (count.Proven >= maxPerSource)
                return ConnectionVerdict.Refused;
            if (!proven && count.Proven + count.Alleged >= maxPerSource)
                return ConnectionVerdict.ProofNeeded;
            var next = proven ? count with { Proven = count.Proven + 1 } : count with { Alleged = count.Alleged + 1 };
            if (known ? _bySource.TryUpdate(source, next, count) : _bySource.TryAdd(source, next))
                return ConnectionVerdict.Admitted;
        }
    }

    private void Change(ulong source, Func<SourceCount, SourceCount> change)
    {
        while (_bySource.TryGetValue(source, out var count))
        {
            var next = change(count);
            if (next == default
                ? _bySource.TryRemove(new KeyValuePair<ulong, SourceCount>(source, count))
                : _bySource.TryUpdate(source, next, count))
                return;
        }
    }

    private readonly record struct SourceCount(int Proven, int Alleged);
}

/// <summary>What is to become of a new connection.</summary>
internal enum ConnectionVerdict
{
    /// <summary>It is counted.</summary>
    Admitted,

    /// <summary>Its client must prove its address first: Retry (RFC 9000 §8.1.2).</summary>
    ProofNeeded,

    /// <summary>A limit is reached, or the node drains.</summary>
    Refused,
}
