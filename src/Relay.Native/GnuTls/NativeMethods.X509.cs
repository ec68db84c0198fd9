using System.Runtime.InteropServices;

namespace Relay.Native.GnuTls;

#pragma warning disable IDE1006 // the library's own names

/// <content>Certificates of the other side, and whom to trust.</content>
internal static unsafe partial class NativeMethods
{
    private const string X509Header = "gnutls/gnutls.h;gnutls/x509.h";

    [NativeConstant("GNUTLS_FORCE_CLIENT_CERT", Header)] internal const uint GNUTLS_FORCE_CLIENT_CERT = 1 << 9;
    [NativeConstant("GNUTLS_CERT_REQUIRE", Header)] internal const int GNUTLS_CERT_REQUIRE = 2;
    [NativeConstant("GNUTLS_X509_FMT_DER", Header)] internal const int GNUTLS_X509_FMT_DER = 0;
    [NativeConstant("GNUTLS_DT_KEY_PURPOSE_OID", Header)] internal const int GNUTLS_DT_KEY_PURPOSE_OID = 2;
    [NativeConstant("GNUTLS_KEY_DIGITAL_SIGNATURE", Header)] internal const uint GNUTLS_KEY_DIGITAL_SIGNATURE = 128;
    [NativeConstant("GNUTLS_E_CERTIFICATE_ERROR", Header)] internal const int GNUTLS_E_CERTIFICATE_ERROR = -43;
    [NativeConstant("GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE", Header)]
    internal const int GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE = -56;
    [NativeConstant("GNUTLS_VERIFY_DO_NOT_ALLOW_SAME", X509Header)]
    internal const uint GNUTLS_VERIFY_DO_NOT_ALLOW_SAME = 1 << 2;
    // 112 bits, as OpenSSL has it by default: RSA of 2048, no SHA-1.
    [NativeConstant("GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM)", X509Header)]
    internal const uint GNUTLS_PROFILE = 5u << 24;
    [NativeConstant("GNUTLS_KP_TLS_WWW_CLIENT", X509Header)]
    internal const string GNUTLS_KP_TLS_WWW_CLIENT = "1.3.6.1.5.5.7.3.2";

    [DllImport(Library)]
    internal static extern void gnutls_certificate_server_set_request(nint session, int req);

    [DllImport(Library)]
    internal static extern void gnutls_session_set_verify_function(
        nint session, delegate* unmanaged[Cdecl]<nint, int> func);

    [DllImport(Library)]
    internal static extern gnutls_datum_t* gnutls_certificate_get_peers(nint session, uint* list_size);

    [DllImport(Library)]
    internal static extern int gnutls_credentials_get(nint session, int type, nint* cred);

    [DllImport(Library)]
    internal static extern void gnutls_certificate_get_trust_list(nint res, nint* tlist);

    [DllImport(Library)]
    internal static extern int gnutls_x509_trust_list_verify_crt2(
        nint list, nint* cert_list, uint cert_list_size, gnutls_typed_vdata_st* data, uint elements, uint flags,
        uint* voutput, delegate* unmanaged[Cdecl]<nint, nint, nint, uint, int> func);

    [DllImport(Library)]
    internal static extern int gnutls_x509_crt_init(nint* cert);

    [DllImport(Library)]
    internal static extern void gnutls_x509_crt_deinit(nint cert);

    [DllImport(Library)]
    internal static extern int gnutls_x509_crt_import(nint cert, gnutls_datum_t* data, int format);

    [DllImport(Library)]
    internal static extern int gnutls_x509_crt_export(nint cert, int format, byte* output_data, nuint* output_data_size);

    [DllImport(Library)]
    internal static extern int gnutls_x509_crt_get_ca_status(nint cert, uint* critical);

    [DllImport(Library)]
    internal static extern int gnutls_x509_crt_get_key_usage(nint cert, uint* key_usage, uint* critical);
}

/// <summary>Something that a certificate is compared with.</summary>
[NativeStruct("gnutls_typed_vdata_st", "gnutls/gnutls.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct gnutls_typed_vdata_st
{
    internal int type;
    internal byte* data;
    internal uint size;
}
