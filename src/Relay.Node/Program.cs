using System.Reflection;
using System.Runtime.InteropServices;
using Relay.Node.Diagnostics;
using Relay.Node.Identity;
using Relay.Node.Lifecycle;
using Relay.Node.Options;
using Relay.Node.Quic;
using Relay.Node.Targets;

namespace Relay.Node;

/// <summary>The program relay-node.</summary>
internal static class Program
{
    private const int Failure = 1;

    private static async Task<int> Main(string[] arguments)
    {
        if (HashCommand.TryRun(arguments, Console.In, Console.Out, Console.Error) is { } status)
            return status;
        var parsed = CommandLine.Parse(arguments);
        if (!parsed.TryGetConfig(out var config))
            return parsed.ExitCode;
        try
        {
            return await RunAsync(config, parsed.Source!).ConfigureAwait(false);
        }
        catch (StartException e)
        {
            await Console.Error.WriteLineAsync($"relay-node: {e.Message}").ConfigureAwait(false);
            return CommandLineResult.ConfigurationError;
        }
    }

    private static async Task<int> RunAsync(NodeConfig config, ConfigSource source)
    {
        var libraries = NativeRuntime.Prepare(config.Workers);
        var security = NodeSecurity.Load(config);

        using var notifier = ServiceNotifier.FromEnvironment();
        using var logs = NodeLogging.Create(config);
        var log = logs.CreateLogger("relay-node");
        var resolver = new TargetResolver(
            new SystemHostLookup().LookUpAsync,
            TargetResolverLimits.Default with { Timeout = config.ConnectTimeout }, TimeProvider.System);

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
        using var server = RelayServer.Start(config, security.Identity, security.Authenticator, resolver, log, access);
        using var reloader = security.Watch(server, source, log);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            notifier.Reloading();
            Log.HangUp(log);
            reloader.ReloadAll();
            access?.Reopen();
            notifier.Ready("Reloaded");
        });
        Log.Started(log, VersionText, libraries);
        using var housekeeping = new Housekeeping(server, TimeSpan.FromSeconds(5));
        foreach (var address in server.Addresses)
        {
            if (config.IsOpenRelay && !System.Net.IPAddress.IsLoopback(address.Address))
                Log.OpenRelay(log, address);
            Log.Listening(log, address, config.Workers);
        }
        notifier.Ready($"Listening on {string.Join(", ", server.Addresses)}");

        if (await Task.WhenAny(stop.Task, server.Failed).ConfigureAwait(false) == server.Failed)
            return Failure;
        notifier.Stopping(config.GracefulShutdownTimeout);
        await server.DrainAsync(config.GracefulShutdownTimeout, hurry.Token).ConfigureAwait(false);
        if (server.ReadCounters().AccessLinesDropped is var dropped and > 0)
            Log.AccessLinesDropped(log, dropped);
        Log.Ended(
            log, GC.GetTotalAllocatedBytes() / 1024, GC.CollectionCount(0), GC.CollectionCount(1),
            GC.CollectionCount(2));
        return 0;
    }

    private static string VersionText =>
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";
}
