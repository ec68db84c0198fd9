using System.Runtime.InteropServices;

namespace Relay.Native.Ngtcp2;

/// <summary>
/// What ngtcp2's crypto libraries have each for itself, verbatim: https://nghttp2.org/ngtcp2/crypto_gnutls_apiref.html,
/// https://nghttp2.org/ngtcp2/crypto_ossl_apiref.html. What all have is in <see cref="CryptoLibrary"/>.
/// </summary>
internal static unsafe class CryptoNativeMethods
{
    [DllImport(CryptoLibrary.GnuTlsName)]
    internal static extern int ngtcp2_crypto_gnutls_configure_server_session(nint session);

    [DllImport(CryptoLibrary.GnuTlsName)]
    internal static extern int ngtcp2_crypto_gnutls_configure_client_session(nint session);

    [DllImport(CryptoLibrary.GnuTlsName)]
    internal static extern int ngtcp2_crypto_gnutls_from_gnutls_record_encryption_level(int gtls_level);

    [DllImport(CryptoLibrary.OpenSslName)]
    internal static extern int ngtcp2_crypto_ossl_init();

    [DllImport(CryptoLibrary.OpenSslName)]
    internal static extern int ngtcp2_crypto_ossl_ctx_new(nint* possl_ctx, nint ssl);

    [DllImport(CryptoLibrary.OpenSslName)]
    internal static extern void ngtcp2_crypto_ossl_ctx_del(nint ossl_ctx);

    [DllImport(CryptoLibrary.OpenSslName)]
    internal static extern int ngtcp2_crypto_ossl_configure_server_session(nint ssl);

    [DllImport(CryptoLibrary.OpenSslName)]
    internal static extern int ngtcp2_crypto_ossl_from_ossl_encryption_level(uint ossl_level);
}
