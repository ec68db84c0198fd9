using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Relay.Admin.Diagnostics;
using Relay.Admin.Options;
using Relay.Hosting;
using Relay.Hosting.Fleet;
using Relay.Hosting.Logging;
using Relay.Hosting.Options;
using Relay.Hosting.Systemd;

namespace Relay.Admin.Hosting;

/// <summary>The program relay-admin: a coordinator.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (HashTokenCommand.TryRun(arguments, Console.In, Console.Out, Console.Error) is { } status)
            return status;
        var environment = EnvironmentReader.OfProcess();
        if (Parse(arguments, environment, Console.Out, Console.Error, out var exitStatus) is not { } config)
            return exitStatus;
        using var logs = ProgramLogging.Create(config.LogLevel, config.LogFormat);
        try
        {
            return await RunAsync(config, logs).ConfigureAwait(false);
        }
        catch (StartException e)
        {
            await Console.Error.WriteLineAsync($"relay-admin: {OptionErrors.Clean(e.Message)}").ConfigureAwait(false);
            return ProgramOptions.StatusOf(e);
        }
    }

    /// <summary>Reads options; null where there is nothing to run, and all there is to say was written.</summary>
    internal static ProgramConfig? Parse(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TextWriter output,
        TextWriter error, out int exitStatus)
    {
        exitStatus = 0;
        var errors = new OptionErrors();
        if (AdminOptions.Program.ReadArguments(arguments, output, errors) is not { } given)
            return null;
        var options = OptionBinder.Bind(AdminOptions.Program, given, environment, File.OpenRead, errors, out _);
        var config = new ProgramConfigReader(new OptionReader(options, errors)).Read();
        return AdminOptions.Program.IsToRun(options, errors, output, error, out exitStatus) ? config : null;
    }

    private static async Task<int> RunAsync(ProgramConfig config, ILoggerFactory logs)
    {
        var log = logs.CreateLogger("relay-admin");
        var notifier = ServiceNotifier.FromEnvironment();
        using var stopping = new CancellationTokenSource();
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnSignal(PosixSignalContext context)
        {
            // A second signal is left to the system: it ends the process at once.
            context.Cancel = stop.TrySetResult();
            if (context.Cancel)
                stopping.Cancel();
        }
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        Log.Started(log, ProgramVersion.Text);
        UnknownVariables.Warn(log, AdminOptions.Program, EnvironmentReader.OfProcess());
        try
        {
            await using var fleet = await FleetHost.StartAsync(config.Fleet, logs, stopping.Token).ConfigureAwait(false);
            await using var admin = await AdminHost.StartAsync(config.Admin, fleet.Fleet, logs, stopping.Token)
                .ConfigureAwait(false);
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                notifier.Reloading();
                Log.HangUp(log);
                admin.Reload();
                fleet.Reload();
                notifier.Ready("Reloaded");
            });
            notifier.Ready($"Listening on {admin.Address}");
            // Garbage, nearly all of it, which would be resident until there is as much again.
            using var collecting = new GuardedTimer(
                "collecting what the start has left",
                static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true),
                Timeout.InfiniteTimeSpan, log, first: TimeSpan.FromSeconds(1));
            var pools = PoolDefinitions.KeepAsync(
                config.Fleet.Pools, fleet.Fleet, log, TimeProvider.System, stopping.Token);
            var failed = await Task.WhenAny(stop.Task, fleet.Failed).ConfigureAwait(false) == fleet.Failed;
            if (failed)
                Log.HostFailed(log, fleet.Failed.Exception);
            await stopping.CancelAsync().ConfigureAwait(false);
            await pools.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            notifier.Stopping(config.Admin.ShutdownTimeout, "Ending");
            Log.Ending(log);
            return failed ? ProgramOptions.Failure : 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            Log.Ended(log);
        }
    }
}
