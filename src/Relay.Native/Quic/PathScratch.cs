using System.Runtime.InteropServices;
using Relay.Native.Linux;
using Relay.Native.Ngtcp2;

namespace Relay.Native.Quic;

/// <summary>
/// One thread's native scratch memory for the addresses that go with a packet. ngtcp2 copies what it keeps.
/// </summary>
internal sealed unsafe class PathScratch
{
    [ThreadStatic]
    private static PathScratch? _current;

    private readonly Memory* _memory;

    private PathScratch()
    {
        _memory = (Memory*)NativeMemory.AllocZeroed((nuint)sizeof(Memory));
        _memory->Path.local.addr = &_memory->Local;
        _memory->Path.remote.addr = &_memory->Remote;
    }

    ~PathScratch() => NativeMemory.Free(_memory);

    internal static PathScratch Current => _current ??= new PathScratch();

    internal ngtcp2_path* Path => &_memory->Path;

    internal ngtcp2_pkt_info* Info => &_memory->Info;

    internal ngtcp2_vec* Vectors => (ngtcp2_vec*)_memory->Vectors;

    internal const int VectorCount = 16;

    private const int IPv4Length = 16;

    internal void Set(in SocketEndpoint local, in SocketEndpoint remote, byte ecn)
    {
        _memory->Local = local;
        _memory->Remote = remote;
        _memory->Path.local.addrlen = (uint)local.Length;
        _memory->Path.remote.addrlen = (uint)remote.Length;
        _memory->Info.ecn = ecn;
    }

    /// <summary>The remote address that a write put here.</summary>
    internal ref readonly SocketEndpoint Remote
    {
        get
        {
            SetLength(&_memory->Remote, _memory->Path.remote.addrlen);
            return ref _memory->Remote;
        }
    }

    /// <summary>The local address that a write put here.</summary>
    internal ref readonly SocketEndpoint Local
    {
        get
        {
            SetLength(&_memory->Local, _memory->Path.local.addrlen);
            return ref _memory->Local;
        }
    }

    /// <summary>ngtcp2 wrote a bare sockaddr: the rest of the 32 bytes is what makes it comparable.</summary>
    private static void SetLength(SocketEndpoint* endpoint, uint length)
    {
        var words = (ulong*)endpoint;
        if (length == IPv4Length)
        {
            words[1] = 0;
            words[2] = 0;
        }
        words[3] = (length == IPv4Length ? 0 : (uint)words[3]) | ((ulong)length << 32);
    }

    private struct Memory
    {
        internal SocketEndpoint Local;
        internal SocketEndpoint Remote;
        internal ngtcp2_path Path;
        internal ngtcp2_pkt_info Info;
        internal fixed ulong Vectors[2 * VectorCount];
    }
}
