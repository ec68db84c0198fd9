using System.Runtime.InteropServices;

namespace Relay.Native.Quic;

/// <summary>Owns an ngtcp2_conn. It holds no reference to the TLS session, which is freed first.</summary>
/// <param name="connection">The connection.</param>
/// <param name="memory">Its allocator, which goes with it; null for the library's own.</param>
internal sealed unsafe class ConnectionHandle(nint connection, CountedMemory* memory) : SafeHandle(connection, true)
{
    public override bool IsInvalid => handle == 0;

    /// <summary>Bytes that the library holds of it.</summary>
    internal long Bytes => IsClosed ? 0 : CountedMemory.BytesOf(memory);

    protected override bool ReleaseHandle()
    {
        Ngtcp2.NativeMethods.ngtcp2_conn_del(handle);
        CountedMemory.Free(memory);
        return true;
    }
}

/// <summary>Owns an nghttp3_conn.</summary>
/// <param name="connection">The connection.</param>
/// <param name="memory">Its allocator, which goes with it; null for the library's own.</param>
internal sealed unsafe class Http3Handle(nint connection, CountedMemory* memory) : SafeHandle(connection, true)
{
    public override bool IsInvalid => handle == 0;

    /// <summary>Bytes that the library holds of it.</summary>
    internal long Bytes => IsClosed ? 0 : CountedMemory.BytesOf(memory);

    protected override bool ReleaseHandle()
    {
        Nghttp3.NativeMethods.nghttp3_conn_del(handle);
        CountedMemory.Free(memory);
        return true;
    }
}
