namespace Relay.Fleet.Sessions;

/// <summary>
/// What the sessions of all nodes may take of a coordinator's memory. A node gets no more than what is left for the others, so that
/// one with invented sessions takes half of it at most. Estimated, and to be used from any thread.
/// </summary>
/// <param name="bytes">How much; null for a quarter of what the process may have.</param>
public sealed class SessionBudget(long? bytes = null)
{
    private readonly long _bytes = bytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
    private long _used;

    /// <summary>How much is taken.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes memory for a session, if its node may have more.</summary>
    /// <param name="size">How much.</param>
    /// <param name="own">What the node has already.</param>
    public bool TryTake(long size, long own)
    {
        if (own + size <= _bytes - Interlocked.Add(ref _used, size))
            return true;
        Return(size);
        return false;
    }

    /// <summary>Gives memory back.</summary>
    public void Return(long size) => Interlocked.Add(ref _used, -size);

    /// <summary>
    /// What a session takes, with its places in the indexes, and with what tables keep for sessions that come or were.
    /// </summary>
    /// <param name="id">Bytes of its id.</param>
    /// <param name="identity">Bytes of its identity.</param>
    /// <param name="addresses">How many addresses it shows.</param>
    /// <param name="keys">Bytes of their keys.</param>
    internal static long SizeOf(int id, int identity, int addresses, int keys) =>
        256 + (3 * id) + (3 * identity) + (128 * addresses) + (3 * keys);
}
