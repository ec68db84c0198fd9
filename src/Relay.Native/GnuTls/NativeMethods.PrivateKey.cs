using System.Runtime.InteropServices;

namespace Relay.Native.GnuTls;

#pragma warning disable IDE1006 // the library's own names

/// <content>Private keys that somebody else holds, and certificates with them.</content>
internal static unsafe partial class NativeMethods
{
    private const string AbstractHeader = "gnutls/gnutls.h;gnutls/abstract.h";

    [NativeConstant("GNUTLS_PK_RSA", Header)] internal const int GNUTLS_PK_RSA = 1;
    [NativeConstant("GNUTLS_PK_ECDSA", Header)] internal const int GNUTLS_PK_ECDSA = 4;
    [NativeConstant("GNUTLS_SIGN_RSA_SHA256", Header)] internal const int GNUTLS_SIGN_RSA_SHA256 = 6;
    [NativeConstant("GNUTLS_SIGN_RSA_SHA384", Header)] internal const int GNUTLS_SIGN_RSA_SHA384 = 7;
    [NativeConstant("GNUTLS_SIGN_RSA_SHA512", Header)] internal const int GNUTLS_SIGN_RSA_SHA512 = 8;
    [NativeConstant("GNUTLS_SIGN_RSA_RAW", Header)] internal const int GNUTLS_SIGN_RSA_RAW = 36;
    [NativeConstant("GNUTLS_SIGN_RSA_PSS_RSAE_SHA256", Header)] internal const int GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 = 40;
    [NativeConstant("GNUTLS_SIGN_RSA_PSS_RSAE_SHA384", Header)] internal const int GNUTLS_SIGN_RSA_PSS_RSAE_SHA384 = 41;
    [NativeConstant("GNUTLS_SIGN_RSA_PSS_RSAE_SHA512", Header)] internal const int GNUTLS_SIGN_RSA_PSS_RSAE_SHA512 = 42;
    [NativeConstant("GNUTLS_SIGN_ECDSA_SHA256", Header)] internal const int GNUTLS_SIGN_ECDSA_SHA256 = 14;
    [NativeConstant("GNUTLS_SIGN_ECDSA_SHA384", Header)] internal const int GNUTLS_SIGN_ECDSA_SHA384 = 15;
    [NativeConstant("GNUTLS_SIGN_ECDSA_SHA512", Header)] internal const int GNUTLS_SIGN_ECDSA_SHA512 = 16;
    [NativeConstant("GNUTLS_SIGN_ECDSA_SECP256R1_SHA256", Header)]
    internal const int GNUTLS_SIGN_ECDSA_SECP256R1_SHA256 = 37;
    [NativeConstant("GNUTLS_SIGN_ECDSA_SECP384R1_SHA384", Header)]
    internal const int GNUTLS_SIGN_ECDSA_SECP384R1_SHA384 = 38;
    [NativeConstant("GNUTLS_SIGN_ECDSA_SECP521R1_SHA512", Header)]
    internal const int GNUTLS_SIGN_ECDSA_SECP521R1_SHA512 = 39;
    [NativeConstant("GNUTLS_PRIVKEY_INFO_PK_ALGO", AbstractHeader)] internal const uint GNUTLS_PRIVKEY_INFO_PK_ALGO = 1;
    [NativeConstant("GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO", AbstractHeader)]
    internal const uint GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO = 1 << 2;
    [NativeConstant("GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS", AbstractHeader)]
    internal const uint GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS = 1 << 3;
    [NativeConstant("GNUTLS_X509_CRT_LIST_SORT", X509Header)] internal const uint GNUTLS_X509_CRT_LIST_SORT = 1 << 2;
    [NativeConstant("GNUTLS_E_PK_SIGN_FAILED", Header)] internal const int GNUTLS_E_PK_SIGN_FAILED = -46;

    /// <summary>GNUTLS_FLAGS_TO_SIGN_ALGO.</summary>
    internal static int SignAlgorithmOf(uint flags) => (int)(flags >> 20);

    [DllImport(Library)]
    internal static extern int gnutls_privkey_init(nint* key);

    [DllImport(Library)]
    internal static extern void gnutls_privkey_deinit(nint key);

    [DllImport(Library)]
    internal static extern int gnutls_privkey_import_ext4(
        nint pkey, void* userdata, void* sign_data_func,
        delegate* unmanaged[Cdecl]<nint, int, void*, uint, gnutls_datum_t*, gnutls_datum_t*, int> sign_hash_func,
        void* decrypt_func, delegate* unmanaged[Cdecl]<nint, void*, void> deinit_func,
        delegate* unmanaged[Cdecl]<nint, uint, void*, int> info_func, uint flags);

    [DllImport(Library)]
    internal static extern int gnutls_pcert_list_import_x509_raw(
        gnutls_pcert_st* pcert_list, uint* pcert_list_size, gnutls_datum_t* data, int format, uint flags);

    [DllImport(Library)]
    internal static extern void gnutls_pcert_deinit(gnutls_pcert_st* pcert);

    [DllImport(Library)]
    internal static extern int gnutls_certificate_set_key(
        nint res, byte** names, int names_size, gnutls_pcert_st* pcert_list, int pcert_list_size, nint key);
}

/// <summary>A certificate with its public key.</summary>
[NativeStruct("gnutls_pcert_st", "gnutls/gnutls.h;gnutls/abstract.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct gnutls_pcert_st
{
    internal nint pubkey;
    internal gnutls_datum_t cert;
    internal int type;
}
