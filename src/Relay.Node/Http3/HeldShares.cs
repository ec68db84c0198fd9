namespace Relay.Node.Http3;

/// <summary>
/// Bytes of packets that wait for a turn, of all connections of a loop. A source may hold as much as is left for others, and a connection
/// as much as is left for others of its source: whoever comes later, there is something, and the less the more have some.
/// </summary>
internal sealed class HeldShares
{
    /// <summary>Bytes that may wait.</summary>
    internal const int Most = 16 * 1024 * 1024;

    /// <summary>Of these, bytes that only sources have which hold no more than <see cref="Floor"/>.</summary>
    internal const int ForFloors = Most / 4;

    /// <summary>Bytes that a source may hold, whatever others do, as long as there is any room.</summary>
    internal const int Floor = 64 * 1024;

    /// <summary>Bytes of a connection, some runs of 64 KiB: datagrams that come with a client's requests are among them.</summary>
    internal const int OfConnection = 2 * 1024 * 1024;

    private readonly Dictionary<ulong, int> _bySource = [];

    /// <summary>Bytes that wait.</summary>
    internal int Bytes { get; private set; }

    /// <summary>Whether there is room for more of a connection; what comes beyond is lost, as with any full queue.</summary>
    /// <param name="source">Where it comes from, by <see cref="Io.SourceKey"/>.</param>
    /// <param name="own">What waits of the connection already.</param>
    /// <param name="more">How many bytes.</param>
    internal bool HasRoom(ulong source, int own, int more)
    {
        if (own + more > OfConnection || Bytes + more > Most)
            return false;
        var ofSource = _bySource.GetValueOrDefault(source);
        if (ofSource + more <= Floor)
            return true;
        var left = Most - ForFloors - Bytes - more;
        return ofSource + more <= left && own + more <= left - ofSource;
    }

    /// <summary>So many bytes wait, or do no more.</summary>
    internal void Change(ulong source, int bytes)
    {
        var own = _bySource.GetValueOrDefault(source) + bytes;
        if (own == 0)
            _bySource.Remove(source);
        else
            _bySource[source] = own;
        Bytes += bytes;
    }
}
