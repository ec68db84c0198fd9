using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Relay.Native.IpsecMb;
using Relay.Native.Ngtcp2;

namespace Relay.Native.Quic;

/// <content>
/// Packets protected by keys of our own, from 1-RTT on; what comes before is the crypto library's. ngtcp2 hands both kinds of
/// key to the same callbacks: ours are marked by the lowest bit of the handle. ngtcp2 counts packets and failures and keeps
/// to RFC 9001 §6.6 whoever's the keys are.
/// </content>
public abstract unsafe partial class QuicConnection
{
    private const nint OwnKey = 1;

    /// <summary>Keys of our own that ngtcp2 holds.</summary>
    internal int OwnKeys { get; private set; }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int EncryptOrGnuTls(
        byte* destination, ngtcp2_crypto_aead* aead, ngtcp2_crypto_aead_ctx* context, byte* plaintext, nuint length,
        byte* nonce, nuint nonceLength, byte* header, nuint headerLength) => IsOwn(context)
        ? Encrypt(destination, context, plaintext, length, nonce, nonceLength, header, headerLength)
        : CryptoLibrary.GnuTls.encrypt_cb(
            destination, aead, context, plaintext, length, nonce, nonceLength, header, headerLength);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int EncryptOrOpenSsl(
        byte* destination, ngtcp2_crypto_aead* aead, ngtcp2_crypto_aead_ctx* context, byte* plaintext, nuint length,
        byte* nonce, nuint nonceLength, byte* header, nuint headerLength) => IsOwn(context)
        ? Encrypt(destination, context, plaintext, length, nonce, nonceLength, header, headerLength)
        : CryptoLibrary.OpenSsl.encrypt_cb(
            destination, aead, context, plaintext, length, nonce, nonceLength, header, headerLength);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int DecryptOrGnuTls(
        byte* destination, ngtcp2_crypto_aead* aead, ngtcp2_crypto_aead_ctx* context, byte* ciphertext, nuint length,
        byte* nonce, nuint nonceLength, byte* header, nuint headerLength) => IsOwn(context)
        ? Decrypt(destination, context, ciphertext, length, nonce, nonceLength, header, headerLength)
        : CryptoLibrary.GnuTls.decrypt_cb(
            destination, aead, context, ciphertext, length, nonce, nonceLength, header, headerLength);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int DecryptOrOpenSsl(
        byte* destination, ngtcp2_crypto_aead* aead, ngtcp2_crypto_aead_ctx* context, byte* ciphertext, nuint length,
        byte* nonce, nuint nonceLength, byte* header, nuint headerLength) => IsOwn(context)
        ? Decrypt(destination, context, ciphertext, length, nonce, nonceLength, header, headerLength)
        : CryptoLibrary.OpenSsl.decrypt_cb(
            destination, aead, context, ciphertext, length, nonce, nonceLength, header, headerLength);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int UpdateKeys(
        nint conn, byte* rxSecret, byte* txSecret, ngtcp2_crypto_aead_ctx* rxContext, byte* rxIv,
        ngtcp2_crypto_aead_ctx* txContext, byte* txIv, byte* currentRxSecret, byte* currentTxSecret, nuint secretLength,
        nint userData)
    {
        var self = From(userData);
        var keys = stackalloc byte[2 * PacketKey.MaxLength];
        try
        {
            if (self._crypto.update_key(
                conn, rxSecret, txSecret, rxContext, keys, rxIv, txContext, keys + PacketKey.MaxLength, txIv,
                currentRxSecret, currentTxSecret, secretLength) != 0)
                return Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE;
            self.Replace(rxContext, keys);
            self.Replace(txContext, keys + PacketKey.MaxLength);
            return 0;
        }
        catch (Exception e)
        {
            // ngtcp2 takes neither.
            self.Discard(rxContext);
            self.Discard(txContext);
            return self.FailCallback(e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(new Span<byte>(keys, 2 * PacketKey.MaxLength));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void DeleteKey(nint conn, ngtcp2_crypto_aead_ctx* context, nint userData)
    {
        if (IsOwn(context))
            From(userData).Delete(context);
        else
            Find(userData)._crypto.aead_ctx_free(context);
    }

    private static int Encrypt(
        byte* destination, ngtcp2_crypto_aead_ctx* context, byte* plaintext, nuint length, byte* nonce, nuint nonceLength,
        byte* header, nuint headerLength)
    {
        // What this refuses is not encrypted: ngtcp2 would send it as it is.
        if (nonceLength != PacketKey.NonceLength)
            return Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE;
        try
        {
            Key(context)->Seal(destination, plaintext, length, nonce, header, headerLength);
            return 0;
        }
        catch (OutOfMemoryException)
        {
            return Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE;
        }
    }

    private static int Decrypt(
        byte* destination, ngtcp2_crypto_aead_ctx* context, byte* ciphertext, nuint length, byte* nonce, nuint nonceLength,
        byte* header, nuint headerLength)
    {
        if (nonceLength != PacketKey.NonceLength)
            return Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE;
        try
        {
            return Key(context)->TryOpen(destination, ciphertext, length, nonce, header, headerLength)
                ? 0 : Ngtcp2Constants.NGTCP2_ERR_DECRYPT;
        }
        catch (OutOfMemoryException)
        {
            return Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE;
        }
    }

    private void Replace(ngtcp2_crypto_aead_ctx* context, byte* key)
    {
        if (CipherInUse is not { } cipher)
            return;
        _crypto.aead_ctx_free(context);
        context->native_handle = 0;
        *context = CreateKey(cipher, new ReadOnlySpan<byte>(key, PacketKey.LengthOf(cipher)));
    }

    private void Discard(ngtcp2_crypto_aead_ctx* context)
    {
        if (IsOwn(context))
            Delete(context);
        else if (context->native_handle != 0)
            _crypto.aead_ctx_free(context);
        context->native_handle = 0;
    }

    private ngtcp2_crypto_aead_ctx CreateKey(PacketCipher cipher, ReadOnlySpan<byte> key)
    {
        var created = PacketKey.Create(_parameters.Protection.Keys!, cipher, key);
        OwnKeys++;
        return new ngtcp2_crypto_aead_ctx { native_handle = (nint)created | OwnKey };
    }

    private void Delete(ngtcp2_crypto_aead_ctx* own)
    {
        PacketKey.Free(Key(own));
        OwnKeys--;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsOwn(ngtcp2_crypto_aead_ctx* context) => (context->native_handle & OwnKey) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PacketKey* Key(ngtcp2_crypto_aead_ctx* context) => (PacketKey*)(context->native_handle - OwnKey);
}
