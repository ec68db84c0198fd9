using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Admin.Apple;
using Relay.Admin.Connections;
using Relay.Admin.Diagnostics;
using Relay.Admin.Enrolments;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Hosting.Credentials;
using Relay.Hosting.Files;
using Relay.Hosting.Fleet;

namespace Relay.Admin.Hosting;

/// <summary>The page of enrolments, on an address and in a server of its own: nothing of the API is there.</summary>
internal sealed class EnrolHost : IAsyncDisposable
{
    private const int MaxBody = 4 << 10;

    private readonly WebApplication _app;

    private EnrolHost(WebApplication app, IPEndPoint address, EnrolPlace place) => (_app, Address, Place) = (app, address, place);

    /// <summary>Where it listens, with the port that it got.</summary>
    public IPEndPoint Address { get; }

    /// <summary>What links are made with.</summary>
    public EnrolPlace Place { get; }

    /// <summary>Begins to serve.</summary>
    /// <param name="config">What it is made of; it has an address of enrolments and a relay.</param>
    /// <param name="fleet">The fleet; not disposed.</param>
    /// <param name="logs">Receives messages; not disposed.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="history">Takes what was done and refused.</param>
    /// <param name="refusals">Counts what is refused.</param>
    /// <param name="signing">Who signs profiles.</param>
    /// <param name="tls">What HTTPS is served with; null for plain HTTP.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="StartException">It cannot listen; the message names the option.</exception>
    public static async Task<EnrolHost> StartAsync(
        AdminConfig config, IFleet fleet, ILoggerFactory logs, TimeProvider clock, HistoryOutbox history, Refusals refusals, ProfileSigning signing,
        WatchedValue<TlsIdentity>? tls, CancellationToken cancellation)
    {
        var asked = config.Enrol.Address!;
        var builder = BareHost.CreateBuilder("relay-admin");
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            Listener.Bound(options, MaxBody);
            Listener.Listen(options, asked, new ConnectionLimits(config, refusals, clock), tls);
        });
        var forwarded = new ForwardedLogs(logs);
        builder.Logging.AddProvider(forwarded).SetMinimumLevel(LogLevel.Trace).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = config.ShutdownTimeout);
        builder.Services.AddSingleton<IHttpContextFactory, TokenCut>();
        builder.Services.AddRequestTimeouts(options => options.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = config.RequestTimeout,
            TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
        });
        var app = builder.Build();
        try
        {
            app.UseMiddleware<EnrolAnswers>(clock);
            app.UseRequestTimeouts();
            // No rate of a source: who shares it with a flood has a link that works. What a flood costs the fleet is bounded by the lookup.
            app.Run(new EnrolEndpoint(
                fleet, new EnrolmentLookup(fleet), config, signing, new FailureLimiter<string>(clock, ""), refusals,
                new AuditLog(logs, clock, history), clock).HandleAsync);
            await app.StartAsync(cancellation).ConfigureAwait(false);
            forwarded.Start();
            var address = BareHost.BoundAddress(app, asked);
            var scheme = tls is null ? "http" : "https";
            var place = new EnrolPlace(config.Enrol.PublicUrl ?? $"{scheme}://{address}");
            Log.EnrolmentsServed(logs.CreateLogger("relay-admin"), scheme, address, place.Url!);
            return new EnrolHost(app, address, place);
        }
        catch (Exception e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            if (BareHost.IsBindFault(e))
                throw BareHost.BindFault(e, (EnrolOptions.Address.Name, asked));
            throw;
        }
    }

    /// <summary>Stops to accept, and lets requests end within the shutdown timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
