using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Hosting;
using Relay.Hosting.Files;
using Relay.Native;
using Relay.Native.Tls;
using Relay.Native.Trust;
using Relay.Node.Options;
using Relay.Node.Streams;

namespace Relay.Node.Hosting;

/// <summary>Makes what a node shows to clients of the files that name it.</summary>
internal static class CertificateLoader
{
    /// <summary>The files that a configuration names.</summary>
    public static FileGroup FilesOf(NodeConfig config) => new("certificates",
    [
        new(OptionCatalog.TlsCertPath.Name, config.TlsCertPath),
        new(OptionCatalog.TlsPrivateKeyPath.Name, config.TlsPrivateKeyPath),
        new(OptionCatalog.ClientAuthRootCertPath.Name, config.ClientAuthRootCertPath),
    ]);

    /// <summary>Takes a certificate chain, its key, and the authorities of clients, if any.</summary>
    /// <param name="files">What <see cref="FilesOf"/> names.</param>
    /// <param name="contents">What is in them.</param>
    /// <param name="library">Whose TLS it is for.</param>
    /// <param name="trust">How else clients' certificates are judged.</param>
    /// <exception cref="StartException">A file cannot be used; the message names the option and why.</exception>
    public static ServerIdentity Load(FileGroup files, FileContents contents, TlsLibrary library, ClientTrust trust)
    {
        if (contents[2] is { } roots && !roots.AsSpan().ContainsAnyExcept(" \t\r\n"u8))
            throw new StartException($"{files.Files[2]}: there is no certificate");
        try
        {
            return new ServerIdentity(
                TlsContext.CreateServer(contents[0], contents[1], contents[2], library, trust), ExpiryOf(contents[0]), trust);
        }
        catch (TlsException e)
        {
            throw new StartException(
                CertificateFile.FaultOf(files, contents)
                ?? (contents[2] is { } authorities ? CertificateFile.FaultOf(files.Files[2], authorities) : null)
                ?? $"{string.Join(", ", files.Files.Where(static f => f.Path is not null))}: {e.Message}");
        }
    }

    /// <summary>The end of the chain's first certificate; null where only the TLS library can read it.</summary>
    private static DateTimeOffset? ExpiryOf(byte[]? chain)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(chain ?? []));
            return certificate.NotAfter;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
