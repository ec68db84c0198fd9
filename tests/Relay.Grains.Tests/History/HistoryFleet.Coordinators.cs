using Microsoft.Extensions.DependencyInjection;
using Relay.Grains.Tests.Cluster;

namespace Relay.Grains.Tests.History;

/// <content>What happens to coordinators, and to what is between them.</content>
internal sealed partial class HistoryFleet
{
    // So long, of this machine's time, what is not held may take before the history goes on without it.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private readonly SiloGate _gate = new();

    /// <summary>A coordinator is stopped for a time, as by SIGSTOP, or cut off from the others; then it goes on.</summary>
    internal async Task HoldAsync(int coordinator, bool isCutOff, TimeSpan time)
    {
        _gate.Hold(coordinator, isCutOff);
        var held = await PassWithoutWaitingAsync(time);
        _gate.Open();
        await held;
    }

    /// <summary>
    /// A coordinator is stopped, the others declare it dead and do its work, and then it goes on with what it had in hand.
    /// </summary>
    internal async Task HoldUntilDeclaredDeadAsync(int coordinator, TimeSpan time)
    {
        var silo = _hosts[coordinator].Silo!;
        _gate.Hold(coordinator, isCutOff: false);
        var before = await PassWithoutWaitingAsync(TimeSpan.FromSeconds(1));
        await DeclareDeadAsync(coordinator);
        var after = await PassWithoutWaitingAsync(time);
        _gate.Open();
        await Task.WhenAll(before, after);
        await Eventually.HoldsAsync(
            "another silo in its place", () => Task.FromResult(_hosts[coordinator].Silo), now => now is not null && now != silo);
        await UntilAllAreMembersAsync();
    }

    /// <summary>A coordinator is killed, and another begins in its place.</summary>
    internal async Task KillAsync(int coordinator)
    {
        var dead = _hosts[coordinator];
        dead.Silo!.Abandon();
        await dead.DisposeAsync();
        await DeclareDeadAsync(coordinator);
        _hosts[coordinator] = await StartHostAsync(coordinator);
        await UntilAllAreMembersAsync();
    }

    /// <summary>Redis answers nobody for a time; then everything at once.</summary>
    internal async Task SlowRedisAsync(TimeSpan time)
    {
        _redis.Hold();
        var held = await PassWithoutWaitingAsync(time);
        _redis.LetGo();
        await held;
    }

    // Time passes, whoever waits for an answer.
    private async Task<Task> PassWithoutWaitingAsync(TimeSpan time)
    {
        var reports = _nodes.ToDictionary(static node => node, static _ => Task.CompletedTask);
        var tick = Task.CompletedTask;
        for (var passed = TimeSpan.Zero; passed < time; passed += Timings.ReportInterval)
        {
            _time.Advance(Timings.ReportInterval);
            foreach (var node in _nodes)
            {
                node.LookAtDeadlines();
                Judge();
                if (reports[node].IsCompleted)
                    reports[node] = node.TryReportAsync(Fleet);
            }
            if (tick.IsCompleted)
                tick = TickAsync();
            await Task.WhenAny(Task.WhenAll([tick, .. reports.Values]), Task.Delay(Moment));
            Judge();
        }
        return Task.WhenAll([tick, .. reports.Values]);
    }

    // How long the others would take with who does not answer is this machine's time.
    private Task DeclareDeadAsync(int coordinator) => DeadSilo.DeclareAsync(
        _silos[coordinator],
        [.. _hosts.Where((_, i) => i != coordinator).Select(static host => host.Silo!.Services)]);

    private async Task UntilAllAreMembersAsync()
    {
        foreach (var host in _hosts)
            await Eventually.HoldsAsync(
                "all silos", () => host.Fleet.GetOverviewAsync(default).AsTask(), static overview => overview.Coordinators == 3);
        foreach (var (host, i) in _hosts.Select(static (host, i) => (host, i)))
            _silos[i] = host.Silo!.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
    }
}
