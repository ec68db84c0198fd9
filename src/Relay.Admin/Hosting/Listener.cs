using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Relay.Admin.Connections;
using Relay.Admin.Identity;
using Relay.Hosting.Files;

namespace Relay.Admin.Hosting;

/// <summary>What all addresses that are listened on have in common.</summary>
internal static class Listener
{
    /// <summary>Bounds what a connection may cost.</summary>
    /// <param name="options">The server's.</param>
    /// <param name="maxBody">The largest body of a request, in bytes.</param>
    public static void Bound(KestrelServerOptions options, long maxBody)
    {
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentUpgradedConnections = 0;
        options.Limits.MaxRequestBodySize = maxBody;
        options.Limits.MaxRequestHeaderCount = 64;
        options.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        options.Limits.Http2.MaxStreamsPerConnection = 64;
    }

    /// <summary>Listens on an address.</summary>
    /// <param name="options">The server's.</param>
    /// <param name="address">The address.</param>
    /// <param name="limits">Bounds its connections.</param>
    /// <param name="tls">What HTTPS is served with; null for plain HTTP.</param>
    /// <param name="mark">Told of each connection; null for nobody.</param>
    public static void Listen(
        KestrelServerOptions options, IPEndPoint address, ConnectionLimits limits, WatchedValue<TlsIdentity>? tls,
        Action<ConnectionContext>? mark = null) => options.Listen(address, listen =>
    {
        listen.Protocols = tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
        listen.Use(next => connection =>
        {
            mark?.Invoke(connection);
            return limits.ServeAsync(connection, next);
        });
        if (tls is not null)
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(tls.Current.ToOptions()),
                HandshakeTimeout = TimeSpan.FromSeconds(10),
            });
    });
}
