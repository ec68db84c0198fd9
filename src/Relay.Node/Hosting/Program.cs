using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Hosting.Files;
using Relay.Hosting.Logging;
using Relay.Hosting.Options;
using Relay.Hosting.Systemd;
using Relay.Node.Diagnostics;
using Relay.Node.Diagnostics.Export;
using Relay.Node.Fleet;
using Relay.Node.Options;
using Relay.Node.Targets;
using Relay.Node.Users;

namespace Relay.Node.Hosting;

/// <summary>The program relay-node.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (OpenFiles.Examine() is { } tooFew)
        {
            await Console.Error.WriteLineAsync($"relay-node: {tooFew}").ConfigureAwait(false);
            return CommandLineResult.ConfigurationError;
        }
        if (HashCommand.TryRun(arguments, Console.In, Console.Out, Console.Error) is { } status)
            return status;
        var parsed = CommandLine.Parse(
            arguments, NodeSecurity.Examine,
            DescribeEngine);
        if (!parsed.TryGetConfig(out var config))
            return parsed.ExitCode;
        try
        {
            return await RunAsync(config, parsed.Source!).ConfigureAwait(false);
        }
        catch (StartException e)
        {
            await Console.Error.WriteLineAsync($"relay-node: {OptionErrors.Clean(e.Message)}").ConfigureAwait(false);
            return ProgramOptions.StatusOf(e);
        }
    }

    /// <summary>What a node would take by itself.</summary>
    private static string DescribeEngine()
    {
        var tls = TlsLibraryChoice.Of(TlsLibraryMode.Auto);
        return $"{tls}\n{PacketProtectionChoice.Of(PacketProtectionMode.Auto, tls.Library)}";
    }

    private static async Task<int> RunAsync(NodeConfig config, ConfigSource source)
    {
        var tls = TlsLibraryChoice.Of(config.TlsLibrary);
        var libraries = NativeRuntime.Prepare(config.Workers, tls.Library);
        var protection = PacketProtectionChoice.Of(config.PacketProtection, tls.Library);
        var security = NodeSecurity.Load(config);

        var notifier = ServiceNotifier.FromEnvironment();
        using var logs = ProgramLogging.Create(config.LogLevel, config.LogFormat);
        var log = logs.CreateLogger("relay-node");
        UnknownVariables.Warn(log, OptionCatalog.Program, EnvironmentReader.OfProcess());
        config = OpenFiles.Fit(config, log);
        var resolver = new TargetResolver(
            new SystemHostLookup().LookUpAsync,
            TargetResolverLimits.Default with
            {
                Timeout = config.ConnectTimeout,
                LookupsInFlight = config.MaxLookups,
                SourceShare = config.MaxLookupsPerSource,
            },
            TimeProvider.System);

        using var hurry = new CancellationTokenSource();
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (stop.TrySetResult())
                return;
            Log.Hurried(log);
            hurry.Cancel();
        }
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);

        await using var access = AccessLog.Open(config, log);
        var telemetry = TelemetryEnvironment.Read(Environment.GetEnvironmentVariable);
        using var diagnostics = CreateDiagnostics(config, telemetry, log, out var export);
        using var exporting = export;
        await using var metrics = await ServeAsync(config, diagnostics, export, log).ConfigureAwait(false);
        await using var hosting = FleetHosting.Begin(config, logs);
        if (hosting is not null)
            diagnostics.BeforeScrape = hosting.RefreshMetricsAsync;
        // A silo takes a while; what is up at once shows at once what is wrong with it.
        if (hosting is not null && config.Fleet.Mode != FleetMode.Silo)
            await hosting.Started.ConfigureAwait(false);
        // Tunnels must not reach these, and port 0 has become another by now.
        config = config with
        {
            MetricsAddress = metrics?.Address,
            Fleet = config.Fleet with
            {
                AdminAddress = hosting?.AdminAddress ?? config.Fleet.AdminAddress,
                Enrol = config.Fleet.Enrol with { Address = hosting?.EnrolAddress ?? config.Fleet.Enrol.Address },
            },
        };
        var sessions = hosting is null ? null : new SessionJournal(new BootClock(), config.Fleet.NodeId);
        var users = config.Fleet.UsersFile is not { } usersFile ? null : UserHolder.Open(
            new(FleetOptions.UsersFile.Name, usersFile), config.Fleet.UsersMaxAge, new BootClock(), UserAge.BootOf(),
            security.Authenticator.Use, log);
        diagnostics.Fleet.Users = users;
        using var server = RelayServer.Start(
            config, security.Identity, security.Authenticator, resolver, log, access, diagnostics, sessions);
        using var reloader = security.Watch(server, source, log);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            notifier.Reloading();
            Log.HangUp(log);
            reloader.ReloadAll();
            hosting?.Reload();
            access?.Reopen();
            notifier.Ready("Reloaded");
        });
        Log.Started(log, ProgramVersion.Text, libraries);
        Log.Choice(log, tls);
        Log.Choice(log, protection);
        using var housekeeping = new Housekeeping(server.Policy.Refresh, server.Trim, log).Start();
        foreach (var address in server.Addresses)
        {
            if (config.IsOpenRelay && !IPAddress.IsLoopback(address.Address))
                Log.OpenRelay(log, address);
            Log.Listening(log, address, config.Workers);
        }
        notifier.Ready($"Listening on {string.Join(", ", server.Addresses)}");
        await using var fleet = hosting is null
            ? null : FleetNode.Start(config, hosting, server, sessions!, users, diagnostics, log);
        var startFailed = hosting?.StartFailed ?? server.Failed;
        var ended = await Task.WhenAny(stop.Task, server.Failed, startFailed).ConfigureAwait(false);
        if (ended == server.Failed)
            return ProgramOptions.Failure;
        await ended.ConfigureAwait(false);
        notifier.Stopping(
            config.GracefulShutdownTimeout + (fleet is null ? TimeSpan.Zero : FleetLink.LongestLeave), "Draining");
        fleet?.BeginShutdown();
        await server.DrainAsync(config.GracefulShutdownTimeout, hurry.Token).ConfigureAwait(false);
        if (fleet is not null)
            await fleet.LeaveAsync(hurry.Token).ConfigureAwait(false);
        if (server.ReadCounters().AccessLinesDropped is var dropped and > 0)
            Log.AccessLinesDropped(log, dropped);
        Log.Ended(
            log, GC.GetTotalAllocatedBytes() / 1024, GC.CollectionCount(0), GC.CollectionCount(1),
            GC.CollectionCount(2));
        return 0;
    }

    /// <summary>A node that neither a scrape nor a collector hears of has nothing to measure.</summary>
    private static NodeDiagnostics CreateDiagnostics(
        NodeConfig config, in TelemetryEnvironment telemetry, ILogger log, out TelemetryExport? export)
    {
        export = null;
        if (config.MetricsAddress is null && !telemetry.ExportsAnything)
            return NodeDiagnostics.CreateUnwatched();
        var meter = new Meter(NodeDiagnostics.MeterName, ProgramVersion.Text);
        if (telemetry.Unknown is { } unknown)
            Log.UnknownExporter(log, unknown);
        export = new TelemetryExport(meter.Name, telemetry, config.Fleet.Mode is FleetMode.Local or FleetMode.Silo);
        var diagnostics = NodeDiagnostics.Create(meter, TimeProvider.System);
        diagnostics.IsOpenRelay = config.IsOpenRelay
            && config.Addresses.Any(static address => !IPAddress.IsLoopback(address.Address));
        return diagnostics;
    }

    private static async Task<DiagnosticsServer?> ServeAsync(
        NodeConfig config, NodeDiagnostics diagnostics, TelemetryExport? export, ILogger log)
    {
        if (config.MetricsAddress is not { } address)
            return null;
        SecretFiles.Check(log, new NamedFile(OptionCatalog.MetricsTokenFile.Name, config.MetricsTokenFile));
        var server = await DiagnosticsServer.StartAsync(address, diagnostics, export!, config.MetricsTokenFile).ConfigureAwait(false);
        Log.ServingMetrics(log, server.Address);
        return server;
    }
}
