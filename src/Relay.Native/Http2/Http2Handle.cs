using System.Runtime.InteropServices;

namespace Relay.Native.Http2;

/// <summary>Owns an nghttp2_session.</summary>
internal sealed class Http2Handle(nint session) : SafeHandle(session, true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Nghttp2.NativeMethods.nghttp2_session_del(handle);
        return true;
    }
}
