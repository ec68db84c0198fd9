using System.Text;
using Relay.Native.Tls;
using Relay.Native.Trust;
using Relay.Node.Hosting;
using Relay.Node.Options;
using Relay.Testing.Certificates;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>A self-signed certificate, made once for all tests, and the two sides' contexts that go with it.</summary>
internal static class TestIdentity
{
    public const string ServerName = "relay.test";

    private static readonly (byte[] Certificate, byte[] Key) Pair = Create();

    /// <summary>
    /// Whose TLS the node speaks: what a node takes by itself, or what RELAYFLEET_TEST_TLS names. Clients speak GnuTLS's, so that
    /// OpenSSL's is held to another.
    /// </summary>
    public static TlsLibrary Library { get; } =
        TlsLibraryChoice.Of(Environment.GetEnvironmentVariable("RELAYFLEET_TEST_TLS") switch
        {
            "gnutls" => TlsLibraryMode.GnuTls,
            "openssl" => TlsLibraryMode.OpenSsl,
            _ => TlsLibraryMode.Auto,
        }).Library;

    public static bool IsOpenSsl => Library == TlsLibrary.OpenSsl;

    public static TlsContext Server { get; } =
        TlsContext.CreateServer(Pair.Certificate, Pair.Key, library: Library);

    /// <summary>The certificate, in PEM.</summary>
    public static byte[] Certificate => Pair.Certificate;

    /// <summary>A server that asks for certificates of these authorities.</summary>
    public static TlsContext ServerFor(params ReadOnlySpan<ClientAuthority> authorities)
    {
        var roots = new List<byte>();
        foreach (var authority in authorities)
            roots.AddRange([.. authority.Pem, (byte)'\n']);
        return ServerTrusting([.. roots]);
    }

    /// <summary>The same, of these in PEM.</summary>
    public static TlsContext ServerTrusting(byte[] roots, ClientTrust? trust = null) =>
        TlsContext.CreateServer(Pair.Certificate, Pair.Key, roots, Library, trust);

    /// <summary>Trusts the server's certificate and nothing else.</summary>
    public static TlsContext Client { get; } = TlsContext.CreateClient(Pair.Certificate, verifyPeer: true);

    /// <summary>Trusts another certificate.</summary>
    public static TlsContext Distrustful { get; } = TlsContext.CreateClient(Create().Certificate, verifyPeer: true);

    private static (byte[] Certificate, byte[] Key) Create()
    {
        using var certificate = SelfSigned.Create(ServerName);
        return (Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()),
            Encoding.ASCII.GetBytes(certificate.ExportKeyPem()));
    }
}
