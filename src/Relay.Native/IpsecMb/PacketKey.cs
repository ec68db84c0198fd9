using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Relay.Native.IpsecMb;

/// <summary>What packets can be protected with (RFC 9001 §5.3), of that what the library has in one call.</summary>
internal enum PacketCipher
{
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
}

/// <summary>
/// The key of one direction, in native memory of its own. Not thread safe. AES keys are expanded with the first packet:
/// of the keys that a connection holds, half wait for an update that may never come.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PacketKey
{
    internal const int TagLength = 16;
    internal const int NonceLength = 12;
    internal const int MaxLength = 32;

    /// <summary>The largest <c>struct gcm_key_data</c> of all versions, in bytes.</summary>
    internal const int ExpandedSize = 1264;

    /// <summary>Its alignment.</summary>
    private const int Line = 64;

    private IMB_MGR* _functions;
    private byte* _expanded;
    private PacketCipher _cipher;
    private KeyBytes _key;

    /// <summary>Allocates a key, to be freed by <see cref="Free"/>.</summary>
    /// <param name="library">The library to work with.</param>
    /// <param name="cipher">The cipher, which says how long the key is.</param>
    /// <param name="key">The key; copied.</param>
    internal static PacketKey* Create(IpsecMbLibrary library, PacketCipher cipher, ReadOnlySpan<byte> key)
    {
        var created = (PacketKey*)NativeMemory.AllocZeroed((nuint)sizeof(PacketKey));
        created->_functions = library.Functions;
        created->_cipher = cipher;
        key[..LengthOf(cipher)].CopyTo(created->_key);
        return created;
    }

    /// <summary>Wipes a key and frees it.</summary>
    internal static void Free(PacketKey* key)
    {
        key->Wipe();
        NativeMemory.AlignedFree(key->_expanded);
        NativeMemory.Free(key);
    }

    /// <summary>Overwrites the key in all its forms; it is of no more use.</summary>
    internal void Wipe()
    {
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(ExpandedBytes);
    }

    /// <summary>The expanded key; empty where there is none yet.</summary>
    internal readonly Span<byte> ExpandedBytes => new(_expanded, _expanded is null ? 0 : ExpandedSize);

    /// <summary>The key itself; zeroes once it has been expanded.</summary>
    internal ReadOnlySpan<byte> RawBytes => MemoryMarshal.CreateReadOnlySpan(ref _key[0], MaxLength);

    /// <summary>Key length, in bytes.</summary>
    internal static int LengthOf(PacketCipher cipher) => cipher == PacketCipher.Aes128Gcm ? 16 : 32;

    /// <summary>Encrypts; the tag follows the ciphertext.</summary>
    /// <param name="destination">Longer than the plaintext by a tag; may be where the plaintext is.</param>
    /// <param name="plaintext">What to encrypt.</param>
    /// <param name="length">Its length.</param>
    /// <param name="nonce">12 bytes.</param>
    /// <param name="header">What is authenticated besides.</param>
    /// <param name="headerLength">Its length.</param>
    [SkipLocalsInit]
    internal void Seal(
        byte* destination, byte* plaintext, nuint length, byte* nonce, byte* header, nuint headerLength)
    {
        var tag = destination + length;
        if (_cipher == PacketCipher.ChaCha20Poly1305)
        {
            SealByChaCha20(destination, plaintext, length, nonce, header, headerLength, tag);
            return;
        }
        gcm_context_data context;
        var seal = _cipher == PacketCipher.Aes128Gcm ? _functions->gcm128_enc : _functions->gcm256_enc;
        seal(Expanded(), &context, destination, plaintext, length, nonce, header, headerLength, tag, TagLength);
    }

    /// <summary>Decrypts what <see cref="Seal"/> made.</summary>
    /// <param name="destination">Room for the plaintext; may be where the ciphertext is.</param>
    /// <param name="ciphertext">With the tag at its end.</param>
    /// <param name="length">Length with the tag.</param>
    /// <param name="nonce">12 bytes.</param>
    /// <param name="header">What is authenticated besides.</param>
    /// <param name="headerLength">Its length.</param>
    /// <returns>False where the tag is wrong; the destination then has zeroes, not what an attacker chose.</returns>
    [SkipLocalsInit]
    internal bool TryOpen(
        byte* destination, byte* ciphertext, nuint length, byte* nonce, byte* header, nuint headerLength)
    {
        if (length < TagLength)
            return false;
        length -= TagLength;
        var tag = stackalloc byte[TagLength];
        if (_cipher == PacketCipher.ChaCha20Poly1305)
        {
            OpenByChaCha20(destination, ciphertext, length, nonce, header, headerLength, tag);
        }
        else
        {
            gcm_context_data context;
            var open = _cipher == PacketCipher.Aes128Gcm ? _functions->gcm128_dec : _functions->gcm256_dec;
            open(Expanded(), &context, destination, ciphertext, length, nonce, header, headerLength, tag, TagLength);
        }
        if (SameTag(tag, ciphertext + length))
            return true;
        new Span<byte>(destination, (int)length).Clear();
        return false;
    }

    /// <summary>Takes as long wherever they differ, and a tenth of what FixedTimeEquals takes, which goes byte by byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool SameTag(byte* one, byte* other) =>
        (Vector128.Load(one) ^ Vector128.Load(other)) == Vector128<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Expanded() => _expanded is null ? Expand() : _expanded;

    private byte* Expand()
    {
        _expanded = (byte*)NativeMemory.AlignedAlloc(ExpandedSize, Line);
        var expand = _cipher == PacketCipher.Aes128Gcm ? _functions->gcm128_pre : _functions->gcm256_pre;
        fixed (KeyBytes* key = &_key)
            expand((byte*)key, _expanded);
        CryptographicOperations.ZeroMemory(_key);
        return _expanded;
    }

    [SkipLocalsInit]
    private void SealByChaCha20(
        byte* destination, byte* plaintext, nuint length, byte* nonce, byte* header, nuint headerLength, byte* tag)
    {
        chacha20_poly1305_context_data context;
        fixed (KeyBytes* key = &_key)
        {
            _functions->chacha20_poly1305_init((byte*)key, &context, nonce, header, headerLength);
            _functions->chacha20_poly1305_enc_update((byte*)key, &context, destination, plaintext, length);
        }
        _functions->chacha20_poly1305_finalize(&context, tag, TagLength);
    }

    [SkipLocalsInit]
    private void OpenByChaCha20(
        byte* destination, byte* ciphertext, nuint length, byte* nonce, byte* header, nuint headerLength, byte* tag)
    {
        chacha20_poly1305_context_data context;
        fixed (KeyBytes* key = &_key)
        {
            _functions->chacha20_poly1305_init((byte*)key, &context, nonce, header, headerLength);
            _functions->chacha20_poly1305_dec_update((byte*)key, &context, destination, ciphertext, length);
        }
        _functions->chacha20_poly1305_finalize(&context, tag, TagLength);
    }

    [InlineArray(MaxLength)]
    private struct KeyBytes
    {
        private byte _element0;
    }
}
