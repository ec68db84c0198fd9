using System.Runtime.InteropServices;

namespace Relay.Native.Quic;

/// <summary>
/// Native memory in blocks of 64 KiB, for stream data that must stay in place until it is acknowledged. One a loop.
/// </summary>
public sealed unsafe class BlockPool : IDisposable
{
    /// <summary>Bytes of a block: a UDP payload of any size fits one, with its capsule header.</summary>
    public const int BlockSize = 64 * 1024;

    private readonly Stack<nint> _free = new();
    private readonly int _keep;

    /// <summary>Starts empty.</summary>
    /// <param name="keep">How many free blocks are kept; more go back to the system at once.</param>
    public BlockPool(int keep = 64) => _keep = keep;

    /// <summary>Blocks that are in use.</summary>
    public int Rented { get; private set; }

    internal byte* Rent()
    {
        Rented++;
        return (byte*)(_free.TryPop(out var block) ? block : (nint)NativeMemory.Alloc(BlockSize));
    }

    internal void Return(byte* block)
    {
        Rented--;
        if (_free.Count < _keep)
            _free.Push((nint)block);
        else
            NativeMemory.Free(block);
    }

    /// <summary>Frees what is not in use.</summary>
    public void Trim()
    {
        while (_free.TryPop(out var block))
            NativeMemory.Free((void*)block);
    }

    /// <inheritdoc/>
    public void Dispose() => Trim();
}
