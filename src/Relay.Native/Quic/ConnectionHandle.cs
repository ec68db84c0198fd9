using System.Runtime.InteropServices;

namespace Relay.Native.Quic;

/// <summary>Owns an ngtcp2_conn. It holds no reference to the TLS session, which is freed first.</summary>
/// <param name="connection">The connection.</param>
/// <param name="memory">The allocator of it and of its nghttp3_conn, which goes with it; null for the libraries' own.</param>
internal sealed unsafe class ConnectionHandle(nint connection, CountedMemory* memory) : SafeHandle(connection, true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Ngtcp2.NativeMethods.ngtcp2_conn_del(handle);
        CountedMemory.Free(memory);
        return true;
    }
}

/// <summary>Owns an nghttp3_conn.</summary>
internal sealed class Http3Handle(nint connection) : SafeHandle(connection, true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Nghttp3.NativeMethods.nghttp3_conn_del(handle);
        return true;
    }
}
