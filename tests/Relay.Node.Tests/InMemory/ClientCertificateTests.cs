using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Native.GnuTls;
using Relay.Node.Http3;
using Relay.Node.Tests.InMemory.World;

namespace Relay.Node.Tests.InMemory;

/// <summary>A node with client roots lets in who shows a certificate that one of them signed, and nobody else.</summary>
public class ClientCertificateTests
{
    [Theory]
    [InlineData(Shown.None, false)]
    [InlineData(Shown.Strangers, false)]
    [InlineData(Shown.Signed, true)]
    public void Handshake_ClientRootsAreSet_CompletesOnlyWithACertificateThatOneSigned(Shown shown, bool expected)
    {
        using var root = Certificate("CN=root", null);
        using var strangersRoot = Certificate("CN=root", null);
        using var node = Certificate($"CN={TestIdentity.ServerName}", null);
        using var leaf = Certificate("CN=client", shown == Shown.Strangers ? strangersRoot : root);
        using var network = new Network();
        network.Node.State.Identity =
            new ServerIdentity(TlsContext.CreateServer(Pem(node), Key(node), Pem(root)));
        var tls = shown == Shown.None
            ? TlsContext.CreateClient(Pem(node), verifyPeer: true)
            : TlsContext.CreateClient(Pem(node), verifyPeer: true, Pem(leaf), Key(leaf));
        var client = network.AddClient(new ClientSettings { Tls = tls });
        network.Run(Time.Seconds(2));
        Assert.Equal(expected, network.Node.Connections.Open.Any(static c => c.IsEstablished));
        Assert.Equal(expected, client.IsEstablished && !client.IsOver);
        network.CloseAndAssertClean();
    }

    public enum Shown
    {
        None,
        Strangers,
        Signed,
    }

    private static X509Certificate2 Certificate(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        if (issuer is not null)
        {
            using var signed = request.Create(issuer, from, to, [1]);
            return signed.CopyWithPrivateKey(key);
        }
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(TestIdentity.ServerName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(from, to);
    }

    private static byte[] Pem(X509Certificate2 certificate) =>
        Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());

    private static byte[] Key(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem());
    }
}
