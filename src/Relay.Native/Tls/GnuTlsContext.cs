using System.Text;
using Relay.Native.GnuTls;
using Relay.Native.Ngtcp2;
using Relay.Native.Trust;
using NativeMethods = Relay.Native.GnuTls.NativeMethods;

namespace Relay.Native.Tls;

/// <summary>Certificate, trust, cipher preference and ticket key of sessions by GnuTLS, of either side.</summary>
internal sealed unsafe class GnuTlsContext : TlsContext
{
    // AES-GCM first: GnuTLS 3.7's ChaCha20-Poly1305 costs five to six times as much where the processor has AES. Phones
    // would choose it, so the server's order holds, for groups as well: X25519 first, since that is what every client
    // sends a share of, and GnuTLS asks for the group that it prefers (HelloRetryRequest) rather than take what came.
    private const string Priorities =
        "%DISABLE_TLS13_COMPAT_MODE:%SERVER_PRECEDENCE:NORMAL:-VERS-ALL:+VERS-TLS1.3:" + Ciphers;

    private const string Ciphers =
        "-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:" +
        "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1";

    // TCP's clients are older ones as well: TLS 1.2 too, of that only what is authenticated encryption with forward secrecy.
    private const string StreamPriorities =
        "%SERVER_PRECEDENCE:NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-MAC-ALL:+AEAD:" +
        Ciphers;

    private static readonly PriorityHandle Priority = CreatePriority(Priorities);
    private static readonly PriorityHandle StreamPriority = CreatePriority(StreamPriorities);

    private readonly CredentialsHandle _credentials;
    private readonly gnutls_datum_t _ticketKey;
    private readonly bool _server;
    private readonly bool _verifyPeer;
    private readonly bool _hasCertificate;

    private GnuTlsContext(CredentialsHandle credentials, bool server, bool verifyPeer, bool hasCertificate)
    {
        _credentials = credentials;
        _server = server;
        _verifyPeer = verifyPeer;
        _hasCertificate = hasCertificate;
        if (!server || verifyPeer)
            return;
        // GnuTLS allocates the key and offers no portable way to free it: one of 64 bytes for each certificate.
        gnutls_datum_t ticketKey;
        GnuTlsError.ThrowIf("session ticket key", NativeMethods.gnutls_session_ticket_key_generate(&ticketKey));
        _ticketKey = ticketKey;
    }

    internal static GnuTlsContext OfServer(
        ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> clientRoots,
        ClientTrust? trust)
    {
        var credentials = Allocate();
        try
        {
            SetPair(credentials, certificateChain, privateKey);
            if (!clientRoots.IsEmpty)
                Trust(credentials, clientRoots);
            if (trust is not null)
                PeerCertificate.Judge(credentials.DangerousGetHandle(), trust);
            return new GnuTlsContext(credentials, server: true, verifyPeer: !clientRoots.IsEmpty, hasCertificate: true);
        }
        catch
        {
            credentials.Dispose();
            throw;
        }
    }

    internal static GnuTlsContext OfClient(
        ReadOnlySpan<byte> trustedRoots, bool verifyPeer, ReadOnlySpan<byte> certificateChain,
        ReadOnlySpan<byte> privateKey)
    {
        var credentials = Allocate();
        try
        {
            if (!certificateChain.IsEmpty)
                SetPair(credentials, certificateChain, privateKey);
            if (!trustedRoots.IsEmpty)
                Trust(credentials, trustedRoots);
            else if (verifyPeer)
                GnuTlsError.ThrowIf("system trust store",
                    NativeMethods.gnutls_certificate_set_x509_system_trust(credentials.DangerousGetHandle()));
            return new GnuTlsContext(credentials, server: false, verifyPeer, !certificateChain.IsEmpty);
        }
        catch
        {
            credentials.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override CryptoLibrary Crypto => CryptoLibrary.GnuTls;

    /// <inheritdoc/>
    internal override QuicTls CreateQuicSession(
        string? serverName, ngtcp2_crypto_conn_ref* connection, in SecretHooks hooks)
    {
        var session = Create(
            NativeMethods.GNUTLS_NO_AUTO_REKEY | NativeMethods.GNUTLS_NO_END_OF_EARLY_DATA, Priority, serverName,
            "h3");
        return new GnuTlsQuicSession(session, _server, connection, hooks);
    }

    /// <inheritdoc/>
    internal override StreamTls CreateStreamSession(
        string? serverName, ReadOnlySpan<string> protocols, TlsTransport* transport) =>
        new GnuTlsStreamSession(Create(NativeMethods.GNUTLS_NONBLOCK, StreamPriority, serverName, protocols), transport);

    /// <inheritdoc/>
    public override void Dispose() => _credentials.Dispose();

    private SessionHandle Create(
        uint flags, PriorityHandle priority, string? serverName, params ReadOnlySpan<string> protocols)
    {
        flags |= _server ? NativeMethods.GNUTLS_SERVER : NativeMethods.GNUTLS_CLIENT;
        // Whoever names a certificate wants to hear that it is not accepted, not that there is none.
        if (!_server && _hasCertificate)
            flags |= NativeMethods.GNUTLS_FORCE_CLIENT_CERT;
        var session = SessionHandle.Create(flags, _credentials, priority);
        try
        {
            var raw = session.DangerousGetHandle();
            Offer(raw, protocols);
            if (!_server)
                Name(raw, serverName ?? "");
            else if (_verifyPeer)
                RequireCertificate(raw);
            else
                EnableTickets(raw);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void Offer(nint session, ReadOnlySpan<string> protocols)
    {
        if (protocols.IsEmpty)
            return;
        const int longest = 16;
        var names = stackalloc byte[longest * protocols.Length];
        var offered = stackalloc gnutls_datum_t[protocols.Length];
        for (var i = 0; i < protocols.Length; i++)
        {
            var name = new Span<byte>(names + (longest * i), longest);
            offered[i] = new gnutls_datum_t
            {
                data = names + (longest * i),
                size = (uint)Encoding.ASCII.GetBytes(protocols[i], name),
            };
        }
        GnuTlsError.ThrowIf("gnutls_alpn_set_protocols", NativeMethods.gnutls_alpn_set_protocols(
            session, offered, (uint)protocols.Length,
            NativeMethods.GNUTLS_ALPN_MANDATORY | NativeMethods.GNUTLS_ALPN_SERVER_PRECEDENCE));
    }

    // Without tickets: a resumed session would not show its certificate again, whatever had become of it since.
    private static void RequireCertificate(nint session)
    {
        NativeMethods.gnutls_certificate_server_set_request(session, NativeMethods.GNUTLS_CERT_REQUIRE);
        NativeMethods.gnutls_session_set_verify_function(session, &PeerCertificate.Verify);
    }

    private static void SetPair(
        CredentialsHandle credentials, ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> privateKey)
    {
        if (SigningKey.TrySet(credentials, certificateChain, privateKey))
            return;
        fixed (byte* cert = certificateChain, key = privateKey)
        {
            var certDatum = new gnutls_datum_t { data = cert, size = (uint)certificateChain.Length };
            var keyDatum = new gnutls_datum_t { data = key, size = (uint)privateKey.Length };
            GnuTlsError.ThrowIf("certificate and key", NativeMethods.gnutls_certificate_set_x509_key_mem(
                credentials.DangerousGetHandle(), &certDatum, &keyDatum, NativeMethods.GNUTLS_X509_FMT_PEM));
        }
    }

    private static void Trust(CredentialsHandle credentials, ReadOnlySpan<byte> roots)
    {
        fixed (byte* pem = roots)
        {
            var datum = new gnutls_datum_t { data = pem, size = (uint)roots.Length };
            var count = NativeMethods.gnutls_certificate_set_x509_trust_mem(
                credentials.DangerousGetHandle(), &datum, NativeMethods.GNUTLS_X509_FMT_PEM);
            GnuTlsError.ThrowIf("trusted roots", count);
            if (count == 0)
                throw new TlsException("trusted roots: there is no certificate");
        }
    }

    private void EnableTickets(nint session)
    {
        fixed (gnutls_datum_t* key = &_ticketKey)
            GnuTlsError.ThrowIf("gnutls_session_ticket_enable_server",
                NativeMethods.gnutls_session_ticket_enable_server(session, key));
    }

    private void Name(nint session, string serverName)
    {
        var bytes = Encoding.ASCII.GetBytes(serverName + "\0");
        fixed (byte* name = bytes)
        {
            if (bytes.Length > 1 && !System.Net.IPAddress.TryParse(serverName, out _))
                GnuTlsError.ThrowIf("gnutls_server_name_set", NativeMethods.gnutls_server_name_set(
                    session, NativeMethods.GNUTLS_NAME_DNS, name, (nuint)bytes.Length - 1));
            // GnuTLS copies neither the name nor its address until the handshake: pass it only where it is compared.
            if (_verifyPeer)
                NativeMethods.gnutls_session_set_verify_cert(session, VerifiedName(serverName), 0);
        }
    }

    // Kept for the life of the process: GnuTLS stores the pointer. A client connects to a handful of names.
    private static readonly Dictionary<string, nint> VerifiedNames = [];

    private static byte* VerifiedName(string name)
    {
        lock (VerifiedNames)
        {
            if (!VerifiedNames.TryGetValue(name, out var pointer))
                VerifiedNames[name] = pointer = System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8(name);
            return (byte*)pointer;
        }
    }

    private static CredentialsHandle Allocate()
    {
        nint credentials;
        GnuTlsError.ThrowIf("gnutls_certificate_allocate_credentials",
            NativeMethods.gnutls_certificate_allocate_credentials(&credentials));
        return new CredentialsHandle(credentials);
    }

    private static PriorityHandle CreatePriority(string priorities)
    {
        nint priority;
        fixed (byte* text = Encoding.ASCII.GetBytes(priorities + "\0"))
            GnuTlsError.ThrowIf("cipher preference", NativeMethods.gnutls_priority_init(&priority, text, null));
        return new PriorityHandle(priority);
    }
}
