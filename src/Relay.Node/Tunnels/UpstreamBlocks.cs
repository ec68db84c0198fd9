namespace Relay.Node.Tunnels;

/// <summary>
/// Blocks of memory for bytes on their way to targets, kept by each loop's thread: the shared array pool keeps too few
/// of this size for a loop that many clients upload through, and would allocate for every window of data.
/// </summary>
internal static class UpstreamBlocks
{
    /// <summary>Bytes of a block.</summary>
    internal const int Size = 64 * 1024;

    /// <summary>Free blocks that a loop keeps: 16 MiB.</summary>
    private const int Kept = 256;

    [ThreadStatic]
    private static Stack<byte[]>? t_free;

    internal static byte[] Rent() =>
        t_free is not null && t_free.TryPop(out var block) ? block : GC.AllocateUninitializedArray<byte>(Size);

    internal static void Return(byte[] block)
    {
        t_free ??= new Stack<byte[]>();
        if (t_free.Count < Kept)
            t_free.Push(block);
    }

    /// <summary>Forgets the calling thread's free blocks.</summary>
    internal static void Trim() => t_free?.Clear();
}
