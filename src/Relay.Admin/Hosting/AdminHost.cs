using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Relay.Admin.Apple;
using Relay.Admin.Connections;
using Relay.Admin.Diagnostics;
using Relay.Admin.Enrolments;
using Relay.Admin.Identity;
using Relay.Admin.Options;
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

    private readonly HistoryOutbox _history;
    private readonly EnrolHost? _enrol;
    private readonly MetricsHost? _metrics;

    private AdminHost(
        WebApplication app, HistoryOutbox history, EnrolHost? enrol, MetricsHost? metrics, Reloader reloader, IPEndPoint address,
        IPEndPoint? reportAddress) =>
        (_app, _history, _enrol, _metrics, _reloader, Address, ReportAddress) =
            (app, history, enrol, metrics, reloader, address, reportAddress);

    /// <summary>Where it listens, with the port that it got.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Where nodes' reports are taken as well; null for nowhere.</summary>
    public IPEndPoint? ReportAddress { get; }

    /// <summary>Where the page of enrolments is; null for nowhere.</summary>
    public IPEndPoint? EnrolAddress => _enrol?.Address;

    /// <summary>Where <c>/metrics</c> is answered without a token; null for nowhere.</summary>
    public IPEndPoint? MetricsAddress => _metrics?.Address;

    /// <summary>
    /// Adds what <c>/metrics</c> shows of the fleet and of this host, for a process that shows it among its own; each scrape is to be
    /// preceded by <see cref="RefreshMetricsAsync"/>.
    /// </summary>
    public static MeterProviderBuilder AddMeters(MeterProviderBuilder builder) =>
        FleetMetrics.AddViews(builder).AddMeter(FleetMetrics.Meters);

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
        foreach (var (option, detail) in config.Enrol.Faults(config.Profiles.Relay is not null))
            throw new StartException($"{option.Name}: {detail}");
        var log = logs.CreateLogger("relay-admin");
        var refusals = new Refusals();
        var history = new HistoryOutbox(fleet, logs);
        EnrolHost? enrol = null;
        MetricsHost? metrics = null;
        WebApplication? app = null;
        try
        {
            var tokens = new TokenSource(config.TokenFile);
            var tls = Watch(log, clock, config.TlsCertPath, TlsIdentity.FilesOf(config), TlsIdentity.Load);
            var signer = Watch(log, clock, config.Profiles.SigningCertPath, config.Profiles.SigningFiles, ProfileSigner.Load);
            var signing = new ProfileSigning(signer);
            var enrolTls = Watch(log, clock, config.Enrol.TlsCertPath, config.Enrol.TlsFiles, TlsIdentity.Load);
            // First: what links begin with may be where it came to listen.
            if (config.Enrol.Address is not null)
                enrol = await EnrolHost.StartAsync(config, fleet, logs, clock, history, refusals, signing, enrolTls, cancellation)
                    .ConfigureAwait(false);
            var forwarded = new ForwardedLogs(logs);
            app = Build(config, enrol?.Place ?? new EnrolPlace(null), fleet, forwarded, clock, tokens, tls, signing, history, refusals);
            app.Services.GetRequiredService<AdminMeter>().Watch(
                clock, ("api", tls is null ? null : () => tls.Current.Expires),
                ("enrolment", enrolTls is null ? null : () => enrolTls.Current.Expires),
                ("profiles", signer is null ? null : () => signer.Current.Expires));
            await ListenAsync(app, config, cancellation).ConfigureAwait(false);
            forwarded.Start();
            if (config.MetricsAddress is { } scraped)
            {
                metrics = await MetricsHost.StartAsync(
                    scraped, app.Services.GetRequiredService<FleetMetrics>(), app.Services.GetRequiredService<FleetProbe>(), logs,
                    cancellation).ConfigureAwait(false);
                Log.ServingMetrics(log, metrics.Address);
            }
            var addresses = BareHost.BoundAddresses(app, [.. config.Addresses]);
            foreach (var address in addresses)
                Announce(log, config, address);
            SecretFiles.Check(
                log, new NamedFile(TokenSource.Option, config.TokenFile),
                new NamedFile(ProfileOptions.SigningKey.Name, config.Profiles.SigningKeyPath));
            WatchedGroup?[] watched = [tokens.Group, tls?.Group, signer?.Group, enrolTls?.Group];
            return new AdminHost(app, history, enrol, metrics, new Reloader(log, [.. watched.OfType<WatchedGroup>()]), addresses[0],
                config.ReportAddress is null ? null : addresses[1]);
        }
        catch
        {
            if (metrics is not null)
                await metrics.DisposeAsync().ConfigureAwait(false);
            if (app is not null)
                await app.DisposeAsync().ConfigureAwait(false);
            if (enrol is not null)
                await enrol.DisposeAsync().ConfigureAwait(false);
            await history.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What is wrong with a token file, with the line; never a part of a hash. Null for nothing.</summary>
    /// <param name="content">UTF-8.</param>
    public static string? FaultOfTokenFile(ReadOnlySpan<byte> content) =>
        TokenTable.TryRead(content, out _, out var error) ? null : error;

    /// <summary>Learns what the next scrape of <see cref="AddMeters"/> shows.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public Task RefreshMetricsAsync(CancellationToken cancellation) =>
        _app.Services.GetRequiredService<FleetMetrics>().RefreshAsync(cancellation);

    /// <summary>Reads the token file and the certificates again, as on SIGHUP.</summary>
    public void Reload() => _reloader.ReloadAll();

    /// <summary>Stops to accept, ends event streams, lets other requests end within the shutdown timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_metrics is not null)
            await _metrics.DisposeAsync().ConfigureAwait(false);
        if (_enrol is not null)
            await _enrol.DisposeAsync().ConfigureAwait(false);
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        // Last: nobody has anything to tell any more.
        await _history.DisposeAsync().ConfigureAwait(false);
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
        AdminConfig config, EnrolPlace place, IFleet fleet, ForwardedLogs logs, TimeProvider clock, TokenSource tokens,
        WatchedValue<TlsIdentity>? tls, ProfileSigning signing, HistoryOutbox history, Refusals refusals)
    {
        var builder = BareHost.CreateBuilder("relay-admin");
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton(refusals).AddSingleton(history);
        builder.WebHost.ConfigureKestrel(options => Configure(options, config, tls, refusals, clock));
        // The framework's lines a request are kept out, those of who shows a token among them; its warnings stay.
        builder.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Trace)
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter(typeof(BearerHandler).FullName, LogLevel.Warning);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = config.ShutdownTimeout);
        builder.Services.AddSingleton(tokens).AddSingleton(signing);
        Pipeline.AddServices(builder.Services, config, place, fleet, clock);
        var app = builder.Build();
        Pipeline.Use(app);
        return app;
    }

    private static async Task ListenAsync(WebApplication app, AdminConfig config, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (BareHost.IsBindFault(e))
        {
            (string, IPEndPoint) own = (AdminOptions.AdminAddress.Name, config.Address);
            throw config.ReportAddress is { } reports
                ? BareHost.BindFault(e, own, (AdminOptions.ReportAddress.Name, reports)) : BareHost.BindFault(e, own);
        }
    }

    private static void Configure(
        KestrelServerOptions options, AdminConfig config, WatchedValue<TlsIdentity>? tls, Refusals refusals, TimeProvider clock)
    {
        Listener.Bound(options, ReportsResource.MaxLength);
        foreach (var address in config.Addresses)
        {
            var isForReports = ReferenceEquals(address, config.ReportAddress);
            Listener.Listen(options, address, new ConnectionLimits(config, refusals, clock), tls,
                isForReports ? static connection => connection.Features.Set(new ForReports()) : null);
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
