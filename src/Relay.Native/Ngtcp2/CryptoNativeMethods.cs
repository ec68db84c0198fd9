using System.Runtime.InteropServices;

namespace Relay.Native.Ngtcp2;

/// <summary>
/// libngtcp2_crypto_gnutls, verbatim: https://nghttp2.org/ngtcp2/crypto_apiref.html. Its callbacks go into
/// <see cref="ngtcp2_callbacks"/> as addresses, so that packet protection never enters managed code.
/// </summary>
internal static unsafe class CryptoNativeMethods
{
    internal const string Library = "libngtcp2_crypto_gnutls.so.8";

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_gnutls_configure_server_session(nint session);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_gnutls_configure_client_session(nint session);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_recv_crypto_data_cb(
        nint conn, int encryption_level, ulong offset, byte* data, nuint datalen, nint user_data);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_generate_stateless_reset_token(
        byte* token, byte* secret, nuint secretlen, ngtcp2_cid* cid);

    [DllImport(Library)]
    internal static extern nint ngtcp2_crypto_generate_retry_token2(
        byte* token, byte* secret, nuint secretlen, uint version, byte* remote_addr, uint remote_addrlen,
        ngtcp2_cid* retry_scid, ngtcp2_cid* odcid, ulong ts);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_verify_retry_token2(
        ngtcp2_cid* odcid, byte* token, nuint tokenlen, byte* secret, nuint secretlen, uint version,
        byte* remote_addr, uint remote_addrlen, ngtcp2_cid* dcid, ulong timeout, ulong ts);

    [DllImport(Library)]
    internal static extern nint ngtcp2_crypto_generate_regular_token(
        byte* token, byte* secret, nuint secretlen, byte* remote_addr, uint remote_addrlen, ulong ts);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_verify_regular_token(
        byte* token, nuint tokenlen, byte* secret, nuint secretlen, byte* remote_addr, uint remote_addrlen,
        ulong timeout, ulong ts);

    [DllImport(Library)]
    internal static extern nint ngtcp2_crypto_write_connection_close(
        byte* dest, nuint destlen, uint version, ngtcp2_cid* dcid, ngtcp2_cid* scid, ulong error_code,
        byte* reason, nuint reasonlen);

    [DllImport(Library)]
    internal static extern nint ngtcp2_crypto_write_retry(
        byte* dest, nuint destlen, uint version, ngtcp2_cid* dcid, ngtcp2_cid* scid, ngtcp2_cid* odcid,
        byte* token, nuint tokenlen);
}
