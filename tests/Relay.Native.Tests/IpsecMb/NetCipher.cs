using System.Security.Cryptography;
using Relay.Native.IpsecMb;

namespace Relay.Native.Tests.IpsecMb;

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
