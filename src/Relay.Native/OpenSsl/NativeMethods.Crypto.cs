using System.Runtime.InteropServices;

namespace Relay.Native.OpenSsl;

#pragma warning disable IDE1006 // the library's own names

/// <content>libcrypto.</content>
internal static unsafe partial class NativeMethods
{
    internal const string Crypto = "libcrypto.so.3";

    private const string BioHeader = "openssl/bio.h";
    private const string X509Header = "openssl/x509v3.h";

    [NativeConstant("BIO_TYPE_SOURCE_SINK", BioHeader)] internal const int BIO_TYPE_SOURCE_SINK = 0x400;
    [NativeConstant("BIO_CTRL_FLUSH", BioHeader)] internal const int BIO_CTRL_FLUSH = 11;
    [NativeConstant("BIO_FLAGS_RWS", BioHeader)] internal const int BIO_FLAGS_RWS = 7;
    [NativeConstant("BIO_FLAGS_READ", BioHeader)] internal const int BIO_FLAGS_READ = 1;
    [NativeConstant("BIO_FLAGS_SHOULD_RETRY", BioHeader)] internal const int BIO_FLAGS_SHOULD_RETRY = 8;
    [NativeConstant("X509_V_FLAG_PARTIAL_CHAIN", X509Header)] internal const ulong X509_V_FLAG_PARTIAL_CHAIN = 0x80000;
    [NativeConstant("X509_V_ERR_CERT_REJECTED", X509Header)] internal const int X509_V_ERR_CERT_REJECTED = 28;
    [NativeConstant("EXFLAG_CA", X509Header)] internal const uint EXFLAG_CA = 0x10;
    [NativeConstant("KU_DIGITAL_SIGNATURE", X509Header)] internal const uint KU_DIGITAL_SIGNATURE = 0x80;
    [NativeConstant("NID_aes_128_gcm", "openssl/obj_mac.h")] internal const int NID_aes_128_gcm = 895;
    [NativeConstant("NID_aes_256_gcm", "openssl/obj_mac.h")] internal const int NID_aes_256_gcm = 901;
    [NativeConstant("NID_chacha20_poly1305", "openssl/obj_mac.h")] internal const int NID_chacha20_poly1305 = 1018;
    [NativeConstant("PEM_R_NO_START_LINE", "openssl/pem.h")] internal const int PEM_R_NO_START_LINE = 108;
    [NativeConstant("ERR_LIB_SSL", "openssl/err.h")] internal const int ERR_LIB_SSL = 20;
    [NativeConstant("ERR_REASON_MASK", "openssl/err.h")] internal const int ERR_REASON_MASK = 0x7fffff;
    [NativeConstant("ERR_LIB_OFFSET", "openssl/err.h")] internal const int ERR_LIB_OFFSET = 23;
    [NativeConstant("OPENSSL_VERSION_STRING", "openssl/crypto.h")] internal const int OPENSSL_VERSION_STRING = 6;

    [NativeConstant("OPENSSL_INIT_NO_ATEXIT", "openssl/crypto.h")] internal const ulong OPENSSL_INIT_NO_ATEXIT = 0x80000;

    [DllImport(Crypto)]
    internal static extern byte* OpenSSL_version(int type);

    [DllImport(Crypto)]
    internal static extern int OPENSSL_init_crypto(ulong opts, void* settings);

    // Looked up with each record, like the state of a BIO: a few instructions.
    [DllImport(Crypto)]
    [SuppressGCTransition]
    internal static extern void ERR_clear_error();

    [DllImport(Crypto)]
    internal static extern nuint ERR_peek_error();

    [DllImport(Crypto)]
    internal static extern byte* ERR_reason_error_string(nuint e);

    [DllImport(Crypto)]
    internal static extern nint BIO_meth_new(int type, byte* name);

    [DllImport(Crypto)]
    internal static extern int BIO_meth_set_read(nint biom, delegate* unmanaged[Cdecl]<nint, byte*, int, int> read);

    [DllImport(Crypto)]
    internal static extern int BIO_meth_set_write(nint biom, delegate* unmanaged[Cdecl]<nint, byte*, int, int> write);

    [DllImport(Crypto)]
    internal static extern int BIO_meth_set_ctrl(nint biom, delegate* unmanaged[Cdecl]<nint, int, nint, void*, nint> ctrl);

    [DllImport(Crypto)]
    internal static extern nint BIO_new(nint type);

    [DllImport(Crypto)]
    internal static extern nint BIO_new_mem_buf(byte* buf, int len);

    [DllImport(Crypto)]
    internal static extern int BIO_free(nint a);

    [DllImport(Crypto)]
    internal static extern void BIO_set_init(nint a, int init);

    [DllImport(Crypto)]
    internal static extern void BIO_set_data(nint a, void* ptr);

    [DllImport(Crypto)]
    [SuppressGCTransition]
    internal static extern void* BIO_get_data(nint a);

    [DllImport(Crypto)]
    [SuppressGCTransition]
    internal static extern void BIO_set_flags(nint b, int flags);

    [DllImport(Crypto)]
    [SuppressGCTransition]
    internal static extern void BIO_clear_flags(nint b, int flags);

    [DllImport(Crypto)]
    internal static extern nint PEM_read_bio_X509(
        nint bp, nint* x, delegate* unmanaged[Cdecl]<byte*, int, int, void*, int> cb, void* u);

    [DllImport(Crypto)]
    internal static extern nint PEM_read_bio_PrivateKey(
        nint bp, nint* x, delegate* unmanaged[Cdecl]<byte*, int, int, void*, int> cb, void* u);

    [DllImport(Crypto)]
    internal static extern void EVP_PKEY_free(nint pkey);

    [DllImport(Crypto)]
    internal static extern void X509_free(nint a);

    [DllImport(Crypto)]
    internal static extern int i2d_X509(nint a, byte** @out);

    [DllImport(Crypto)]
    internal static extern uint X509_get_extension_flags(nint x);

    [DllImport(Crypto)]
    internal static extern uint X509_get_key_usage(nint x);

    [DllImport(Crypto)]
    internal static extern int X509_STORE_add_cert(nint xs, nint x);

    [DllImport(Crypto)]
    internal static extern nint X509_STORE_CTX_get0_cert(nint ctx);

    [DllImport(Crypto)]
    internal static extern void X509_STORE_CTX_set0_untrusted(nint ctx, nint sk);

    [DllImport(Crypto)]
    internal static extern void X509_STORE_CTX_set_flags(nint ctx, ulong flags);

    [DllImport(Crypto)]
    internal static extern int X509_verify_cert(nint ctx);

    [DllImport(Crypto)]
    internal static extern void X509_STORE_CTX_set_error(nint ctx, int s);

    [DllImport(Crypto)]
    internal static extern nint X509_STORE_CTX_get0_chain(nint ctx);

    [DllImport(Crypto)]
    internal static extern nint X509_STORE_CTX_get0_untrusted(nint ctx);

    [DllImport(Crypto)]
    internal static extern int OPENSSL_sk_num(nint sk);

    [DllImport(Crypto)]
    internal static extern nint OPENSSL_sk_value(nint sk, int i);

    [DllImport(Crypto)]
    internal static extern int EVP_CIPHER_get_nid(nint cipher);

    [DllImport(Crypto)]
    internal static extern nint EVP_CIPHER_CTX_new();

    [DllImport(Crypto)]
    internal static extern void EVP_CIPHER_CTX_free(nint ctx);

    [DllImport(Crypto)]
    internal static extern int EVP_EncryptInit_ex(nint ctx, nint type, nint impl, byte* key, byte* iv);
}
