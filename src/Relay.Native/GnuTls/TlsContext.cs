using System.Text;

namespace Relay.Native.GnuTls;

/// <summary>
/// What every TLS session of one side shares: certificate, trust, cipher preference, ticket key. Immutable; a renewed
/// certificate is a new context, and sessions that began with the old one keep it alive.
/// </summary>
public sealed unsafe class TlsContext : IDisposable
{
    // AES-GCM first: GnuTLS 3.7's ChaCha20-Poly1305 costs five to six times as much where the processor has AES.
    private const string Priorities =
        "%DISABLE_TLS13_COMPAT_MODE:%SERVER_PRECEDENCE:NORMAL:-VERS-ALL:+VERS-TLS1.3:" +
        "-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305";

    private static readonly PriorityHandle Priority = CreatePriority();
    private static readonly byte[] Alpn = "h3"u8.ToArray();

    private readonly CredentialsHandle _credentials;
    private readonly gnutls_datum_t _ticketKey;
    private readonly bool _server;
    private readonly bool _verifyPeer;

    private TlsContext(CredentialsHandle credentials, bool server, bool verifyPeer, gnutls_datum_t ticketKey)
    {
        _credentials = credentials;
        _server = server;
        _verifyPeer = verifyPeer;
        _ticketKey = ticketKey;
    }

    /// <summary>A server's context.</summary>
    /// <param name="certificateChain">PEM: the leaf first, then the intermediates.</param>
    /// <param name="privateKey">PEM.</param>
    /// <exception cref="TlsException">The pair cannot be parsed or does not belong together.</exception>
    public static TlsContext CreateServer(ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> privateKey)
    {
        var credentials = Allocate();
        fixed (byte* cert = certificateChain, key = privateKey)
        {
            var certDatum = new gnutls_datum_t { data = cert, size = (uint)certificateChain.Length };
            var keyDatum = new gnutls_datum_t { data = key, size = (uint)privateKey.Length };
            TlsException.ThrowIfError("certificate and key", NativeMethods.gnutls_certificate_set_x509_key_mem(
                credentials.DangerousGetHandle(), &certDatum, &keyDatum, NativeMethods.GNUTLS_X509_FMT_PEM));
        }

        // GnuTLS allocates the key and offers no portable way to free it: one of 64 bytes for each certificate.
        gnutls_datum_t ticketKey;
        TlsException.ThrowIfError("session ticket key", NativeMethods.gnutls_session_ticket_key_generate(&ticketKey));
        return new TlsContext(credentials, server: true, verifyPeer: false, ticketKey);
    }

    /// <summary>A client's context.</summary>
    /// <param name="trustedRoots">PEM; empty for the system's store.</param>
    /// <param name="verifyPeer">Whether an untrusted certificate or a wrong name fails the handshake.</param>
    /// <exception cref="TlsException">The roots cannot be parsed.</exception>
    public static TlsContext CreateClient(ReadOnlySpan<byte> trustedRoots, bool verifyPeer)
    {
        var credentials = Allocate();
        if (!trustedRoots.IsEmpty)
        {
            fixed (byte* roots = trustedRoots)
            {
                var datum = new gnutls_datum_t { data = roots, size = (uint)trustedRoots.Length };
                TlsException.ThrowIfError("trusted roots", NativeMethods.gnutls_certificate_set_x509_trust_mem(
                    credentials.DangerousGetHandle(), &datum, NativeMethods.GNUTLS_X509_FMT_PEM));
            }
        }
        else if (verifyPeer)
        {
            TlsException.ThrowIfError("system trust store",
                NativeMethods.gnutls_certificate_set_x509_system_trust(credentials.DangerousGetHandle()));
        }

        return new TlsContext(credentials, server: false, verifyPeer, default);
    }

    /// <summary>Starts a session; the caller attaches it to a QUIC connection.</summary>
    /// <param name="serverName">The name that a client asks for and verifies; ignored by a server.</param>
    internal SessionHandle CreateSession(string? serverName)
    {
        var flags = (_server ? NativeMethods.GNUTLS_SERVER : NativeMethods.GNUTLS_CLIENT)
            | NativeMethods.GNUTLS_NO_AUTO_REKEY | NativeMethods.GNUTLS_NO_END_OF_EARLY_DATA;
        var session = SessionHandle.Create(flags, _credentials, Priority);
        try
        {
            var raw = session.DangerousGetHandle();
            fixed (byte* alpn = Alpn)
            {
                var protocol = new gnutls_datum_t { data = alpn, size = (uint)Alpn.Length };
                TlsException.ThrowIfError("gnutls_alpn_set_protocols", NativeMethods.gnutls_alpn_set_protocols(
                    raw, &protocol, 1, NativeMethods.GNUTLS_ALPN_MANDATORY | NativeMethods.GNUTLS_ALPN_SERVER_PRECEDENCE));
            }

            if (_server)
            {
                AlpnRequirement.Apply(raw);
                EnableTickets(raw);
            }
            else
            {
                Name(raw, serverName ?? "");
            }
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Drops this context's own reference; sessions that use it keep theirs.</summary>
    public void Dispose() => _credentials.Dispose();

    private void EnableTickets(nint session)
    {
        fixed (gnutls_datum_t* key = &_ticketKey)
            TlsException.ThrowIfError("gnutls_session_ticket_enable_server",
                NativeMethods.gnutls_session_ticket_enable_server(session, key));
    }

    private void Name(nint session, string serverName)
    {
        var bytes = Encoding.ASCII.GetBytes(serverName + "\0");
        fixed (byte* name = bytes)
        {
            if (bytes.Length > 1 && !System.Net.IPAddress.TryParse(serverName, out _))
                TlsException.ThrowIfError("gnutls_server_name_set", NativeMethods.gnutls_server_name_set(
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
        TlsException.ThrowIfError("gnutls_certificate_allocate_credentials",
            NativeMethods.gnutls_certificate_allocate_credentials(&credentials));
        return new CredentialsHandle(credentials);
    }

    private static PriorityHandle CreatePriority()
    {
        nint priority;
        fixed (byte* text = Encoding.ASCII.GetBytes(Priorities + "\0"))
            TlsException.ThrowIfError("cipher preference", NativeMethods.gnutls_priority_init(&priority, text, null));
        return new PriorityHandle(priority);
    }
}
