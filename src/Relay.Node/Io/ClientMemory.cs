namespace Relay.Node.Io;

/// <summary>
/// Memory that a loop holds for clients, by source: connections, handshakes, what is unacknowledged, out of order, or waits. Beyond a
/// limit of all of it together, sources with more than an equal share are refused more.
/// </summary>
/// <param name="limit">In bytes.</param>
internal sealed class ClientMemory(long limit = long.MaxValue)
{
    /// <summary>Bytes of a connection that does nothing; and how much must have changed to be counted.</summary>
    internal const int OfConnection = 64 * 1024;

    /// <summary>The same during its handshake, with TLS's session.</summary>
    internal const int OfHandshake = 128 * 1024;

    private readonly Dictionary<ulong, long> _bySource = [];

    /// <summary>All of it, in bytes.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Sources that have some.</summary>
    internal int Sources => _bySource.Count;

    /// <summary>A source has so much more, or less.</summary>
    internal void Change(ulong source, long bytes)
    {
        Bytes += bytes;
        var own = _bySource.GetValueOrDefault(source) + bytes;
        if (own == 0)
            _bySource.Remove(source);
        else
            _bySource[source] = own;
    }

    /// <summary>Whether a source is to have no more: the greediest stop first.</summary>
    internal bool IsTooMuch(ulong source) =>
        Bytes >= limit && _bySource.GetValueOrDefault(source) > limit / Math.Max(1, _bySource.Count);
}
