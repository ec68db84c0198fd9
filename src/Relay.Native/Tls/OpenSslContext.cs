using System.Text;
using Relay.Native.Ngtcp2;
using Relay.Native.OpenSsl;
using Relay.Native.Trust;
using static Relay.Native.OpenSsl.NativeMethods;

namespace Relay.Native.Tls;

/// <summary>Certificate, trust, cipher preference and ticket keys of a server's sessions by OpenSSL.</summary>
internal sealed unsafe class OpenSslContext : TlsContext
{
    // One tuple, in OpenSSL's words: of the groups that a client sent a share of, the first of these is taken, and a client
    // that sent any is asked for no other (HelloRetryRequest). "?": a build may lack it.
    private const string Groups = "?X25519MLKEM768:X25519:secp256r1:secp384r1:secp521r1";

    // The server's order, as with GnuTLS: where the processor has AES, ChaCha20-Poly1305 costs several times as much.
    private const string Ciphers = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

    // TCP's clients are older ones as well: TLS 1.2 too, of that only what is authenticated encryption with forward secrecy.
    private const string OlderCiphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:" +
        "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    /// <summary>How long a ticket is good, in seconds: as GnuTLS has it.</summary>
    private const int TicketLife = 6 * 3600;

    private readonly ContextHandle _quic;
    private readonly ContextHandle _stream;

    private OpenSslContext(ContextHandle quic, ContextHandle stream) => (_quic, _stream) = (quic, stream);

    /// <inheritdoc/>
    internal override CryptoLibrary Crypto => CryptoLibrary.OpenSsl;

    internal static OpenSslContext OfServer(
        ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> clientRoots,
        ClientTrust? trust)
    {
        using var identity = PemIdentity.Read(certificateChain, privateKey, clientRoots);
        var quic = Create(TLS1_3_VERSION, identity, trust);
        try
        {
            SSL_CTX_set_client_hello_cb(quic.DangerousGetHandle(), &OpenSslQuicSession.OnClientHello, 0);
            SSL_CTX_set_alpn_select_cb(quic.DangerousGetHandle(), &OpenSslQuicSession.SelectProtocol, 0);
            var stream = Create(TLS1_2_VERSION, identity, trust);
            SSL_CTX_set_alpn_select_cb(stream.DangerousGetHandle(), &OpenSslStreamSession.SelectProtocol, 0);
            return new OpenSslContext(quic, stream);
        }
        catch
        {
            quic.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override QuicTls CreateQuicSession(
        string? serverName, ngtcp2_crypto_conn_ref* connection, in SecretHooks hooks)
    {
        using var held = new Held(_quic);
        return new OpenSslQuicSession(held.Context, connection, hooks);
    }

    /// <inheritdoc/>
    internal override StreamTls CreateStreamSession(
        string? serverName, ReadOnlySpan<string> protocols, TlsTransport* transport)
    {
        Span<byte> names = stackalloc byte[byte.MaxValue];
        var length = 0;
        foreach (var protocol in protocols)
        {
            names[length] = (byte)Encoding.ASCII.GetBytes(protocol, names[(length + 1)..]);
            length += names[length] + 1;
        }
        using var held = new Held(_stream);
        return new OpenSslStreamSession(held.Context, names[..length], transport);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _quic.Dispose();
        _stream.Dispose();
    }

    private static ContextHandle Create(int leastVersion, PemIdentity identity, ClientTrust? trust)
    {
        var handle = new ContextHandle(SSL_CTX_new(TLS_server_method()));
        try
        {
            OpenSslError.ThrowUnless(!handle.IsInvalid, "SSL_CTX_new");
            var context = handle.DangerousGetHandle();
            // Early data is off unless it is asked for. Compressed certificates (RFC 8879) of strangers would be expanded.
            _ = SSL_CTX_set_options(
                context,
                SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION
                | SSL_OP_NO_TX_CERTIFICATE_COMPRESSION | SSL_OP_NO_RX_CERTIFICATE_COMPRESSION);
            // Buffers of 34 kB are a connection's only while it needs them.
            _ = SSL_CTX_ctrl(context, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN, null);
            // A record that is no data is counted by whoever reads.
            _ = SSL_CTX_ctrl(context, SSL_CTRL_CLEAR_MODE, SSL_MODE_AUTO_RETRY, null);
            // Sessions come back by their tickets alone.
            _ = SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, null);
            _ = SSL_CTX_set_timeout(context, TicketLife);
            OpenSslError.ThrowUnless(
                SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, leastVersion, null) == 1, "TLS versions");
            fixed (byte* groups = Text(Groups), ciphers = Text(Ciphers), older = Text(OlderCiphers))
            {
                OpenSslError.ThrowUnless(SSL_CTX_ctrl(context, SSL_CTRL_SET_GROUPS_LIST, 0, groups) == 1, "groups");
                OpenSslError.ThrowUnless(
                    SSL_CTX_set_ciphersuites(context, ciphers) == 1 && SSL_CTX_set_cipher_list(context, older) == 1,
                    "ciphers");
            }
            identity.Show(context);
            if (identity.AsksClients)
                RequireCertificate(context, identity, trust);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // Without tickets: a resumed session would not show its certificate again, whatever had become of it since.
    private static void RequireCertificate(nint context, PemIdentity identity, ClientTrust? trust)
    {
        identity.Trust(context);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, null);
        SSL_CTX_set_cert_verify_callback(context, &OpenSsl.PeerCertificate.Verify, trust?.Handle ?? 0);
        _ = SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        _ = SSL_CTX_set_num_tickets(context, 0);
    }

    private static byte[] Text(string value) => Encoding.ASCII.GetBytes(value + "\0");

    /// <summary>A context that is not freed meanwhile, though it may be disposed: a session then has it.</summary>
    private readonly ref struct Held
    {
        private readonly ContextHandle _handle;

        internal Held(ContextHandle handle)
        {
            _handle = handle;
            var held = false;
            handle.DangerousAddRef(ref held);
        }

        internal nint Context => _handle.DangerousGetHandle();

        public void Dispose() => _handle.DangerousRelease();
    }
}
