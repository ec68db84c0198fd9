using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Fleet.Contract;
using Relay.Fleet.Http;
using Relay.Hosting.Files;

namespace Relay.Hosting.Fleet;

/// <summary>Reaches a fleet elsewhere, where <see cref="FleetHost"/> starts one here.</summary>
public static class Coordinators
{
    // A coordinator answers within 0.8 s, itself where it reaches nobody.
    private static readonly TimeSpan TryTime = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long all tries of a report may take; whoever there are, below <see cref="FleetTimings.HolderMargin"/>.
    /// </summary>
    /// <param name="coordinators">How many addresses are configured; each may be a name of several.</param>
    public static TimeSpan LongestReport(int coordinators) => TryTime * Math.Clamp(coordinators, 5, 15);

    /// <summary>Makes the way to them.</summary>
    /// <param name="coordinators">Their addresses, tried in turn.</param>
    /// <param name="token">The file of the token; no path where they ask for none.</param>
    /// <param name="authority">The PEM file of who signs their certificates; no path for the system's.</param>
    /// <exception cref="StartException">The authorities cannot be read.</exception>
    public static HttpFleet Join(IReadOnlyList<Uri> coordinators, NamedFile token, NamedFile authority)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            // A redirection would carry all that the node says of its sessions to wherever it points.
            AllowAutoRedirect = false,
        };
        if (authority.Path is { } path)
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = TrustOnly(authority.Option, path),
            };
        // Where a proxy of the environment makes the connections, names are its business.
        handler.UseProxy = coordinators.Any(static uri =>
            !HttpClient.DefaultProxy.IsBypassed(uri) && HttpClient.DefaultProxy.GetProxy(uri) is not null);
        return new HttpFleet(coordinators, handler, () => ReadToken(token), new HttpFleetOptions
        {
            TryTimeout = TryTime,
            TotalTimeout = LongestReport(coordinators.Count),
            Resolve = handler.UseProxy ? null : static name => Dns.GetHostAddressesAsync(name),
        });
    }

    private static X509ChainPolicy TrustOnly(string option, string path)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{option}: {e.Message}");
        }
        if (policy.CustomTrustStore.Count == 0)
            throw new StartException($"{option}: there is no certificate in '{path}'");
        return policy;
    }

    // Each time anew: a token is replaced by replacing the file.
    private static string? ReadToken(NamedFile token)
    {
        try
        {
            return token.Path is null ? null : File.ReadAllText(token.Path).Trim();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{token.Option}: {e.Message}", e);
        }
    }
}
