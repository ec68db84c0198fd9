using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Relay.Hosting;
using Relay.Hosting.Credentials;
using Relay.Node.Diagnostics.Health;
using Relay.Node.Options;

namespace Relay.Node.Diagnostics.Export;

/// <summary>
/// Answers <c>/metrics</c>, <c>/livez</c> and <c>/readyz</c> over HTTP, apart from the relay: it reads what loops
/// write, and none waits for it.
/// </summary>
internal sealed class DiagnosticsServer : IAsyncDisposable
{
    /// <summary>Where Prometheus asks.</summary>
    internal const string MetricsPath = "/metrics";

    private const string LivePath = "/livez";
    private const string ReadyPath = "/readyz";

    /// <summary>Far above what scrapes and probes need; a node's memory is for its clients.</summary>
    private const int MaxConnections = 64;

    private readonly WebApplication _application;

    private DiagnosticsServer(WebApplication application, IPEndPoint address) =>
        (_application, Address) = (application, address);

    /// <summary>The address that is bound.</summary>
    internal IPEndPoint Address { get; }

    /// <summary>Binds and begins to answer.</summary>
    /// <param name="address">Where; port 0 for any that is free.</param>
    /// <param name="node">What is shown.</param>
    /// <param name="export">Writes metrics.</param>
    /// <param name="tokenFile">Of the token that is asked for metrics; null for none.</param>
    /// <exception cref="StartException">The address cannot be bound.</exception>
    internal static async Task<DiagnosticsServer> StartAsync(
        IPEndPoint address, NodeDiagnostics node, TelemetryExport export, string? tokenFile = null)
    {
        var builder = BareHost.CreateBuilder();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = MaxConnections;
            options.Limits.MaxRequestBodySize = 0;
            options.Listen(address);
        });
        var application = builder.Build();
        application.Use(next => context => (context.Request.Path.Value, context.Request.Method) switch
        {
            (not (MetricsPath or LivePath or ReadyPath), _) => next(context),
            (_, not ("GET" or "HEAD")) => RefuseMethodAsync(context),
            (LivePath, _) => AnswerAsync(context, HealthResponse.Live(node)),
            (ReadyPath, _) => AnswerAsync(context, HealthResponse.Ready(node)),
            _ => tokenFile is null || Shows(context, tokenFile) ? next(context) : RefuseStrangerAsync(context),
        });
        export.Use(application, cancellation => node.BeforeScrape(cancellation));
        try
        {
            await application.StartAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (BareHost.IsBindFault(e))
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw BareHost.BindFault(e, (OptionCatalog.MetricsAddress.Name, address));
        }
        return new DiagnosticsServer(application, BareHost.BoundAddress(application, address));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>Whether it is what is in the file, by hashes, whose lengths tell nothing.</summary>
    private static bool Shows(HttpContext context, string tokenFile)
    {
        const string Scheme = "Bearer ";
        if (context.Request.Headers.Authorization is not [{ } shown] || !shown.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        try
        {
            // Each time anew: a token is replaced by replacing the file.
            var wanted = File.ReadAllText(tokenFile).Trim();
            return TokenHash.FaultOf(wanted) is null && CryptographicOperations.FixedTimeEquals(
                SHA256.HashData(Encoding.UTF8.GetBytes(shown[Scheme.Length..].Trim())), SHA256.HashData(Encoding.UTF8.GetBytes(wanted)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Task RefuseStrangerAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }

    private static Task RefuseMethodAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = "GET, HEAD";
        return Task.CompletedTask;
    }

    private static Task AnswerAsync(HttpContext context, in HealthResponse response)
    {
        context.Response.StatusCode = response.Status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(response.Body, context.RequestAborted).AsTask();
    }
}
