using System.Collections.Concurrent;
using Relay.Native.Linux;
using Relay.Node.Http3;

namespace Relay.Node.Quic;

/// <summary>Counts connections, in all and by source: an IPv4 address, or an IPv6 /64, which is one subscriber.</summary>
/// <param name="maxConnections">Of the node.</param>
/// <param name="maxPerSource">Of one source.</param>
internal sealed class ConnectionLimits(long maxConnections, int maxPerSource)
{
    private readonly ConcurrentDictionary<ulong, int> _bySource = new();
    private long _count;

    /// <summary>Connections that are open.</summary>
    internal long Count => Interlocked.Read(ref _count);

    /// <summary>Counts a connection, unless a limit is reached.</summary>
    internal bool TryAdd(in SocketEndpoint remote)
    {
        if (Interlocked.Increment(ref _count) > maxConnections)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }
        var source = SourceKey.Of(remote);
        if (_bySource.AddOrUpdate(source, 1, static (_, count) => count + 1) <= maxPerSource)
            return true;
        Remove(source);
        return false;
    }

    /// <summary>Counts a connection no more.</summary>
    internal void Remove(in SocketEndpoint remote) => Remove(SourceKey.Of(remote));

    private void Remove(ulong source)
    {
        Interlocked.Decrement(ref _count);
        while (_bySource.TryGetValue(source, out var count))
        {
            if (count > 1 ? _bySource.TryUpdate(source, count - 1, count)
                : _bySource.TryRemove(new KeyValuePair<ulong, int>(source, count)))
                return;
        }
    }
}
