using System.Runtime.InteropServices;

namespace Relay.Native.OpenSsl;

/// <summary>Owns an SSL_CTX. Sessions hold references of their own, which OpenSSL counts.</summary>
internal sealed class ContextHandle(nint context) : SafeHandle(context, true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.SSL_CTX_free(handle);
        return true;
    }
}
