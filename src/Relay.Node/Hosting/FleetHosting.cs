using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Admin;
using Relay.Admin.Hosting;
using Relay.Fleet.Contract;
using Relay.Fleet.Http;
using Relay.Hosting.Files;
using Relay.Hosting.Fleet;
using Relay.Node.Options;

namespace Relay.Node.Hosting;

/// <summary>
/// Who the node reports to: a fleet that runs in this process, with its admin API, or coordinators elsewhere. It comes
/// up beside the data plane, which does not wait for it.
/// </summary>
internal sealed class FleetHosting : IFleetReports, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _startFailed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _log;
    private IFleetHost? _host;
    private AdminHost? _admin;
    private HttpFleet? _coordinators;
    private Task _pools = Task.CompletedTask;
    private volatile IFleetReports? _reports;

    private FleetHosting(ILogger log) => _log = log;

    /// <summary>Completes when it is up, or with what keeps it from coming up.</summary>
    public Task Started { get; private set; } = Task.CompletedTask;

    /// <summary>Completes with what keeps it from coming up; never else.</summary>
    public Task StartFailed => _startFailed.Task;

    /// <summary>Where the fleet is, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Where the admin API listens, with the port that it got; null where it does not, or not yet.</summary>
    public IPEndPoint? AdminAddress => _admin?.Address;

    /// <summary>Where the page of enrolments is, with the port that it got; null where it is not, or not yet.</summary>
    public IPEndPoint? EnrolAddress => _admin?.EnrolAddress;

    /// <summary>Begins to start what a configuration asks for; null without a fleet.</summary>
    public static FleetHosting? Begin(NodeConfig config, ILoggerFactory logs)
    {
        if (config.Fleet.Mode == FleetMode.Off)
            return null;
        var hosting = new FleetHosting(logs.CreateLogger("relay-node"))
        {
            Name = config.Fleet.Mode == FleetMode.Join
                ? string.Join(", ", config.Fleet.Coordinators.Select(static uri => uri.Authority)) : "in this process",
        };
        hosting.Started = hosting.StartAsync(config, logs);
        return hosting;
    }

    /// <inheritdoc/>
    public ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation) =>
        _reports?.ReportAsync(report, cancellation)
        ?? throw new FleetUnavailableException("the fleet in this process is still starting");

    /// <summary>Learns what the next scrape shows of a fleet in this process.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public Task RefreshMetricsAsync(CancellationToken cancellation) =>
        _admin?.RefreshMetricsAsync(cancellation) ?? Task.CompletedTask;

    /// <summary>Reads the files of the admin API and of a silo again, as on SIGHUP.</summary>
    public void Reload()
    {
        _admin?.Reload();
        _host?.Reload();
    }

    /// <summary>Ends the admin API first, then the fleet, in order.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Started.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _pools.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_admin is not null)
            await _admin.DisposeAsync().ConfigureAwait(false);
        if (_host is not null)
            await _host.DisposeAsync().ConfigureAwait(false);
        _coordinators?.Dispose();
        _stop.Dispose();
    }

    private async Task StartAsync(NodeConfig config, ILoggerFactory logs)
    {
        try
        {
            if (config.Fleet.Mode == FleetMode.Join)
            {
                var token = new NamedFile(FleetOptions.TokenFile.Name, config.Fleet.TokenFile);
                SecretFiles.Check(_log, token);
                _reports = _coordinators = Coordinators.Join(
                    config.Fleet.Coordinators, token, new(FleetOptions.Authority.Name, config.Fleet.AuthorityPath));
                return;
            }
            _host = await FleetHost.StartAsync(config.Fleet.Host, logs, _stop.Token).ConfigureAwait(false);
            _reports = _host.Fleet;
            // Forwarding does not depend on the control plane, though it be in the same process.
            _ = _host.Failed.ContinueWith(
                failed => Log.FleetHostFailed(_log, failed.Exception), CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            _pools = PoolDefinitions.KeepAsync(
                config.Fleet.Host.Pools, _host.Fleet, _log, TimeProvider.System, _stop.Token);
            if (config.Fleet.AdminAddress is not null)
                _admin = await AdminHost.StartAsync(AdminConfigOf(config), _host.Fleet, logs, _stop.Token)
                    .ConfigureAwait(false);
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            _startFailed.TrySetException(e);
            throw;
        }
    }

    private static AdminConfig AdminConfigOf(NodeConfig config)
    {
        var address = config.Fleet.AdminAddress!;
        var isSecret = !IPAddress.IsLoopback(address.Address);
        return new AdminConfig
        {
            Address = address,
            TokenFile = config.Fleet.AdminTokenFile,
            Profiles = config.Fleet.Profiles,
            Enrol = config.Fleet.Enrol,
            FleetName = config.Fleet.Host.Silo.ClusterId,
            TlsCertPath = isSecret ? config.TlsCertPath : null,
            TlsPrivateKeyPath = isSecret ? config.TlsPrivateKeyPath : null,
        };
    }
}
