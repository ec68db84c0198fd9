using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Admin.Diagnostics;
using Relay.Admin.Options;
using Relay.Admin.Resources;
using Relay.Hosting;

namespace Relay.Admin.Hosting;

/// <summary>
/// <c>/metrics</c> and the probes on an address of their own, in a server of its own, without TLS and without a token: nothing else is
/// there, as on that of a node.
/// </summary>
internal sealed class MetricsHost : IAsyncDisposable
{
    /// <summary>As of a node: far above what scrapes and probes need.</summary>
    private const int MaxConnections = 64;

    private readonly WebApplication _app;

    private MetricsHost(WebApplication app, IPEndPoint address) => (_app, Address) = (app, address);

    /// <summary>Where it listens, with the port that it got.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Begins to serve.</summary>
    /// <param name="asked">Where.</param>
    /// <param name="metrics">What is shown; not disposed.</param>
    /// <param name="probe">What probes are answered from.</param>
    /// <param name="logs">Receives messages; not disposed.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="StartException">It cannot listen there.</exception>
    public static async Task<MetricsHost> StartAsync(
        IPEndPoint asked, FleetMetrics metrics, FleetProbe probe, ILoggerFactory logs, CancellationToken cancellation)
    {
        var builder = BareHost.CreateBuilder("relay-admin");
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            Listener.Bound(options, maxBody: 0);
            options.Limits.MaxConcurrentConnections = MaxConnections;
            options.Listen(asked);
        });
        var forwarded = new ForwardedLogs(logs);
        builder.Logging.AddProvider(forwarded).SetMinimumLevel(LogLevel.Trace).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddRouting().AddSingleton(probe).AddSingleton(metrics);
        var app = builder.Build();
        try
        {
            app.Use(static next => http =>
            {
                if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
                    return next(http);
                http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                http.Response.Headers.Allow = "GET, HEAD";
                return Task.CompletedTask;
            });
            app.UseRouting();
            HealthResource.Map(app);
            MetricsResource.Map(app);
            await app.StartAsync(cancellation).ConfigureAwait(false);
            forwarded.Start();
            return new MetricsHost(app, BareHost.BoundAddress(app, asked));
        }
        catch (Exception e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            if (BareHost.IsBindFault(e))
                throw BareHost.BindFault(e, (AdminOptions.MetricsAddress.Name, asked));
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
