using System.Runtime.InteropServices;

namespace Relay.Native.GnuTls;

/// <summary>Owns a gnutls_priority_t.</summary>
internal sealed class PriorityHandle(nint priority) : SafeHandle(priority, true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.gnutls_priority_deinit(handle);
        return true;
    }
}

/// <summary>Owns a gnutls_certificate_credentials_t. Each session that uses it holds a reference.</summary>
internal sealed class CredentialsHandle(nint credentials) : SafeHandle(credentials, true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        PeerCertificate.Forget(handle);
        NativeMethods.gnutls_certificate_free_credentials(handle);
        return true;
    }
}

/// <summary>
/// Owns a gnutls_session_t and, through a reference, the credentials that it points to: the credentials can be replaced
/// while handshakes that began with the old ones go on.
/// </summary>
internal sealed class SessionHandle : SafeHandle
{
    private readonly CredentialsHandle _credentials;

    private SessionHandle(nint session, CredentialsHandle credentials) : base(session, true) =>
        _credentials = credentials;

    public override bool IsInvalid => handle == 0;

    internal static unsafe SessionHandle Create(uint flags, CredentialsHandle credentials, PriorityHandle priority)
    {
        // First, since it fails where the credentials were replaced and disposed in the meantime.
        var referenced = false;
        credentials.DangerousAddRef(ref referenced);
        nint session;
        var result = NativeMethods.gnutls_init(&session, flags);
        if (result < 0)
            credentials.DangerousRelease();
        GnuTlsError.ThrowIf("gnutls_init", result);
        var owner = new SessionHandle(session, credentials);
        try
        {
            GnuTlsError.ThrowIf("gnutls_priority_set",
                NativeMethods.gnutls_priority_set(session, priority.DangerousGetHandle()));
            GnuTlsError.ThrowIf("gnutls_credentials_set", NativeMethods.gnutls_credentials_set(
                session, NativeMethods.GNUTLS_CRD_CERTIFICATE, credentials.DangerousGetHandle()));
            return owner;
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.gnutls_deinit(handle);
        _credentials.DangerousRelease();
        return true;
    }
}
