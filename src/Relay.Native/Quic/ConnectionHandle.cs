using System.Runtime.InteropServices;

namespace Relay.Native.Quic;

/// <summary>Owns an ngtcp2_conn. It holds no reference to the TLS session, which is freed first.</summary>
internal sealed class ConnectionHandle(nint connection) : SafeHandle(connection, true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Ngtcp2.NativeMethods.ngtcp2_conn_del(handle);
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
