using System.Runtime.InteropServices;

namespace Relay.Native.Quic;

/// <summary>
/// Native memory in blocks of two sizes, for stream data that must stay in place until it is acknowledged. One a loop.
/// </summary>
public sealed unsafe class BlockPool : IDisposable
{
    /// <summary>Bytes of a block: a UDP payload of any size fits one, with its capsule header.</summary>
    public const int BlockSize = 64 * 1024;

    /// <summary>
    /// Bytes of a block for a stream in full flow: the kernel answers each read of a socket with an acknowledgement,
    /// and acts on what that lets in, so that one read of this size costs less than four of the other.
    /// </summary>
    public const int LargeBlockSize = 256 * 1024;

    private readonly Stack<nint> _free = new();
    private readonly Stack<nint> _freeLarge = new();
    private readonly int _keep;
    private readonly int _keepLarge;

    /// <summary>Starts empty. More free blocks than are kept go back to the system at once.</summary>
    /// <param name="keep">How many free blocks are kept.</param>
    /// <param name="keepLarge">How many free blocks of the large size are kept.</param>
    public BlockPool(int keep = 64, int keepLarge = 32)
    {
        _keep = keep;
        _keepLarge = keepLarge;
    }

    /// <summary>Blocks that are in use.</summary>
    public int Rented { get; private set; }

    /// <summary>Bytes of the blocks that are in use.</summary>
    public long RentedBytes { get; private set; }

    /// <summary>
    /// Bytes beyond which connections that have more than their share of them are asked for no more; each may have a block
    /// that is larger than what is left.
    /// </summary>
    public long Limit { get; init; } = long.MaxValue;

    /// <summary>Connections that have blocks.</summary>
    internal int Holders { get; set; }

    /// <summary>Whether a connection with so many bytes is to have no more: the greediest stop first.</summary>
    internal bool IsTooMuch(long bytes) => RentedBytes >= Limit && bytes > Limit / Math.Max(1, Holders);

    internal static int SizeOf(bool large) => large ? LargeBlockSize : BlockSize;

    internal byte* Rent(bool large)
    {
        var size = SizeOf(large);
        if (!(large ? _freeLarge : _free).TryPop(out var block))
            block = (nint)NativeMemory.Alloc((nuint)size);
        Rented++;
        RentedBytes += size;
        return (byte*)block;
    }

    internal void Return(byte* block, bool large)
    {
        Rented--;
        RentedBytes -= SizeOf(large);
        var free = large ? _freeLarge : _free;
        if (free.Count < (large ? _keepLarge : _keep))
            free.Push((nint)block);
        else
            NativeMemory.Free(block);
    }

    /// <summary>Frees what is not in use.</summary>
    public void Trim()
    {
        while (_free.TryPop(out var block) || _freeLarge.TryPop(out block))
            NativeMemory.Free((void*)block);
    }

    /// <inheritdoc/>
    public void Dispose() => Trim();
}
