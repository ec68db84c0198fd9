using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Admin.Diagnostics;
using Relay.Admin.Identity;
using Relay.Admin.Resources;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Hosting.Files;

namespace Relay.Admin.Hosting;

/// <summary>The admin API and the dashboard, served in this process.</summary>
public sealed class AdminHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Reloader _reloader;

    private AdminHost(WebApplication app, Reloader reloader, IPEndPoint address) =>
        (_app, _reloader, Address) = (app, reloader, address);

    /// <summary>Where it listens, with the port that it got.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Begins to serve.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="fleet">The fleet that it is for; not disposed.</param>
    /// <param name="logs">
    /// Receives messages, and the audit lines in category <c>relay-admin.audit</c>; not disposed.
    /// </param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="StartException">
    /// The configuration cannot be served; the message says which part.
    /// </exception>
    public static Task<AdminHost> StartAsync(
        AdminConfig config, IFleet fleet, ILoggerFactory logs, CancellationToken cancellation) =>
        StartAsync(config, fleet, logs, TimeProvider.System, cancellation);

    /// <summary>Begins to serve, on a given clock.</summary>
    internal static async Task<AdminHost> StartAsync(
        AdminConfig config, IFleet fleet, ILoggerFactory logs, TimeProvider clock, CancellationToken cancellation)
    {
        if (config.TokenFile is null && !IPAddress.IsLoopback(config.Address.Address))
            throw new StartException(
                $"--admin-address {config.Address}: not loopback, and would let everybody operate the fleet; "
                + "give --admin-token-file");
        if (config.TlsCertPath is null != config.TlsPrivateKeyPath is null)
            throw new StartException("--tls-cert-path and --tls-private-key-path: of no use without each other");
        var log = logs.CreateLogger("relay-admin");
        WebApplication? app = null;
        try
        {
            var tokens = new TokenSource(config.TokenFile);
            var tls = config.TlsCertPath is null ? null : new WatchedValue<TlsIdentity>(
                new FileGroup("the admin certificate",
                [
                    new NamedFile("--tls-cert-path", config.TlsCertPath),
                    new NamedFile("--tls-private-key-path", config.TlsPrivateKeyPath),
                ]), TlsIdentity.Load);
            app = Build(config, fleet, logs, clock, tokens, tls);
            await app.StartAsync(cancellation).ConfigureAwait(false);
            var address = BareHost.BoundAddress(app, config.Address);
            Announce(log, config, address);
            SecretFiles.Check(log, new NamedFile(TokenSource.Option, config.TokenFile));
            WatchedGroup?[] files = [tokens.Group, tls?.Group];
            return new AdminHost(app, new Reloader(log, [.. files.OfType<WatchedGroup>()]), address);
        }
        catch (Exception e)
        {
            if (app is not null)
                await app.DisposeAsync().ConfigureAwait(false);
            if (e is IOException or System.Net.Sockets.SocketException)
                throw new StartException($"--admin-address {config.Address}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>What is wrong with a token file, with the line; never a part of a hash. Null for nothing.</summary>
    /// <param name="content">UTF-8.</param>
    public static string? FaultOfTokenFile(ReadOnlySpan<byte> content) =>
        TokenTable.TryRead(content, out _, out var error) ? null : error;

    /// <summary>Reads the token file and the certificate again, as on SIGHUP.</summary>
    public void Reload() => _reloader.ReloadAll();

    /// <summary>Stops to accept, ends event streams, lets other requests end within the shutdown timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _reloader.Dispose();
    }

    private static WebApplication Build(
        AdminConfig config, IFleet fleet, ILoggerFactory logs, TimeProvider clock, TokenSource tokens,
        WatchedValue<TlsIdentity>? tls)
    {
        var builder = BareHost.CreateBuilder("relay-admin");
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => Configure(options, config, tls));
        // The framework's lines a request are kept out, those of who shows a token among them; its warnings stay.
        builder.Logging.AddProvider(new ForwardedLogs(logs)).SetMinimumLevel(LogLevel.Trace)
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter(typeof(BearerHandler).FullName, LogLevel.Warning);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = config.ShutdownTimeout);
        builder.Services.AddSingleton(tokens);
        Pipeline.AddServices(builder.Services, config, fleet, clock);
        var app = builder.Build();
        Pipeline.Use(app);
        return app;
    }

    private static void Configure(KestrelServerOptions options, AdminConfig config, WatchedValue<TlsIdentity>? tls)
    {
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = 16_384;
        options.Limits.MaxConcurrentUpgradedConnections = 0;
        options.Limits.MaxRequestBodySize = ReportsResource.MaxLength;
        options.Limits.MaxRequestHeaderCount = 64;
        options.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        options.Limits.Http2.MaxStreamsPerConnection = 64;
        options.Listen(config.Address, listen =>
        {
            listen.Protocols = tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (tls is not null)
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(tls.Current.ToOptions()),
                    HandshakeTimeout = TimeSpan.FromSeconds(10),
                });
        });
    }

    private static void Announce(ILogger log, AdminConfig config, IPEndPoint address)
    {
        Log.Listening(log, config.TlsCertPath is null ? "http" : "https", address);
        if (config.TokenFile is null)
            Log.NoTokens(log, address);
        else if (config.TlsCertPath is null && !IPAddress.IsLoopback(address.Address))
            Log.NoTls(log, address);
    }
}
