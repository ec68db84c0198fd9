using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Relay.Native.GnuTls;
using Relay.Native.IpsecMb;
using Relay.Native.Ngtcp2;
using Relay.Native.OpenSsl;
using Relay.Native.Tls;
using static Relay.Native.Ngtcp2.NativeMethods;
using GnuTlsMethods = Relay.Native.GnuTls.NativeMethods;
using OpenSslMethods = Relay.Native.OpenSsl.NativeMethods;

namespace Relay.Native.Quic;

/// <content>Keys of our own from TLS's secrets, as either library tells them.</content>
public abstract unsafe partial class QuicConnection
{
    private static readonly OSSL_DISPATCH* OpenSslHooks = CreateOpenSslHooks();

    /// <summary>Has TLS tell its secrets here.</summary>
    private static SecretHooks OwnSecrets => new(&InstallSecrets, OpenSslHooks);

    /// <summary>GnuTLS has the secrets of a level; either of them may be null.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int InstallSecrets(nint session, int level, byte* rxSecret, byte* txSecret, nuint length)
    {
        var reference = (ngtcp2_crypto_conn_ref*)GnuTlsMethods.gnutls_session_get_ptr(session);
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

    /// <summary>OpenSSL has a secret of a level.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int YieldSecret(nint ssl, uint level, int direction, byte* secret, nuint length, nint argument)
    {
        var reference = (ngtcp2_crypto_conn_ref*)OpenSslMethods.SSL_get_ex_data(ssl, 0);
        if (reference is null)
            return 1;
        var self = From(reference->user_data);
        try
        {
            var own = CryptoNativeMethods.ngtcp2_crypto_ossl_from_ossl_encryption_level(level);
            return self.TryInstall(own, secret, length, sends: direction != 0) ? 1 : 0;
        }
        catch (Exception e)
        {
            _ = self.FailCallback(e);
            return 0;
        }
    }

    /// <summary>OpenSSL has messages to send. The crypto library's own would not know of the levels.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SendMessages(nint ssl, byte* data, nuint length, nuint* consumed, nint argument)
    {
        var reference = (ngtcp2_crypto_conn_ref*)OpenSslMethods.SSL_get_ex_data(ssl, 0);
        if (reference is null)
            return 1;
        var self = From(reference->user_data);
        var result = ngtcp2_conn_submit_crypto_data(self.Native, self._keyLevel, data, length);
        if (result != 0)
        {
            ngtcp2_conn_set_tls_error(self.Native, result);
            return 0;
        }
        *consumed = length;
        return 1;
    }

    private bool TryInstall(int level, byte* secret, nuint length, bool sends)
    {
        if (level == Ngtcp2Constants.NGTCP2_ENCRYPTION_LEVEL_1RTT && CipherInUse is { } cipher)
            return TryInstallOwn(cipher, secret, length, sends);
        return (sends
            ? _crypto.derive_and_install_tx_key(Native, null, null, null, level, secret, length)
            : _crypto.derive_and_install_rx_key(Native, null, null, null, level, secret, length))
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
                    _crypto, Version, &context->md, new ReadOnlySpan<byte>(secret, (int)length), key,
                    new Span<byte>(iv, PacketKey.NonceLength), headerKey)
                || !TryProtectHeaders(context->hp.native_handle, headerKey, &headerContext))
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
                FreeHeaderProtection(headerContext.native_handle);
        }
    }

    /// <summary>The cipher that TLS agreed on; null where only the crypto library has it.</summary>
    private PacketCipher? CipherInUse => UsesGnuTls
        ? (int)ngtcp2_conn_get_crypto_ctx(Native)->aead.native_handle switch
        {
            GnuTlsMethods.GNUTLS_CIPHER_AES_128_GCM => PacketCipher.Aes128Gcm,
            GnuTlsMethods.GNUTLS_CIPHER_AES_256_GCM => PacketCipher.Aes256Gcm,
            GnuTlsMethods.GNUTLS_CIPHER_CHACHA20_POLY1305 => PacketCipher.ChaCha20Poly1305,
            _ => null,
        }
        : OpenSslMethods.EVP_CIPHER_get_nid(ngtcp2_conn_get_crypto_ctx(Native)->aead.native_handle) switch
        {
            OpenSslMethods.NID_aes_128_gcm => PacketCipher.Aes128Gcm,
            OpenSslMethods.NID_aes_256_gcm => PacketCipher.Aes256Gcm,
            OpenSslMethods.NID_chacha20_poly1305 => PacketCipher.ChaCha20Poly1305,
            _ => null,
        };

    private bool UsesGnuTls => _crypto == CryptoLibrary.GnuTls;

    /// <summary>Header protection stays the crypto library's, with its kind of handle.</summary>
    private bool TryProtectHeaders(nint cipher, ReadOnlySpan<byte> key, ngtcp2_crypto_cipher_ctx* context)
    {
        fixed (byte* bytes = key)
        {
            if (UsesGnuTls)
            {
                var datum = new gnutls_datum_t { data = bytes, size = (uint)key.Length };
                return GnuTlsMethods.gnutls_cipher_init(&context->native_handle, (int)cipher, &datum, null) == 0;
            }
            context->native_handle = OpenSslMethods.EVP_CIPHER_CTX_new();
            return context->native_handle != 0
                && OpenSslMethods.EVP_EncryptInit_ex(context->native_handle, cipher, 0, bytes, null) == 1;
        }
    }

    private void FreeHeaderProtection(nint context)
    {
        if (UsesGnuTls)
            GnuTlsMethods.gnutls_cipher_deinit(context);
        else
            OpenSslMethods.EVP_CIPHER_CTX_free(context);
    }

    private static OSSL_DISPATCH* CreateOpenSslHooks()
    {
        var hooks = (OSSL_DISPATCH*)NativeMemory.AllocZeroed(3, (nuint)sizeof(OSSL_DISPATCH));
        hooks[0] = new OSSL_DISPATCH
        {
            function_id = OpenSslMethods.OSSL_FUNC_SSL_QUIC_TLS_CRYPTO_SEND,
            function = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, nuint*, nint, int>)&SendMessages,
        };
        hooks[1] = new OSSL_DISPATCH
        {
            function_id = OpenSslMethods.OSSL_FUNC_SSL_QUIC_TLS_YIELD_SECRET,
            function = (delegate* unmanaged[Cdecl]<nint, uint, int, byte*, nuint, nint, int>)&YieldSecret,
        };
        return hooks;
    }
}
