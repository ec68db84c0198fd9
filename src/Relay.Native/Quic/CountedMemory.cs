using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Nghttp3;
using Relay.Native.Ngtcp2;
using NativeMethods = Relay.Native.Linux.NativeMethods;

namespace Relay.Native.Quic;

/// <summary>
/// An allocator for one object of ngtcp2 or nghttp3: that of the C library, and a count of what is in use. The libraries do not tell
/// how much a peer makes them keep, such as bytes with holes before them; what they ask memory for does.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CountedMemory
{
    private ngtcp2_mem _functions;
    private long _bytes;

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

    /// <summary>Bytes in use, with what the C library adds to each piece's size; 0 for no allocator.</summary>
    internal static long BytesOf(CountedMemory* memory) => memory is null ? 0 : memory->_bytes;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Allocate(nuint size, void* memory) => Added(NativeMethods.malloc(size), memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* AllocateZeroed(nuint count, nuint size, void* memory) =>
        Added(NativeMethods.calloc(count, size), memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Reallocate(void* piece, nuint size, void* memory)
    {
        var before = (long)NativeMethods.malloc_usable_size(piece);
        var result = NativeMethods.realloc(piece, size);
        if (result is null)
            return null;
        ((CountedMemory*)memory)->_bytes -= before;
        return Added(result, memory);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(void* piece, void* memory)
    {
        ((CountedMemory*)memory)->_bytes -= (long)NativeMethods.malloc_usable_size(piece);
        NativeMethods.free(piece);
    }

    private static void* Added(void* piece, void* memory)
    {
        ((CountedMemory*)memory)->_bytes += (long)NativeMethods.malloc_usable_size(piece);
        return piece;
    }
}
