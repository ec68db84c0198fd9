using System.Runtime.InteropServices;
using Relay.Native.IpsecMb;
using Relay.Native.Ngtcp2;

namespace Relay.Native.Tests.IpsecMb;

/// <summary>One key of one of the libraries that packets can be protected by. Spans may be the same memory.</summary>
internal interface IKeyedCipher : IDisposable
{
    /// <summary>Writes ciphertext and tag.</summary>
    void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> plaintext, Span<byte> result);

    /// <summary>Writes the plaintext, or returns false.</summary>
    bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> ciphertext, Span<byte> result);
}

/// <summary>libipsec_mb, as the product calls it.</summary>
internal sealed unsafe class IpsecMbCipher(IpsecMbLibrary library, PacketCipher cipher, ReadOnlySpan<byte> key)
    : IKeyedCipher
{
    private readonly PacketKey* _key = PacketKey.Create(library, cipher, key);

    public void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> plaintext, Span<byte> result)
    {
        fixed (byte* n = nonce, h = header, p = plaintext, r = result)
            _key->Seal(r, p is null ? r : p, (nuint)plaintext.Length, n, h, (nuint)header.Length);
    }

    public bool TryOpen(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> ciphertext, Span<byte> result)
    {
        fixed (byte* n = nonce, h = header, c = ciphertext, r = result)
            return _key->TryOpen(r is null ? c : r, c, (nuint)ciphertext.Length, n, h, (nuint)header.Length);
    }

    public void Dispose() => PacketKey.Free(_key);
}

/// <summary>A TLS library, as ngtcp2's crypto library calls it.</summary>
internal sealed unsafe class TlsLibraryCipher : IKeyedCipher
{
    private readonly CryptoLibrary _library;
    private ngtcp2_crypto_aead _aead;
    private ngtcp2_crypto_aead_ctx _encryption;
    private ngtcp2_crypto_aead_ctx _decryption;

    private TlsLibraryCipher(CryptoLibrary library, nint cipher, ReadOnlySpan<byte> key)
    {
        _library = library;
        _aead = new ngtcp2_crypto_aead { native_handle = cipher, max_overhead = PacketKey.TagLength };
        fixed (byte* bytes = key)
        fixed (ngtcp2_crypto_aead* aead = &_aead)
        fixed (ngtcp2_crypto_aead_ctx* encryption = &_encryption, decryption = &_decryption)
        {
            Check(Initializer("encrypt")(encryption, aead, bytes, PacketKey.NonceLength));
            Check(Initializer("decrypt")(decryption, aead, bytes, PacketKey.NonceLength));
        }
    }

    /// <summary>That of Debian 12 and 13.</summary>
    internal static TlsLibraryCipher GnuTls(PacketCipher cipher, ReadOnlySpan<byte> key) => new(
        CryptoLibrary.GnuTls,
        cipher switch
        {
            PacketCipher.Aes128Gcm => Native.GnuTls.NativeMethods.GNUTLS_CIPHER_AES_128_GCM,
            PacketCipher.Aes256Gcm => Native.GnuTls.NativeMethods.GNUTLS_CIPHER_AES_256_GCM,
            _ => Native.GnuTls.NativeMethods.GNUTLS_CIPHER_CHACHA20_POLY1305,
        },
        key);

    /// <summary>OpenSSL, where <see cref="HasOpenSsl"/>.</summary>
    internal static TlsLibraryCipher OpenSsl(PacketCipher cipher, ReadOnlySpan<byte> key) => new(
        CryptoLibrary.OpenSsl,
        OpenSslCipher(cipher switch
        {
            PacketCipher.Aes128Gcm => "EVP_aes_128_gcm",
            PacketCipher.Aes256Gcm => "EVP_aes_256_gcm",
            _ => "EVP_chacha20_poly1305",
        }),
        key);

    /// <summary>Whether this machine has ngtcp2's crypto library for OpenSSL.</summary>
    internal static bool HasOpenSsl { get; } =
        NativeLibrary.TryLoad(CryptoLibrary.OpenSslName, typeof(CryptoLibrary).Assembly, null, out _);

    public void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> plaintext, Span<byte> result)
    {
        fixed (byte* n = nonce, h = header, p = plaintext, r = result)
        fixed (ngtcp2_crypto_aead* aead = &_aead)
        fixed (ngtcp2_crypto_aead_ctx* context = &_encryption)
            Check(_library.encrypt_cb(
                r, aead, context, p, (nuint)plaintext.Length, n, (nuint)nonce.Length, h, (nuint)header.Length));
    }

    public bool TryOpen(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> ciphertext, Span<byte> result)
    {
        fixed (byte* n = nonce, h = header, c = ciphertext, r = result)
        fixed (ngtcp2_crypto_aead* aead = &_aead)
        fixed (ngtcp2_crypto_aead_ctx* context = &_decryption)
            return _library.decrypt_cb(
                r, aead, context, c, (nuint)ciphertext.Length, n, (nuint)nonce.Length, h, (nuint)header.Length) == 0;
    }

    public void Dispose()
    {
        fixed (ngtcp2_crypto_aead_ctx* encryption = &_encryption, decryption = &_decryption)
        {
            _library.aead_ctx_free(encryption);
            _library.aead_ctx_free(decryption);
        }
    }

    private static void Check(int result)
    {
        if (result != 0)
            throw new InvalidOperationException($"ngtcp2's crypto library: {result}");
    }

    private static nint OpenSslCipher(string name)
    {
        var library = NativeLibrary.Load(
            Native.OpenSsl.NativeMethods.Crypto, typeof(CryptoLibrary).Assembly, null);
        return ((delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, name))();
    }

    private delegate* unmanaged[Cdecl]<ngtcp2_crypto_aead_ctx*, ngtcp2_crypto_aead*, byte*, nuint, int> Initializer(
        string direction) =>
        (delegate* unmanaged[Cdecl]<ngtcp2_crypto_aead_ctx*, ngtcp2_crypto_aead*, byte*, nuint, int>)
        _library.Export($"aead_ctx_{direction}_init");
}
