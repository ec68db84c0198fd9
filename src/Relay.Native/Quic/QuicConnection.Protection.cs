using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Relay.Native.GnuTls;
using Relay.Native.IpsecMb;
using Relay.Native.Ngtcp2;
using static Relay.Native.Ngtcp2.NativeMethods;

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
    internal static int Encrypt(
        byte* destination, ngtcp2_crypto_aead* aead, ngtcp2_crypto_aead_ctx* context, byte* plaintext, nuint length,
        byte* nonce, nuint nonceLength, byte* header, nuint headerLength)
    {
        if (!IsOwn(context))
            return CryptoNativeMethods.ngtcp2_crypto_encrypt_cb(
                destination, aead, context, plaintext, length, nonce, nonceLength, header, headerLength);
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

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Decrypt(
        byte* destination, ngtcp2_crypto_aead* aead, ngtcp2_crypto_aead_ctx* context, byte* ciphertext, nuint length,
        byte* nonce, nuint nonceLength, byte* header, nuint headerLength)
    {
        if (!IsOwn(context))
            return CryptoNativeMethods.ngtcp2_crypto_decrypt_cb(
                destination, aead, context, ciphertext, length, nonce, nonceLength, header, headerLength);
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
            if (CryptoNativeMethods.ngtcp2_crypto_update_key(
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
            CryptoNativeMethods.ngtcp2_crypto_aead_ctx_free(context);
    }

    /// <summary>GnuTLS has the secrets of a level; either of them may be null.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int InstallSecrets(nint session, int level, byte* rxSecret, byte* txSecret, nuint length)
    {
        var reference = (ngtcp2_crypto_conn_ref*)GnuTls.NativeMethods.gnutls_session_get_ptr(session);
        var self = From(reference->user_data);
        level = CryptoNativeMethods.ngtcp2_crypto_gnutls_from_gnutls_record_encryption_level(level);
        try
        {
            return (rxSecret is null || self.TryInstall(level, rxSecret, length, sends: false))
                && (txSecret is null || self.TryInstall(level, txSecret, length, sends: true)) ? 0 : -1;
        }
        catch (Exception e)
        {
            _ = self.FailCallback(e);
            return -1;
        }
    }

    private bool TryInstall(int level, byte* secret, nuint length, bool sends)
    {
        if (level == Ngtcp2Constants.NGTCP2_ENCRYPTION_LEVEL_1RTT && CipherInUse is { } cipher)
            return TryInstallOwn(cipher, secret, length, sends);
        return (sends
            ? CryptoNativeMethods.ngtcp2_crypto_derive_and_install_tx_key(Native, null, null, null, level, secret, length)
            : CryptoNativeMethods.ngtcp2_crypto_derive_and_install_rx_key(Native, null, null, null, level, secret, length))
            == 0;
    }

    private bool TryInstallOwn(PacketCipher cipher, byte* secret, nuint length, bool sends)
    {
        var context = ngtcp2_conn_get_crypto_ctx(Native);
        var keyLength = PacketKey.LengthOf(cipher);
        Span<byte> key = stackalloc byte[keyLength];
        Span<byte> headerKey = stackalloc byte[keyLength];
        var iv = stackalloc byte[PacketKey.NonceLength];
        ngtcp2_crypto_cipher_ctx headerContext = default;
        ngtcp2_crypto_aead_ctx keyContext = default;
        try
        {
            if (!PacketSecrets.TryDerive(
                    Version, &context->md, new ReadOnlySpan<byte>(secret, (int)length), key,
                    new Span<byte>(iv, PacketKey.NonceLength), headerKey)
                || !TryProtectHeaders((int)context->hp.native_handle, headerKey, &headerContext))
                return false;
            keyContext = CreateKey(cipher, key);
            var installed = sends
                ? ngtcp2_conn_install_tx_key(
                    Native, secret, length, &keyContext, iv, PacketKey.NonceLength, &headerContext)
                : ngtcp2_conn_install_rx_key(
                    Native, secret, length, &keyContext, iv, PacketKey.NonceLength, &headerContext);
            if (installed != 0)
                return false;
            (keyContext, headerContext) = (default, default);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(headerKey);
            CryptographicOperations.ZeroMemory(new Span<byte>(iv, PacketKey.NonceLength));
            if (IsOwn(&keyContext))
                Delete(&keyContext);
            if (headerContext.native_handle != 0)
                GnuTls.NativeMethods.gnutls_cipher_deinit(headerContext.native_handle);
        }
    }

    /// <summary>The cipher that TLS agreed on; null where only the crypto library has it.</summary>
    private PacketCipher? CipherInUse => (int)ngtcp2_conn_get_crypto_ctx(Native)->aead.native_handle switch
    {
        GnuTls.NativeMethods.GNUTLS_CIPHER_AES_128_GCM => PacketCipher.Aes128Gcm,
        GnuTls.NativeMethods.GNUTLS_CIPHER_AES_256_GCM => PacketCipher.Aes256Gcm,
        GnuTls.NativeMethods.GNUTLS_CIPHER_CHACHA20_POLY1305 => PacketCipher.ChaCha20Poly1305,
        _ => null,
    };

    /// <summary>Header protection stays the crypto library's, with its kind of handle.</summary>
    private static bool TryProtectHeaders(int cipher, ReadOnlySpan<byte> key, ngtcp2_crypto_cipher_ctx* context)
    {
        fixed (byte* bytes = key)
        {
            var datum = new gnutls_datum_t { data = bytes, size = (uint)key.Length };
            return GnuTls.NativeMethods.gnutls_cipher_init(&context->native_handle, cipher, &datum, null) == 0;
        }
    }

    private void Replace(ngtcp2_crypto_aead_ctx* context, byte* key)
    {
        if (CipherInUse is not { } cipher)
            return;
        CryptoNativeMethods.ngtcp2_crypto_aead_ctx_free(context);
        context->native_handle = 0;
        *context = CreateKey(cipher, new ReadOnlySpan<byte>(key, PacketKey.LengthOf(cipher)));
    }

    private void Discard(ngtcp2_crypto_aead_ctx* context)
    {
        if (IsOwn(context))
            Delete(context);
        else if (context->native_handle != 0)
            CryptoNativeMethods.ngtcp2_crypto_aead_ctx_free(context);
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
