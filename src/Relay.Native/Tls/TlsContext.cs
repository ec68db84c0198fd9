using Relay.Native.Ngtcp2;
using Relay.Native.Trust;

namespace Relay.Native.Tls;

/// <summary>
/// What every TLS session of one side shares: certificate, trust, cipher preference, ticket key. Immutable; a renewed
/// certificate is a new context, and sessions that began with the old one keep it alive.
/// </summary>
public abstract unsafe class TlsContext : IDisposable
{
    private protected TlsContext()
    {
    }

    /// <summary>The crypto library of its QUIC sessions.</summary>
    internal abstract CryptoLibrary Crypto { get; }

    /// <summary>A server's context.</summary>
    /// <param name="certificateChain">PEM: the leaf first, then the intermediates.</param>
    /// <param name="privateKey">PEM.</param>
    /// <param name="clientRoots">
    /// PEM; a client must show a certificate that one of these authorities signed itself, or its handshake fails. Empty
    /// to ask for none.
    /// </param>
    /// <param name="library">Whose sessions they are; null for GnuTLS.</param>
    /// <param name="trust">How else clients' certificates are judged; null for nothing more.</param>
    /// <exception cref="TlsException">
    /// The pair cannot be parsed or does not belong together, or the roots cannot be parsed.
    /// </exception>
    public static TlsContext CreateServer(
        ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> clientRoots = default,
        TlsLibrary? library = null, ClientTrust? trust = null) =>
        library == TlsLibrary.OpenSsl
            ? OpenSslContext.OfServer(certificateChain, privateKey, clientRoots, trust)
            : GnuTlsContext.OfServer(certificateChain, privateKey, clientRoots, trust);

    /// <summary>A client's context, by GnuTLS.</summary>
    /// <param name="trustedRoots">PEM; empty for the system's store.</param>
    /// <param name="verifyPeer">Whether an untrusted certificate or a wrong name fails the handshake.</param>
    /// <param name="certificateChain">PEM; shown to a server that asks for one. Empty for none.</param>
    /// <param name="privateKey">PEM.</param>
    /// <exception cref="TlsException">The roots, or the pair, cannot be used.</exception>
    public static TlsContext CreateClient(
        ReadOnlySpan<byte> trustedRoots, bool verifyPeer, ReadOnlySpan<byte> certificateChain = default,
        ReadOnlySpan<byte> privateKey = default) =>
        GnuTlsContext.OfClient(trustedRoots, verifyPeer, certificateChain, privateKey);

    /// <summary>Drops this context's own reference; sessions that use it keep theirs.</summary>
    public abstract void Dispose();

    /// <summary>Starts a session of a QUIC connection.</summary>
    /// <param name="serverName">The name that a client asks for and verifies; ignored by a server.</param>
    /// <param name="connection">Valid as long as the session.</param>
    /// <param name="hooks">Who is told the secrets that it agrees on; by default the crypto library.</param>
    internal abstract QuicTls CreateQuicSession(
        string? serverName, ngtcp2_crypto_conn_ref* connection, in SecretHooks hooks);

    /// <summary>Starts a session over a byte stream.</summary>
    /// <param name="serverName">The name that a client asks for and verifies; ignored by a server.</param>
    /// <param name="protocols">
    /// Application protocols (RFC 7301), the preferred first. A client that offers others is refused; one that offers none
    /// is not.
    /// </param>
    /// <param name="transport">What it reads from and writes to; valid as long as the session.</param>
    internal abstract StreamTls CreateStreamSession(
        string? serverName, ReadOnlySpan<string> protocols, TlsTransport* transport);
}
