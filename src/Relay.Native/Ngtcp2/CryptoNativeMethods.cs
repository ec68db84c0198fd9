using System.Runtime.InteropServices;

namespace Relay.Native.Ngtcp2;

/// <summary>
/// libngtcp2_crypto_gnutls, verbatim: https://nghttp2.org/ngtcp2/crypto_apiref.html. Its callbacks go into
/// <see cref="ngtcp2_callbacks"/> as addresses where they need no code of ours.
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

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_gnutls_from_gnutls_record_encryption_level(int gtls_level);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_derive_and_install_rx_key(
        nint conn, byte* key, byte* iv, byte* hp_key, int level, byte* secret, nuint secretlen);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_derive_and_install_tx_key(
        nint conn, byte* key, byte* iv, byte* hp_key, int level, byte* secret, nuint secretlen);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_hkdf_expand(
        byte* dest, nuint destlen, ngtcp2_crypto_md* md, byte* secret, nuint secretlen, byte* info, nuint infolen);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_update_key(
        nint conn, byte* rx_secret, byte* tx_secret, ngtcp2_crypto_aead_ctx* rx_aead_ctx, byte* rx_key, byte* rx_iv,
        ngtcp2_crypto_aead_ctx* tx_aead_ctx, byte* tx_key, byte* tx_iv, byte* current_rx_secret,
        byte* current_tx_secret, nuint secretlen);

    [DllImport(Library)]
    internal static extern void ngtcp2_crypto_aead_ctx_free(ngtcp2_crypto_aead_ctx* aead_ctx);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_encrypt_cb(
        byte* dest, ngtcp2_crypto_aead* aead, ngtcp2_crypto_aead_ctx* aead_ctx, byte* plaintext, nuint plaintextlen,
        byte* nonce, nuint noncelen, byte* aad, nuint aadlen);

    [DllImport(Library)]
    internal static extern int ngtcp2_crypto_decrypt_cb(
        byte* dest, ngtcp2_crypto_aead* aead, ngtcp2_crypto_aead_ctx* aead_ctx, byte* ciphertext, nuint ciphertextlen,
        byte* nonce, nuint noncelen, byte* aad, nuint aadlen);
}
