using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Nghttp3;
using Relay.Native.Ngtcp2;
using NativeMethods = Relay.Native.Linux.NativeMethods;

namespace Relay.Native.Quic;

/// <summary>
/// The allocator of one connection's ngtcp2 and nghttp3: that of the C library, and a count of what they hold that they asked for while
/// they read the other side's packets. They do not tell how much a peer makes them keep, such as bytes with holes before them. What they
/// ask for to write with is not counted: what is on its way to a peer is no doing of its.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CountedMemory
{
    /// <summary>Before each piece: its size where it is counted, else 0. As large as the C library aligns.</summary>
    private const int Head = 16;

    private ngtcp2_mem _functions;

    /// <summary>Bytes of it that are in use.</summary>
    internal long Input;

    /// <summary>Whether packets are being read.</summary>
    internal bool IsReading;

    static CountedMemory()
    {
        // One table for both: they differ in their names alone.
        if (sizeof(ngtcp2_mem) != sizeof(nghttp3_mem))
            throw new PlatformNotSupportedException();
    }

    /// <summary>Makes one; what it is for is freed before it.</summary>
    internal static CountedMemory* Create()
    {
        var memory = (CountedMemory*)NativeMemory.Alloc((nuint)sizeof(CountedMemory));
        *memory = new CountedMemory
        {
            _functions = new ngtcp2_mem
            {
                user_data = memory,
                malloc = &Allocate,
                free = &Free,
                calloc = &AllocateZeroed,
                realloc = &Reallocate,
            },
        };
        return memory;
    }

    internal static void Free(CountedMemory* memory) => NativeMemory.Free(memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Allocate(nuint size, void* memory) =>
        Counted((nuint*)NativeMethods.malloc(size + Head), size, memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* AllocateZeroed(nuint count, nuint size, void* memory) =>
        size > 0 && count > (nuint.MaxValue - Head) / size ? null
            : Counted((nuint*)NativeMethods.calloc(1, (count * size) + Head), count * size, memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Reallocate(void* piece, nuint size, void* memory)
    {
        if (piece is null)
            return Counted((nuint*)NativeMethods.malloc(size + Head), size, memory);
        var block = (nuint*)((byte*)piece - Head);
        var before = (long)*block;
        block = (nuint*)NativeMethods.realloc(block, size + Head);
        if (block is null)
            return null;
        ((CountedMemory*)memory)->Input -= before;
        return Counted(block, size, memory);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(void* piece, void* memory)
    {
        if (piece is null)
            return;
        var block = (nuint*)((byte*)piece - Head);
        ((CountedMemory*)memory)->Input -= (long)*block;
        NativeMethods.free(block);
    }

    private static void* Counted(nuint* block, nuint size, void* memory)
    {
        if (block is null)
            return null;
        var counted = (CountedMemory*)memory;
        *block = counted->IsReading ? size : 0;
        counted->Input += (long)*block;
        return (byte*)block + Head;
    }
}
