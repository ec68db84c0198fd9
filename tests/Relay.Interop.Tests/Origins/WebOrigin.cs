using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Relay.Interop.Tests.Network;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Origins;

/// <summary>
/// A web site over TCP, with TLS or without. It remembers what was asked for and over which protocol.
/// </summary>
internal sealed class WebOrigin : IAsyncDisposable
{
    public const string Greeting = "Hello from the origin";
    public const string Page = $"<!DOCTYPE html><title>Interop origin</title><p id=\"greeting\">{Greeting}</p>";

    private readonly WebApplication _site;
    private readonly ConcurrentQueue<OriginRequest> _requests = new();

    private WebOrigin(WebApplication site) => _site = site;

    public IReadOnlyCollection<OriginRequest> Requests => _requests;

    public string DirectAddress => $"https://{SiteNames.Direct}:{Port}";

    public string RelayedAddress => $"https://{SiteNames.BehindRelay}:{Port}";

    /// <summary>Where it is without TLS.</summary>
    public string PlainAddress => $"http://127.0.0.1:{Port}";

    public int Port => new Uri(_site.Urls.Single()).Port;

    /// <summary>Starts it in a namespace or, without one, on the machine's own loopback.</summary>
    public static async Task<WebOrigin> StartAsync(NetworkNamespace? network, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (network is not null)
            builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endPoint =>
                network.Run(() => SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint)));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (certificate is not null)
                    listen.UseHttps(certificate);
            });
        });

        var origin = new WebOrigin(builder.Build());
        origin._site.MapGet("/", origin.PageAsync);
        origin._site.MapGet("/file/{length:long}", origin.FileAsync);
        origin._site.MapMethods("/digest", ["POST", "PUT"], origin.DigestAsync);
        await origin._site.StartAsync(TestContext.Current.CancellationToken);
        return origin;
    }

    public async ValueTask DisposeAsync()
    {
        // A browser that a failed test left behind keeps its connections open: none of them is worth waiting for.
        await _site.StopAsync(new CancellationToken(canceled: true));
        await _site.DisposeAsync();
    }

    private Task PageAsync(HttpContext context)
    {
        Remember(context);
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(Page);
    }

    private Task FileAsync(HttpContext context, long length)
    {
        Remember(context);
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = length;
        return new PatternFile(length).WriteAsync(context.Response.Body, context.RequestAborted);
    }

    private async Task DigestAsync(HttpContext context)
    {
        Remember(context);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        var block = new byte[64 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(block, context.RequestAborted)) > 0; length += read)
            hash.AppendData(block, 0, read);
        await context.Response.WriteAsync($"{length} {Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }

    private void Remember(HttpContext context) => _requests.Enqueue(
        new OriginRequest(context.Request.Path, context.Request.Protocol));
}
