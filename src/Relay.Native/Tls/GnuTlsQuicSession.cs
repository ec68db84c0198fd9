using Relay.Native.GnuTls;
using Relay.Native.Ngtcp2;

namespace Relay.Native.Tls;

/// <summary>A session of QUIC by GnuTLS.</summary>
internal sealed unsafe class GnuTlsQuicSession : QuicTls
{
    private readonly SessionHandle _session;

    internal GnuTlsQuicSession(
        SessionHandle session, bool server, ngtcp2_crypto_conn_ref* connection, in SecretHooks hooks)
    {
        _session = session;
        NativeHandle = session.DangerousGetHandle();
        try
        {
            if (server)
            {
                AlpnRequirement.Apply(NativeHandle);
                TransportParametersRequirement.Apply(NativeHandle);
            }
            GnuTlsError.ThrowIf("QUIC over TLS", server
                ? CryptoNativeMethods.ngtcp2_crypto_gnutls_configure_server_session(NativeHandle)
                : CryptoNativeMethods.ngtcp2_crypto_gnutls_configure_client_session(NativeHandle));
            GnuTls.NativeMethods.gnutls_session_set_ptr(NativeHandle, connection);
            if (hooks.GnuTls is not null)
                GnuTls.NativeMethods.gnutls_handshake_set_secret_function(NativeHandle, hooks.GnuTls);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override nint NativeHandle { get; }

    /// <inheritdoc/>
    internal override byte[]? CopyPeerCertificate() => PeerCertificate.Copy(NativeHandle);

    /// <inheritdoc/>
    public override void Dispose() => _session.Dispose();
}
