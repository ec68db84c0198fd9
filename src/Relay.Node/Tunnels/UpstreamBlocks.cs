using System.Numerics;

namespace Relay.Node.Tunnels;

/// <summary>
/// Blocks of memory for bytes on their way to targets, kept by each loop's thread: the shared array pool keeps too few
/// of the largest size for a loop that many clients upload through, and would allocate for every window of data. There
/// are three sizes, 4, 16 and 64 KiB, so that a byte takes little and bulk few blocks. They also take what goes to clients
/// in smaller pieces than it comes in.
/// </summary>
internal static class UpstreamBlocks
{
    /// <summary>Bytes of the smallest block.</summary>
    internal const int Smallest = 4 * 1024;

    /// <summary>Bytes of the largest block.</summary>
    internal const int Largest = 64 * 1024;

    /// <summary>Bytes of free blocks that a loop keeps of each size: 16 MiB.</summary>
    private const int Kept = 256 * Largest;

    private static readonly int SmallestLog = BitOperations.Log2(Smallest);

    [ThreadStatic]
    private static Stack<byte[]>[]? _free;

    /// <summary>A block to follow one of so many bytes: four times its size, or the smallest after none.</summary>
    /// <param name="previous">Bytes of the block before; 0 for none.</param>
    internal static byte[] RentAfter(int previous) =>
        RentOf(previous == 0 ? Smallest : Math.Min(4 * previous, Largest));

    /// <summary>The smallest block that has room for so many bytes; at most <see cref="Largest"/>.</summary>
    internal static byte[] RentFor(int length)
    {
        var size = Smallest;
        while (size < length)
            size *= 4;
        return RentOf(size);
    }

    /// <summary>Takes a block back. Never fails: it is done while sockets are closed.</summary>
    internal static void Return(byte[] block)
    {
        try
        {
            _free ??= [new(), new(), new()];
            var free = Of(_free, block.Length);
            if (free.Count < Kept / block.Length)
                free.Push(block);
        }
        catch (OutOfMemoryException)
        {
            // Then it is the collector's, which is what there is too little for.
        }
    }

    /// <summary>Forgets the calling thread's free blocks.</summary>
    internal static void Trim() => _free = null;

    private static byte[] RentOf(int size) => _free is not null && Of(_free, size).TryPop(out var block)
        ? block : GC.AllocateUninitializedArray<byte>(size);

    private static Stack<byte[]> Of(Stack<byte[]>[] free, int size) =>
        free[(BitOperations.Log2((uint)size) - SmallestLog) / 2];
}
