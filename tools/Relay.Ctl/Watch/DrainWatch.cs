using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Watch;

/// <summary>Follows a drain to its end.</summary>
/// <param name="session">The run of the command.</param>
/// <param name="node">The node whose part is followed, and to whose end; null for the whole.</param>
internal sealed class DrainWatch(CtlSession session, string? node = null)
{
    // How the coordinator's clock is set against this machine's monotonic one.
    private (DateTimeOffset At, long Read) _clock = (DateTimeOffset.UtcNow, TimeProvider.System.GetTimestamp());

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A coordinator may be replaced while a drain runs; the drain does not mind, so neither do we.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The path of a drain.</summary>
    public static string PathOf(string drain) => $"v1/drains/{Uri.EscapeDataString(drain)}";

    private DateTimeOffset Now => _clock.At + TimeProvider.System.GetElapsedTime(_clock.Read);

    /// <summary>Shows how it goes until it has ended.</summary>
    /// <param name="answer">The drain, as the coordinator gave it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The exit status.</returns>
    public async Task<int> RunAsync(AdminAnswer answer, CancellationToken cancellation)
    {
        var drain = Read(answer);
        try
        {
            if (session.Report.IsInteractive)
                drain = await DrainBars.ShowAsync(session.Report.Console, drain, NextAsync, () => Now, cancellation)
                    .ConfigureAwait(false);
            else
                drain = await WriteLinesAsync(drain, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            session.Report.Say($"the drain goes on; see it with: relayctl drains show {drain.Id} --watch");
            throw;
        }
        if (session.Report.IsJson)
            session.Report.WriteJson(drain, FleetJson.Of<DrainInfo>());
        else
            session.Report.WriteLine(
                $"{Format.Word(drain.State)}: {drain.Drained} of {Format.Plural(drain.Nodes.Count, "node")} "
                + $"drained, {DrainFacts.Tunnels(drain)}");
        return drain switch
        {
            { State: DrainState.Cancelled } => ExitStatus.Failed,
            { ForceClosed: > 0 } or { Lost: > 0 } => ExitStatus.TunnelsLost,
            _ => drain.Nodes.Any(static n => n.Step == DrainStep.Lost) ? ExitStatus.TunnelsLost : ExitStatus.Ok,
        };
    }

    /// <summary>A line for each change, where no bars can move: a file, a pipe, a log.</summary>
    private async Task<DrainInfo> WriteLinesAsync(DrainInfo drain, CancellationToken cancellation)
    {
        var said = "";
        while (true)
        {
            var line = $"{drain.Waiting} waiting, {drain.Draining} draining, {drain.Drained} drained; {DrainFacts.Tunnels(drain)}";
            if (line != said && !session.Report.IsJson)
                session.Report.WriteLine(line + DrainFacts.TimeLeft(drain, Now));
            said = line;
            if (drain.State != DrainState.Running)
                return drain;
            drain = await NextAsync(drain, cancellation).ConfigureAwait(false);
        }
    }

    private DrainInfo Read(AdminAnswer answer)
    {
        _clock = (answer.At, TimeProvider.System.GetTimestamp());
        var drain = answer.Read(FleetJson.Of<DrainInfo>());
        return node is null ? drain : drain.PartOf(name => name == node);
    }

    private async Task<DrainInfo> NextAsync(DrainInfo drain, CancellationToken cancellation)
    {
        var failingSince = (long?)null;
        while (true)
        {
            await Task.Delay(Interval, cancellation).ConfigureAwait(false);
            try
            {
                var answer = await session.Client.GetAsync(PathOf(drain.Id), cancellation).ConfigureAwait(false);
                return Read(answer);
            }
            catch (UnreachableException) when (
                TimeProvider.System.GetElapsedTime(failingSince ??= TimeProvider.System.GetTimestamp()) < Patience)
            {
                // Asked again.
            }
        }
    }
}
