using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Interop.Tests.Tls;

/// <summary>A client of TLS over TCP, above which the test speaks by hand.</summary>
internal static class TlsClient
{
    /// <summary>Connects to a relay, which must be the one of a certificate, and shakes hands.</summary>
    /// <param name="relay">Where it is.</param>
    /// <param name="protocol">The version of HTTP, by its name in ALPN.</param>
    /// <param name="trust">The file of the certificate that is trusted.</param>
    public static async Task<SslStream> ConnectAsync(IPEndPoint relay, string protocol, string trust)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(trust);
        var socket = new Socket(relay.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(relay, deadline.Token);
        return await ShakeHandsAsync(socket, new SslApplicationProtocol(protocol), certificate, deadline.Token);
    }

    /// <summary>Shakes hands on a socket that is connected, and is the client's from now on.</summary>
    public static async Task<SslStream> ShakeHandsAsync(
        Socket socket, SslApplicationProtocol protocol, X509Certificate2 trust, CancellationToken cancel)
    {
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    ApplicationProtocols = [protocol],
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { trust },
                        RevocationMode = X509RevocationMode.NoCheck,
                    },
                }, cancel);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
