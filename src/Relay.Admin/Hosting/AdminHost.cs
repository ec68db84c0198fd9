using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Admin.Apple;
using Relay.Admin.Connections;
using Relay.Admin.Diagnostics;
using Relay.Admin.Identity;
using Relay.Admin.Resources;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Hosting.Files;
using Relay.Hosting.Fleet;

namespace Relay.Admin.Hosting;

/// <summary>The admin API and the dashboard, served in this process.</summary>
public sealed class AdminHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Reloader _reloader;

    private AdminHost(WebApplication app, Reloader reloader, IPEndPoint address, IPEndPoint? reportAddress) =>
        (_app, _reloader, Address, ReportAddress) = (app, reloader, address, reportAddress);

    /// <summary>Where it listens, with the port that it got.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Where nodes' reports are taken as well; null for nowhere.</summary>
    public IPEndPoint? ReportAddress { get; }

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
        foreach (var open in config.Addresses.Where(one => config.TokenFile is null && !IPAddress.IsLoopback(one.Address)))
            throw new StartException(
                $"--admin-address {open}: not loopback, and would let everybody operate the fleet; "
                + "give --admin-token-file");
        if (config.TlsCertPath is null != config.TlsPrivateKeyPath is null)
            throw new StartException("--tls-cert-path and --tls-private-key-path: of no use without each other");
        if (config.Profiles.SigningCertPath is null != config.Profiles.SigningKeyPath is null)
            throw new StartException(
                $"{ProfileOptions.SigningCert.Name} and {ProfileOptions.SigningKey.Name}: of no use without each other");
        var log = logs.CreateLogger("relay-admin");
        WebApplication? app = null;
        try
        {
            var tokens = new TokenSource(config.TokenFile);
            var tls = Watch(log, clock, config.TlsCertPath, TlsIdentity.FilesOf(config), TlsIdentity.Load);
            var signer = Watch(log, clock, config.Profiles.SigningCertPath, config.Profiles.SigningFiles, ProfileSigner.Load);
            app = Build(config, fleet, logs, clock, tokens, tls, new ProfileSigning(signer));
            await app.StartAsync(cancellation).ConfigureAwait(false);
            var addresses = BareHost.BoundAddresses(app, [.. config.Addresses]);
            foreach (var address in addresses)
                Announce(log, config, address);
            SecretFiles.Check(
                log, new NamedFile(TokenSource.Option, config.TokenFile),
                new NamedFile(ProfileOptions.SigningKey.Name, config.Profiles.SigningKeyPath));
            WatchedGroup?[] watched = [tokens.Group, tls?.Group, signer?.Group];
            return new AdminHost(app, new Reloader(log, [.. watched.OfType<WatchedGroup>()]), addresses[0],
                config.ReportAddress is null ? null : addresses[1]);
        }
        catch (Exception e)
        {
            if (app is not null)
                await app.DisposeAsync().ConfigureAwait(false);
            if (e is IOException or System.Net.Sockets.SocketException)
                throw new StartException($"--admin-address {string.Join(", ", config.Addresses)}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>What is wrong with a token file, with the line; never a part of a hash. Null for nothing.</summary>
    /// <param name="content">UTF-8.</param>
    public static string? FaultOfTokenFile(ReadOnlySpan<byte> content) =>
        TokenTable.TryRead(content, out _, out var error) ? null : error;

    /// <summary>Reads the token file and the certificates again, as on SIGHUP.</summary>
    public void Reload() => _reloader.ReloadAll();

    /// <summary>Stops to accept, ends event streams, lets other requests end within the shutdown timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _reloader.Dispose();
    }

    /// <summary>What is made of a certificate and its key, whenever they change; null where there is none.</summary>
    private static WatchedValue<T>? Watch<T>(
        ILogger log, TimeProvider clock, string? chain, FileGroup files, Func<FileGroup, FileContents, T> load)
        where T : class => chain is null ? null : new WatchedValue<T>(files, contents =>
        {
            var loaded = load(files, contents);
            CertificateFile.Warn(log, files, contents, clock.GetUtcNow());
            return loaded;
        });

    private static WebApplication Build(
        AdminConfig config, IFleet fleet, ILoggerFactory logs, TimeProvider clock, TokenSource tokens,
        WatchedValue<TlsIdentity>? tls, ProfileSigning signing)
    {
        var builder = BareHost.CreateBuilder("relay-admin");
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        var refusals = new Refusals();
        builder.Services.AddSingleton(refusals);
        builder.WebHost.ConfigureKestrel(options => Configure(options, config, tls, refusals, clock));
        // The framework's lines a request are kept out, those of who shows a token among them; its warnings stay.
        builder.Logging.AddProvider(new ForwardedLogs(logs)).SetMinimumLevel(LogLevel.Trace)
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter(typeof(BearerHandler).FullName, LogLevel.Warning);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = config.ShutdownTimeout);
        builder.Services.AddSingleton(tokens).AddSingleton(signing);
        Pipeline.AddServices(builder.Services, config, fleet, clock);
        var app = builder.Build();
        Pipeline.Use(app);
        return app;
    }

    private static void Configure(
        KestrelServerOptions options, AdminConfig config, WatchedValue<TlsIdentity>? tls, Refusals refusals, TimeProvider clock)
    {
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentUpgradedConnections = 0;
        options.Limits.MaxRequestBodySize = ReportsResource.MaxLength;
        options.Limits.MaxRequestHeaderCount = 64;
        options.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        options.Limits.Http2.MaxStreamsPerConnection = 64;
        foreach (var address in config.Addresses)
        {
            options.Listen(address, listen =>
            {
                listen.Protocols = tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                var limits = new ConnectionLimits(config, refusals, clock);
                var isForReports = ReferenceEquals(address, config.ReportAddress);
                listen.Use(next => connection =>
                {
                    if (isForReports)
                        connection.Features.Set(new ForReports());
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
