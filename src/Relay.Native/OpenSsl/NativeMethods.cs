using System.Runtime.InteropServices;

namespace Relay.Native.OpenSsl;

#pragma warning disable IDE1006 // the library's own names

/// <summary>libssl of OpenSSL 3, verbatim: https://docs.openssl.org/master/man3/. Macros are spelled out by their callers.</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Ssl = "libssl.so.3";

    private const string Header = "openssl/ssl.h";

    // The first is where OpenSSL has what QUIC needs.
    private const string QuicHeader = "ngtcp2/ngtcp2_crypto_ossl.h;openssl/core_dispatch.h";
    private const string NewerHeader = "ngtcp2/ngtcp2_crypto_ossl.h;" + Header;

    [NativeConstant("SSL_CTRL_MODE", Header)] internal const int SSL_CTRL_MODE = 33;
    [NativeConstant("SSL_CTRL_SET_SESS_CACHE_MODE", Header)] internal const int SSL_CTRL_SET_SESS_CACHE_MODE = 44;
    [NativeConstant("SSL_CTRL_CLEAR_MODE", Header)] internal const int SSL_CTRL_CLEAR_MODE = 78;
    [NativeConstant("SSL_CTRL_CHAIN_CERT", Header)] internal const int SSL_CTRL_CHAIN_CERT = 89;
    [NativeConstant("SSL_CTRL_SET_GROUPS_LIST", Header)] internal const int SSL_CTRL_SET_GROUPS_LIST = 92;
    [NativeConstant("SSL_CTRL_SET_MIN_PROTO_VERSION", Header)] internal const int SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
    [NativeConstant("SSL_SESS_CACHE_OFF", Header)] internal const int SSL_SESS_CACHE_OFF = 0;
    [NativeConstant("SSL_MODE_AUTO_RETRY", Header)] internal const int SSL_MODE_AUTO_RETRY = 4;
    [NativeConstant("SSL_MODE_NO_AUTO_CHAIN", Header)] internal const int SSL_MODE_NO_AUTO_CHAIN = 8;
    [NativeConstant("SSL_MODE_RELEASE_BUFFERS", Header)] internal const int SSL_MODE_RELEASE_BUFFERS = 16;
    [NativeConstant("SSL_OP_NO_TICKET", Header)] internal const ulong SSL_OP_NO_TICKET = 1ul << 14;
    [NativeConstant("SSL_OP_NO_COMPRESSION", Header)] internal const ulong SSL_OP_NO_COMPRESSION = 1ul << 17;
    [NativeConstant("SSL_OP_CIPHER_SERVER_PREFERENCE", Header)]
    internal const ulong SSL_OP_CIPHER_SERVER_PREFERENCE = 1ul << 22;
    [NativeConstant("SSL_OP_NO_RENEGOTIATION", Header)] internal const ulong SSL_OP_NO_RENEGOTIATION = 1ul << 30;
    [NativeConstant("SSL_OP_NO_TX_CERTIFICATE_COMPRESSION", NewerHeader)]
    internal const ulong SSL_OP_NO_TX_CERTIFICATE_COMPRESSION = 1ul << 32;
    [NativeConstant("SSL_OP_NO_RX_CERTIFICATE_COMPRESSION", NewerHeader)]
    internal const ulong SSL_OP_NO_RX_CERTIFICATE_COMPRESSION = 1ul << 33;
    [NativeConstant("SSL_VERIFY_PEER", Header)] internal const int SSL_VERIFY_PEER = 1;
    [NativeConstant("SSL_VERIFY_FAIL_IF_NO_PEER_CERT", Header)] internal const int SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;
    [NativeConstant("TLS1_2_VERSION", Header)] internal const int TLS1_2_VERSION = 0x303;
    [NativeConstant("TLS1_3_VERSION", Header)] internal const int TLS1_3_VERSION = 0x304;
    [NativeConstant("SSL_ERROR_WANT_READ", Header)] internal const int SSL_ERROR_WANT_READ = 2;
    [NativeConstant("SSL_ERROR_ZERO_RETURN", Header)] internal const int SSL_ERROR_ZERO_RETURN = 6;
    [NativeConstant("SSL_CLIENT_HELLO_SUCCESS", Header)] internal const int SSL_CLIENT_HELLO_SUCCESS = 1;
    [NativeConstant("SSL_CLIENT_HELLO_ERROR", Header)] internal const int SSL_CLIENT_HELLO_ERROR = 0;
    [NativeConstant("SSL_TLSEXT_ERR_OK", Header)] internal const int SSL_TLSEXT_ERR_OK = 0;
    [NativeConstant("SSL_TLSEXT_ERR_ALERT_FATAL", Header)] internal const int SSL_TLSEXT_ERR_ALERT_FATAL = 2;
    [NativeConstant("OPENSSL_NPN_NEGOTIATED", Header)] internal const int OPENSSL_NPN_NEGOTIATED = 1;
    [NativeConstant("TLSEXT_TYPE_application_layer_protocol_negotiation", Header)]
    internal const uint TLSEXT_TYPE_application_layer_protocol_negotiation = 16;
    [NativeConstant("SSL_AD_MISSING_EXTENSION", Header)] internal const byte SSL_AD_MISSING_EXTENSION = 109;
    [NativeConstant("SSL_AD_NO_APPLICATION_PROTOCOL", Header)] internal const int SSL_AD_NO_APPLICATION_PROTOCOL = 120;
    [NativeConstant("SSL_AD_REASON_OFFSET", Header)] internal const int SSL_AD_REASON_OFFSET = 1000;
    [NativeConstant("SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE", Header)]
    internal const int SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE = 199;
    [NativeConstant("SSL_R_CERTIFICATE_VERIFY_FAILED", Header)] internal const int SSL_R_CERTIFICATE_VERIFY_FAILED = 134;
    [NativeConstant("SSL_R_UNEXPECTED_MESSAGE", Header)] internal const int SSL_R_UNEXPECTED_MESSAGE = 244;
    [NativeConstant("SSL_R_UNEXPECTED_EOF_WHILE_READING", Header)]
    internal const int SSL_R_UNEXPECTED_EOF_WHILE_READING = 294;

    [NativeConstant("OSSL_FUNC_SSL_QUIC_TLS_CRYPTO_SEND", QuicHeader)]
    internal const int OSSL_FUNC_SSL_QUIC_TLS_CRYPTO_SEND = 2001;
    [NativeConstant("OSSL_FUNC_SSL_QUIC_TLS_YIELD_SECRET", QuicHeader)]
    internal const int OSSL_FUNC_SSL_QUIC_TLS_YIELD_SECRET = 2004;

    [DllImport(Ssl)]
    internal static extern nint TLS_server_method();

    [DllImport(Ssl)]
    internal static extern nint SSL_CTX_new(nint method);

    [DllImport(Ssl)]
    internal static extern void SSL_CTX_free(nint ctx);

    [DllImport(Ssl)]
    internal static extern nint SSL_CTX_ctrl(nint ctx, int cmd, nint larg, void* parg);

    [DllImport(Ssl)]
    internal static extern ulong SSL_CTX_set_options(nint ctx, ulong options);

    [DllImport(Ssl)]
    internal static extern int SSL_CTX_set_ciphersuites(nint ctx, byte* str);

    [DllImport(Ssl)]
    internal static extern int SSL_CTX_set_cipher_list(nint ctx, byte* str);

    [DllImport(Ssl)]
    internal static extern int SSL_CTX_set_num_tickets(nint ctx, nuint num_tickets);

    [DllImport(Ssl)]
    internal static extern nint SSL_CTX_set_timeout(nint ctx, nint t);

    [DllImport(Ssl)]
    internal static extern int SSL_CTX_use_certificate(nint ctx, nint x);

    [DllImport(Ssl)]
    internal static extern int SSL_CTX_use_PrivateKey(nint ctx, nint pkey);

    [DllImport(Ssl)]
    internal static extern int SSL_CTX_check_private_key(nint ctx);

    [DllImport(Ssl)]
    internal static extern nint SSL_CTX_get_cert_store(nint ctx);

    [DllImport(Ssl)]
    internal static extern int SSL_CTX_add_client_CA(nint ctx, nint x);

    [DllImport(Ssl)]
    internal static extern void SSL_CTX_set_verify(nint ctx, int mode, void* callback);

    [DllImport(Ssl)]
    internal static extern void SSL_CTX_set_cert_verify_callback(
        nint ctx, delegate* unmanaged[Cdecl]<nint, nint, int> cb, nint arg);

    [DllImport(Ssl)]
    internal static extern void SSL_CTX_set_alpn_select_cb(
        nint ctx, delegate* unmanaged[Cdecl]<nint, byte**, byte*, byte*, uint, nint, int> cb, nint arg);

    [DllImport(Ssl)]
    internal static extern void SSL_CTX_set_client_hello_cb(
        nint ctx, delegate* unmanaged[Cdecl]<nint, int*, nint, int> cb, nint arg);

    [DllImport(Ssl)]
    internal static extern int SSL_client_hello_get0_ext(nint s, uint type, byte** @out, nuint* outlen);

    [DllImport(Ssl)]
    internal static extern int SSL_select_next_proto(
        byte** @out, byte* outlen, byte* server, uint server_len, byte* client, uint client_len);

    [DllImport(Ssl)]
    internal static extern nint SSL_new(nint ctx);

    [DllImport(Ssl)]
    internal static extern void SSL_free(nint ssl);

    [DllImport(Ssl)]
    internal static extern void SSL_set_accept_state(nint ssl);

    [DllImport(Ssl)]
    internal static extern void SSL_set_bio(nint ssl, nint rbio, nint wbio);

    [DllImport(Ssl)]
    internal static extern int SSL_set_ex_data(nint ssl, int idx, void* data);

    [DllImport(Ssl)]
    internal static extern void* SSL_get_ex_data(nint ssl, int idx);

    [DllImport(Ssl)]
    internal static extern int SSL_set_quic_tls_cbs(nint s, OSSL_DISPATCH* qtdis, void* arg);

    [DllImport(Ssl)]
    internal static extern int SSL_do_handshake(nint ssl);

    [DllImport(Ssl)]
    internal static extern int SSL_read(nint ssl, byte* buf, int num);

    [DllImport(Ssl)]
    internal static extern int SSL_write(nint ssl, byte* buf, int num);

    [DllImport(Ssl)]
    internal static extern int SSL_shutdown(nint ssl);

    [DllImport(Ssl)]
    internal static extern int SSL_get_error(nint ssl, int ret);

    [DllImport(Ssl)]
    internal static extern byte* SSL_get_version(nint ssl);

    [DllImport(Ssl)]
    internal static extern int SSL_version(nint ssl);

    [DllImport(Ssl)]
    internal static extern void SSL_get0_alpn_selected(nint ssl, byte** data, uint* len);

    [DllImport(Ssl)]
    internal static extern nint SSL_get0_peer_certificate(nint ssl);
}

/// <summary>A function by its number.</summary>
[NativeStruct("OSSL_DISPATCH", "openssl/core.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OSSL_DISPATCH
{
    internal int function_id;
    internal void* function;
}
