using System.Runtime.InteropServices;

namespace Relay.Native.GnuTls;

#pragma warning disable IDE1006 // the library's own names

/// <summary>libgnutls, verbatim: https://gnutls.org/manual/html_node/API-reference.html.</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "libgnutls.so.30";

    private const string Header = "gnutls/gnutls.h";

    [NativeConstant("GNUTLS_SERVER", Header)] internal const uint GNUTLS_SERVER = 1;
    [NativeConstant("GNUTLS_CLIENT", Header)] internal const uint GNUTLS_CLIENT = 1 << 1;
    [NativeConstant("GNUTLS_NO_AUTO_REKEY", Header)] internal const uint GNUTLS_NO_AUTO_REKEY = 1 << 15;
    [NativeConstant("GNUTLS_NO_END_OF_EARLY_DATA", Header)] internal const uint GNUTLS_NO_END_OF_EARLY_DATA = 1 << 22;
    [NativeConstant("GNUTLS_CRD_CERTIFICATE", Header)] internal const int GNUTLS_CRD_CERTIFICATE = 1;
    [NativeConstant("GNUTLS_X509_FMT_PEM", Header)] internal const int GNUTLS_X509_FMT_PEM = 1;
    [NativeConstant("GNUTLS_NAME_DNS", Header)] internal const int GNUTLS_NAME_DNS = 1;
    [NativeConstant("GNUTLS_ALPN_MANDATORY", Header)] internal const uint GNUTLS_ALPN_MANDATORY = 1;
    [NativeConstant("GNUTLS_ALPN_SERVER_PRECEDENCE", Header)] internal const uint GNUTLS_ALPN_SERVER_PRECEDENCE = 2;
    [NativeConstant("GNUTLS_E_NO_APPLICATION_PROTOCOL", Header)]
    internal const int GNUTLS_E_NO_APPLICATION_PROTOCOL =
        -344;
    [NativeConstant("GNUTLS_E_MISSING_EXTENSION", Header)] internal const int GNUTLS_E_MISSING_EXTENSION = -427;
    [NativeConstant("GNUTLS_HANDSHAKE_CLIENT_HELLO", Header)] internal const uint GNUTLS_HANDSHAKE_CLIENT_HELLO = 1;
    [NativeConstant("GNUTLS_HOOK_POST", Header)] internal const int GNUTLS_HOOK_POST = 1;

    [NativeConstant("GNUTLS_CIPHER_AES_128_GCM", Header)] internal const int GNUTLS_CIPHER_AES_128_GCM = 10;
    [NativeConstant("GNUTLS_CIPHER_AES_256_GCM", Header)] internal const int GNUTLS_CIPHER_AES_256_GCM = 11;
    [NativeConstant("GNUTLS_CIPHER_CHACHA20_POLY1305", Header)]
    internal const int GNUTLS_CIPHER_CHACHA20_POLY1305 = 23;

    [DllImport(Library)]
    internal static extern byte* gnutls_check_version(byte* req_version);

    [DllImport(Library)]
    internal static extern byte* gnutls_strerror(int error);

    [DllImport(Library)]
    internal static extern int gnutls_init(nint* session, uint flags);

    [DllImport(Library)]
    internal static extern void gnutls_deinit(nint session);

    [DllImport(Library)]
    internal static extern void gnutls_session_set_ptr(nint session, void* ptr);

    [DllImport(Library)]
    internal static extern int gnutls_priority_init(nint* priority_cache, byte* priorities, byte** err_pos);

    [DllImport(Library)]
    internal static extern void gnutls_priority_deinit(nint priority_cache);

    [DllImport(Library)]
    internal static extern int gnutls_priority_set(nint session, nint priority);

    [DllImport(Library)]
    internal static extern int gnutls_certificate_allocate_credentials(nint* res);

    [DllImport(Library)]
    internal static extern void gnutls_certificate_free_credentials(nint sc);

    [DllImport(Library)]
    internal static extern int gnutls_certificate_set_x509_key_mem(
        nint res, gnutls_datum_t* cert, gnutls_datum_t* key, int type);

    [DllImport(Library)]
    internal static extern int gnutls_certificate_set_x509_trust_mem(nint res, gnutls_datum_t* ca, int type);

    [DllImport(Library)]
    internal static extern int gnutls_certificate_set_x509_system_trust(nint cred);

    [DllImport(Library)]
    internal static extern int gnutls_credentials_set(nint session, int type, nint cred);

    [DllImport(Library)]
    internal static extern int gnutls_alpn_set_protocols(
        nint session, gnutls_datum_t* protocols, uint protocols_size, uint flags);

    [DllImport(Library)]
    internal static extern int gnutls_alpn_get_selected_protocol(nint session, gnutls_datum_t* protocol);

    [DllImport(Library)]
    internal static extern void gnutls_handshake_set_post_client_hello_function(
        nint session, delegate* unmanaged[Cdecl]<nint, int> func);

    [DllImport(Library)]
    internal static extern void gnutls_handshake_set_hook_function(
        nint session, uint htype, int when, delegate* unmanaged[Cdecl]<nint, uint, uint, uint, gnutls_datum_t*, int> func);

    [DllImport(Library)]
    internal static extern void* gnutls_session_get_ptr(nint session);

    [DllImport(Library)]
    internal static extern void gnutls_handshake_set_secret_function(
        nint session, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, nuint, int> func);

    [DllImport(Library)]
    internal static extern int gnutls_cipher_init(nint* handle, int cipher, gnutls_datum_t* key, gnutls_datum_t* iv);

    [DllImport(Library)]
    internal static extern void gnutls_cipher_deinit(nint handle);

    [DllImport(Library)]
    internal static extern int gnutls_server_name_set(nint session, int type, byte* name, nuint name_length);

    [DllImport(Library)]
    internal static extern void gnutls_session_set_verify_cert(nint session, byte* hostname, uint flags);

    [DllImport(Library)]
    internal static extern int gnutls_session_ticket_key_generate(gnutls_datum_t* key);

    [DllImport(Library)]
    internal static extern int gnutls_session_ticket_enable_server(nint session, gnutls_datum_t* key);
}

/// <summary>A length-prefixed pointer.</summary>
[NativeStruct("gnutls_datum_t", "gnutls/gnutls.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct gnutls_datum_t
{
    internal byte* data;
    internal uint size;
}
