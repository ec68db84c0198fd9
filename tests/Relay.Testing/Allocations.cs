namespace Relay.Testing;

/// <summary>
/// Counts what a thread allocates, in rounds. A collection that falls into one takes what is left of the thread's
/// allocation context, up to 8 KiB, for allocated, and a pool or the runtime's own table may grow once: few rounds have
/// such a thing. What a packet, a frame or a call costs is in every round.
/// </summary>
public static class Allocations
{
    /// <summary>So many that six would have to be disturbed alike.</summary>
    public const int Rounds = 11;

    /// <summary>The bytes of the round in the middle, by <paramref name="counted"/> or of the calling thread.</summary>
    public static long Of(Action round, Func<long>? counted = null)
    {
        counted ??= GC.GetAllocatedBytesForCurrentThread;
        var bytes = new long[Rounds];
        foreach (ref var one in bytes.AsSpan())
        {
            var before = counted();
            round();
            one = counted() - before;
        }
        Array.Sort(bytes);
        return bytes[Rounds / 2];
    }
}
