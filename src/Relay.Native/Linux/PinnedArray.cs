using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Relay.Native.Linux;

/// <summary>
/// An array the collector never moves, and a pointer to it that is valid as long as this value is reachable. Memory
/// that need not be zero is not touched: pages of a large buffer become resident when they are first used.
/// </summary>
internal readonly unsafe struct PinnedArray<T>(int length, bool zeroed = true) where T : unmanaged
{
    private readonly T[] _array = zeroed
        ? GC.AllocateArray<T>(length, pinned: true)
        : GC.AllocateUninitializedArray<T>(length, pinned: true);

    internal int Length => _array.Length;

    internal T* Pointer => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));

    internal T[] Array => _array;
}
