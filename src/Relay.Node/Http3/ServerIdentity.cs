using Relay.Native.GnuTls;
using Relay.Node.Quic;

namespace Relay.Node.Http3;

/// <summary>The certificate in use; replaced as a whole.</summary>
/// <param name="Tls">What new connections get.</param>
internal sealed record ServerIdentity(TlsContext Tls)
{
    /// <summary>Reads a certificate chain and its key.</summary>
    /// <exception cref="StartException">A file cannot be used; the message names the option and why.</exception>
    internal static ServerIdentity Load(string certificatePath, string keyPath)
    {
        var certificate = Read("--tls-cert-path", certificatePath);
        var key = Read("--tls-private-key-path", keyPath);
        try
        {
            return new ServerIdentity(TlsContext.CreateServer(certificate, key));
        }
        catch (TlsException e)
        {
            throw new StartException(
                $"--tls-cert-path {certificatePath}, --tls-private-key-path {keyPath}: {e.Message}");
        }
    }

    private static byte[] Read(string option, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{option}: {e.Message}");
        }
    }
}
