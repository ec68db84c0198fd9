using System.Runtime.InteropServices;

namespace Relay.Native.GnuTls;

#pragma warning disable IDE1006 // the library's own names

/// <content>Records over a byte stream.</content>
internal static unsafe partial class NativeMethods
{
    [NativeConstant("GNUTLS_NONBLOCK", Header)] internal const uint GNUTLS_NONBLOCK = 1 << 3;
    [NativeConstant("GNUTLS_SHUT_WR", Header)] internal const int GNUTLS_SHUT_WR = 1;
    [NativeConstant("GNUTLS_E_FATAL_ALERT_RECEIVED", Header)] internal const int GNUTLS_E_FATAL_ALERT_RECEIVED = -12;
    [NativeConstant("GNUTLS_E_AGAIN", Header)] internal const int GNUTLS_E_AGAIN = -28;
    [NativeConstant("GNUTLS_E_REHANDSHAKE", Header)] internal const int GNUTLS_E_REHANDSHAKE = -37;
    [NativeConstant("GNUTLS_E_NO_CERTIFICATE_FOUND", Header)] internal const int GNUTLS_E_NO_CERTIFICATE_FOUND = -49;
    [NativeConstant("GNUTLS_E_PREMATURE_TERMINATION", Header)] internal const int GNUTLS_E_PREMATURE_TERMINATION = -110;
    [NativeConstant("GNUTLS_E_CERTIFICATE_REQUIRED", Header)] internal const int GNUTLS_E_CERTIFICATE_REQUIRED = -112;

    [DllImport(Library)]
    internal static extern void gnutls_transport_set_ptr(nint session, void* ptr);

    [DllImport(Library)]
    internal static extern void gnutls_transport_set_pull_function(
        nint session, delegate* unmanaged[Cdecl]<void*, byte*, nuint, nint> pull_func);

    [DllImport(Library)]
    internal static extern void gnutls_transport_set_push_function(
        nint session, delegate* unmanaged[Cdecl]<void*, byte*, nuint, nint> push_func);

    [DllImport(Library)]
    internal static extern void gnutls_transport_set_errno_function(
        nint session, delegate* unmanaged[Cdecl]<void*, int> errno_func);

    [DllImport(Library)]
    internal static extern int gnutls_handshake(nint session);

    [DllImport(Library)]
    internal static extern int gnutls_error_is_fatal(int error);

    [DllImport(Library)]
    internal static extern int gnutls_alert_send_appropriate(nint session, int err);

    [DllImport(Library)]
    internal static extern int gnutls_alert_get(nint session);

    [DllImport(Library)]
    internal static extern int gnutls_protocol_get_version(nint session);

    [DllImport(Library)]
    internal static extern byte* gnutls_protocol_get_name(int version);

    [DllImport(Library)]
    internal static extern nint gnutls_record_recv(nint session, byte* data, nuint data_size);

    [DllImport(Library)]
    internal static extern nint gnutls_record_send(nint session, byte* data, nuint data_size);

    [DllImport(Library)]
    internal static extern int gnutls_bye(nint session, int how);
}
