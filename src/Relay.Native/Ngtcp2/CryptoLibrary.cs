using System.Runtime.InteropServices;

namespace Relay.Native.Ngtcp2;

#pragma warning disable IDE1006 // the library's own names

/// <summary>
/// One of ngtcp2's crypto libraries: the functions that all of them have, by their names without <c>ngtcp2_crypto_</c>:
/// https://nghttp2.org/ngtcp2/crypto_apiref.html. A process may have two of them, one for each side of a test.
/// </summary>
internal sealed unsafe class CryptoLibrary
{
    /// <summary>That of GnuTLS.</summary>
    internal const string GnuTlsName = "libngtcp2_crypto_gnutls.so.8";

    /// <summary>That of OpenSSL, from ngtcp2 1.12 on.</summary>
    internal const string OpenSslName = "libngtcp2_crypto_ossl.so.0";

    private readonly nint _library;

    private CryptoLibrary(nint library)
    {
        _library = library;
        derive_and_install_rx_key =
            (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int, byte*, nuint, int>)Export(nameof(derive_and_install_rx_key));
        derive_and_install_tx_key =
            (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int, byte*, nuint, int>)Export(nameof(derive_and_install_tx_key));
        hkdf_expand =
            (delegate* unmanaged[Cdecl]<byte*, nuint, ngtcp2_crypto_md*, byte*, nuint, byte*, nuint, int>)Export(nameof(hkdf_expand));
        update_key =
            (delegate* unmanaged[Cdecl]<nint, byte*, byte*, ngtcp2_crypto_aead_ctx*, byte*, byte*, ngtcp2_crypto_aead_ctx*, byte*, byte*, byte*, byte*, nuint, int>)Export(nameof(update_key));
        aead_ctx_free = (delegate* unmanaged[Cdecl]<ngtcp2_crypto_aead_ctx*, void>)Export(nameof(aead_ctx_free));
        encrypt_cb = (delegate* unmanaged[Cdecl]<byte*, ngtcp2_crypto_aead*, ngtcp2_crypto_aead_ctx*, byte*, nuint, byte*, nuint, byte*, nuint, int>)Export(nameof(encrypt_cb));
        decrypt_cb = (delegate* unmanaged[Cdecl]<byte*, ngtcp2_crypto_aead*, ngtcp2_crypto_aead_ctx*, byte*, nuint, byte*, nuint, byte*, nuint, int>)Export(nameof(decrypt_cb));
        recv_crypto_data_cb =
            (delegate* unmanaged[Cdecl]<nint, int, ulong, byte*, nuint, nint, int>)Export(nameof(recv_crypto_data_cb));
        generate_stateless_reset_token =
            (delegate* unmanaged[Cdecl]<byte*, byte*, nuint, ngtcp2_cid*, int>)Export(nameof(generate_stateless_reset_token));
        generate_retry_token2 =
            (delegate* unmanaged[Cdecl]<byte*, byte*, nuint, uint, byte*, uint, ngtcp2_cid*, ngtcp2_cid*, ulong, nint>)Export(nameof(generate_retry_token2));
        verify_retry_token2 =
            (delegate* unmanaged[Cdecl]<ngtcp2_cid*, byte*, nuint, byte*, nuint, uint, byte*, uint, ngtcp2_cid*, ulong, ulong, int>)Export(nameof(verify_retry_token2));
        generate_regular_token =
            (delegate* unmanaged[Cdecl]<byte*, byte*, nuint, byte*, uint, ulong, nint>)Export(nameof(generate_regular_token));
        verify_regular_token =
            (delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, byte*, uint, ulong, ulong, int>)Export(nameof(verify_regular_token));
        write_connection_close =
            (delegate* unmanaged[Cdecl]<byte*, nuint, uint, ngtcp2_cid*, ngtcp2_cid*, ulong, byte*, nuint, nint>)Export(nameof(write_connection_close));
        write_retry =
            (delegate* unmanaged[Cdecl]<byte*, nuint, uint, ngtcp2_cid*, ngtcp2_cid*, ngtcp2_cid*, byte*, nuint, nint>)Export(nameof(write_retry));
    }

    /// <summary>That of GnuTLS; loaded with its first use.</summary>
    internal static CryptoLibrary GnuTls => OfGnuTls.Library;

    /// <summary>That of OpenSSL; loaded with its first use.</summary>
    internal static CryptoLibrary OpenSsl => OfOpenSsl.Library;

    /// <summary>
    /// Whichever is there: for tokens and for packets outside connections, which are the same by all, so that nodes of one
    /// fleet take each other's.
    /// </summary>
    internal static CryptoLibrary Any { get; } =
        NativeLibrary.TryLoad(GnuTlsName, typeof(CryptoLibrary).Assembly, null, out _) ? GnuTls : OpenSsl;

    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int, byte*, nuint, int> derive_and_install_rx_key;

    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int, byte*, nuint, int> derive_and_install_tx_key;

    internal readonly delegate* unmanaged[Cdecl]<byte*, nuint, ngtcp2_crypto_md*, byte*, nuint, byte*, nuint, int> hkdf_expand;

    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, ngtcp2_crypto_aead_ctx*, byte*, byte*, ngtcp2_crypto_aead_ctx*, byte*, byte*, byte*, byte*, nuint, int> update_key;

    internal readonly delegate* unmanaged[Cdecl]<ngtcp2_crypto_aead_ctx*, void> aead_ctx_free;

    internal readonly delegate* unmanaged[Cdecl]<byte*, ngtcp2_crypto_aead*, ngtcp2_crypto_aead_ctx*, byte*, nuint, byte*, nuint, byte*, nuint, int> encrypt_cb;

    internal readonly delegate* unmanaged[Cdecl]<byte*, ngtcp2_crypto_aead*, ngtcp2_crypto_aead_ctx*, byte*, nuint, byte*, nuint, byte*, nuint, int> decrypt_cb;

    internal readonly delegate* unmanaged[Cdecl]<nint, int, ulong, byte*, nuint, nint, int> recv_crypto_data_cb;

    internal readonly delegate* unmanaged[Cdecl]<byte*, byte*, nuint, ngtcp2_cid*, int> generate_stateless_reset_token;

    internal readonly delegate* unmanaged[Cdecl]<byte*, byte*, nuint, uint, byte*, uint, ngtcp2_cid*, ngtcp2_cid*, ulong, nint> generate_retry_token2;

    internal readonly delegate* unmanaged[Cdecl]<ngtcp2_cid*, byte*, nuint, byte*, nuint, uint, byte*, uint, ngtcp2_cid*, ulong, ulong, int> verify_retry_token2;

    internal readonly delegate* unmanaged[Cdecl]<byte*, byte*, nuint, byte*, uint, ulong, nint> generate_regular_token;

    internal readonly delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, byte*, uint, ulong, ulong, int> verify_regular_token;

    internal readonly delegate* unmanaged[Cdecl]<byte*, nuint, uint, ngtcp2_cid*, ngtcp2_cid*, ulong, byte*, nuint, nint> write_connection_close;

    internal readonly delegate* unmanaged[Cdecl]<byte*, nuint, uint, ngtcp2_cid*, ngtcp2_cid*, ngtcp2_cid*, byte*, nuint, nint> write_retry;

    /// <summary>The address of one of its functions, for <see cref="ngtcp2_callbacks"/>.</summary>
    /// <param name="name">Without <c>ngtcp2_crypto_</c>.</param>
    internal nint Export(string name) => NativeLibrary.GetExport(_library, "ngtcp2_crypto_" + name);

    private static CryptoLibrary Load(string name) =>
        new(NativeLibrary.Load(name, typeof(CryptoLibrary).Assembly, null));

    private static class OfGnuTls
    {
        internal static readonly CryptoLibrary Library = Load(GnuTlsName);
    }

    private static class OfOpenSsl
    {
        internal static readonly CryptoLibrary Library = Load(OpenSslName);
    }
}
