using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Ngtcp2;
using Relay.Native.OpenSsl;
using static Relay.Native.OpenSsl.NativeMethods;

namespace Relay.Native.Tls;

/// <summary>A server's session of QUIC by OpenSSL.</summary>
internal sealed unsafe class OpenSslQuicSession : QuicTls
{
    /// <summary>quic_transport_parameters (RFC 9001 §8.2).</summary>
    private const uint TransportParameters = 57;

    private static readonly byte* Protocol = WriteProtocol();

    private readonly nint _ssl;
    private bool _isFreed;

    internal OpenSslQuicSession(nint context, ngtcp2_crypto_conn_ref* connection, in SecretHooks hooks)
    {
        OpenSslError.ThrowUnless((_ssl = SSL_new(context)) != 0, "SSL_new");
        try
        {
            SSL_set_accept_state(_ssl);
            if (hooks.OpenSsl is not null)
            {
                // Of each function OpenSSL keeps the first that it is given, and says that others are missing: those are
                // the crypto library's, which come next. Did it keep the last, these would not be called, and the crypto
                // library would do all.
                _ = SSL_set_quic_tls_cbs(_ssl, hooks.OpenSsl, null);
                ERR_clear_error();
            }
            OpenSslError.ThrowUnless(
                CryptoNativeMethods.ngtcp2_crypto_ossl_configure_server_session(_ssl) == 0, "QUIC over TLS");
            nint handle;
            if (CryptoNativeMethods.ngtcp2_crypto_ossl_ctx_new(&handle, _ssl) != 0)
                throw new TlsException("ngtcp2_crypto_ossl_ctx_new: no memory");
            NativeHandle = handle;
            _ = SSL_set_ex_data(_ssl, 0, connection);
        }
        catch
        {
            SSL_free(_ssl);
            throw;
        }
    }

    /// <inheritdoc/>
    internal override nint NativeHandle { get; }

    /// <inheritdoc/>
    internal override byte[]? CopyPeerCertificate() => OpenSsl.PeerCertificate.Copy(_ssl);

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_isFreed)
            return;
        _isFreed = true;
        // The end of a session calls back.
        _ = SSL_set_ex_data(_ssl, 0, null);
        SSL_free(_ssl);
        CryptoNativeMethods.ngtcp2_crypto_ossl_ctx_del(NativeHandle);
    }

    /// <summary>
    /// Refuses a ClientHello without transport parameters as RFC 9001 §8.2 has it: "endpoints that receive ClientHello or
    /// EncryptedExtensions messages without the quic_transport_parameters extension MUST close the connection with an error of
    /// type 0x016d (equivalent to a fatal TLS missing_extension alert)"; and one without application protocols: "endpoints MUST
    /// immediately close a connection … if an application protocol is not negotiated" (§8.1).
    /// </summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int OnClientHello(nint ssl, int* alert, nint argument)
    {
        byte* data;
        nuint length;
        if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &data, &length) != 1)
        {
            *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
            return SSL_CLIENT_HELLO_ERROR;
        }
        if (SSL_client_hello_get0_ext(ssl, TransportParameters, &data, &length) == 1)
            return SSL_CLIENT_HELLO_SUCCESS;
        // As long as OpenSSL has not chosen TLS 1.3 it knows no such alert: the connection hears it from here, and no other.
        var reference = (ngtcp2_crypto_conn_ref*)SSL_get_ex_data(ssl, 0);
        Ngtcp2.NativeMethods.ngtcp2_conn_set_tls_alert(reference->get_conn(reference), SSL_AD_MISSING_EXTENSION);
        _ = SSL_set_ex_data(ssl, 0, null);
        return SSL_CLIENT_HELLO_ERROR;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int SelectProtocol(
        nint ssl, byte** chosen, byte* chosenLength, byte* offered, uint offeredLength, nint argument) =>
        SSL_select_next_proto(chosen, chosenLength, Protocol, 3, offered, offeredLength) == OPENSSL_NPN_NEGOTIATED
            ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;

    private static byte* WriteProtocol()
    {
        var protocol = (byte*)NativeMemory.Alloc(3);
        "\u0002h3"u8.CopyTo(new Span<byte>(protocol, 3));
        return protocol;
    }
}
