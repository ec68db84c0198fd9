using System.Runtime.InteropServices;
using System.Security.Cryptography;
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
internal sealed unsafe class IpsecMbCipher : IKeyedCipher
{
    private static readonly IpsecMbLibrary? Loaded = IpsecMbLibrary.TryLoad(IpsecMbLibrary.Names, out _);

    private readonly PacketKey* _key;

    internal IpsecMbCipher(PacketCipher cipher, ReadOnlySpan<byte> key) =>
        _key = PacketKey.Create(Library(), cipher, key);

    /// <summary>The machine's library; skips the test where there is none to use.</summary>
    internal static IpsecMbLibrary Library()
    {
        Assert.SkipWhen(Loaded is null, "libipsec_mb cannot be used");
        return Loaded!;
    }

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

/// <summary>GnuTLS, as ngtcp2's crypto library calls it.</summary>
internal sealed unsafe class GnuTlsCipher : IKeyedCipher
{
    private ngtcp2_crypto_aead _aead;
    private ngtcp2_crypto_aead_ctx _encryption;
    private ngtcp2_crypto_aead_ctx _decryption;

    internal GnuTlsCipher(PacketCipher cipher, ReadOnlySpan<byte> key)
    {
        _aead.native_handle = cipher switch
        {
            PacketCipher.Aes128Gcm => GnuTls.NativeMethods.GNUTLS_CIPHER_AES_128_GCM,
            PacketCipher.Aes256Gcm => GnuTls.NativeMethods.GNUTLS_CIPHER_AES_256_GCM,
            _ => GnuTls.NativeMethods.GNUTLS_CIPHER_CHACHA20_POLY1305,
        };
        _aead.max_overhead = PacketKey.TagLength;
        fixed (byte* bytes = key)
        fixed (ngtcp2_crypto_aead* aead = &_aead)
        fixed (ngtcp2_crypto_aead_ctx* encryption = &_encryption, decryption = &_decryption)
        {
            Assert.Equal(0, ngtcp2_crypto_aead_ctx_encrypt_init(encryption, aead, bytes, PacketKey.NonceLength));
            Assert.Equal(0, ngtcp2_crypto_aead_ctx_decrypt_init(decryption, aead, bytes, PacketKey.NonceLength));
        }
    }

    public void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> plaintext, Span<byte> result)
    {
        fixed (byte* n = nonce, h = header, p = plaintext, r = result)
        fixed (ngtcp2_crypto_aead* aead = &_aead)
        fixed (ngtcp2_crypto_aead_ctx* context = &_encryption)
            Assert.Equal(0, CryptoLibrary.GnuTls.encrypt_cb(
                r, aead, context, p, (nuint)plaintext.Length, n, (nuint)nonce.Length, h, (nuint)header.Length));
    }

    public bool TryOpen(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> ciphertext, Span<byte> result)
    {
        fixed (byte* n = nonce, h = header, c = ciphertext, r = result)
        fixed (ngtcp2_crypto_aead* aead = &_aead)
        fixed (ngtcp2_crypto_aead_ctx* context = &_decryption)
            return CryptoLibrary.GnuTls.decrypt_cb(
                r, aead, context, c, (nuint)ciphertext.Length, n, (nuint)nonce.Length, h, (nuint)header.Length) == 0;
    }

    public void Dispose()
    {
        fixed (ngtcp2_crypto_aead_ctx* encryption = &_encryption, decryption = &_decryption)
        {
            CryptoLibrary.GnuTls.aead_ctx_free(encryption);
            CryptoLibrary.GnuTls.aead_ctx_free(decryption);
        }
    }

    [DllImport(CryptoLibrary.GnuTlsName)]
    private static extern int ngtcp2_crypto_aead_ctx_encrypt_init(
        ngtcp2_crypto_aead_ctx* aead_ctx, ngtcp2_crypto_aead* aead, byte* key, nuint noncelen);

    [DllImport(CryptoLibrary.GnuTlsName)]
    private static extern int ngtcp2_crypto_aead_ctx_decrypt_init(
        ngtcp2_crypto_aead_ctx* aead_ctx, ngtcp2_crypto_aead* aead, byte* key, nuint noncelen);
}

/// <summary>.NET's own, which is OpenSSL's.</summary>
internal sealed class NetCipher : IKeyedCipher
{
    private readonly AesGcm? _gcm;
    private readonly ChaCha20Poly1305? _chaCha;

    internal NetCipher(PacketCipher cipher, ReadOnlySpan<byte> key)
    {
        if (cipher == PacketCipher.ChaCha20Poly1305)
            _chaCha = new ChaCha20Poly1305(key);
        else
            _gcm = new AesGcm(key, PacketKey.TagLength);
    }

    public void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> plaintext, Span<byte> result)
    {
        var text = result[..plaintext.Length];
        var tag = result[plaintext.Length..];
        _gcm?.Encrypt(nonce, plaintext, text, tag, header);
        _chaCha?.Encrypt(nonce, plaintext, text, tag, header);
    }

    public bool TryOpen(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> ciphertext, Span<byte> result)
    {
        var text = ciphertext[..^PacketKey.TagLength];
        var tag = ciphertext[^PacketKey.TagLength..];
        try
        {
            _gcm?.Decrypt(nonce, text, tag, result, header);
            _chaCha?.Decrypt(nonce, text, tag, result, header);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _gcm?.Dispose();
        _chaCha?.Dispose();
    }
}
