using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Node.Counters;
using Relay.Node.Diagnostics;
using Relay.Node.Egress;
using Relay.Node.Http;
using Relay.Node.Options;
using Relay.Node.Server;
using Relay.Node.Targets;

namespace Relay.Node.Hosting;

/// <summary>What a node's data plane is made of, once it is put together.</summary>
internal sealed class RelayParts : IDisposable
{
    /// <summary>What the operator wants.</summary>
    internal required NodeConfig Config { get; init; }

    /// <summary>Where to say what happens; never fails.</summary>
    internal required ILogger Log { get; init; }

    /// <summary>Where to show what happens.</summary>
    internal required NodeDiagnostics Diagnostics { get; init; }

    /// <summary>What the loops share of the server.</summary>
    internal required ServerState State { get; init; }

    /// <summary>Limits of tunnels, and draining.</summary>
    internal required TunnelLimits Limits { get; init; }

    /// <summary>Sessions of clients.</summary>
    internal required SessionRegistry Sessions { get; init; }

    /// <summary>What targets tunnels may reach.</summary>
    internal required TargetPolicySource Policy { get; init; }

    /// <summary>From where targets are reached.</summary>
    internal required EgressState Egress { get; init; }

    /// <summary>The local routes of prefixes; null where the operator sees to them.</summary>
    internal required LocalRoutes? Routes { get; init; }

    /// <summary>What the loops tell.</summary>
    internal required LoopEvents Events { get; init; }

    /// <summary>The loops, by number.</summary>
    internal required IReadOnlyList<LoopThread> Loops { get; init; }

    /// <summary>The addresses that are bound.</summary>
    internal IReadOnlyList<IPEndPoint> Addresses => [.. Loops[0].Listeners.Select(listener => listener.LocalEndPoint)];

    /// <summary>A snapshot of the counts of the whole node. From any thread; no loop stops for it.</summary>
    internal LoopCounters ReadCounters() => LoopCounters.Sum(Loops.Select(static loop => loop.Loop.Counters));

    /// <summary>No new connection or tunnel from now on, and GOAWAY to every client.</summary>
    /// <param name="time">How long open tunnels may run.</param>
    /// <returns>Completes when GOAWAY is written.</returns>
    internal Task StopAcceptingAsync(TimeSpan time)
    {
        Limits.Drain();
        return Task.WhenAll(
            Loops.Select((loop, index) => loop.AnnounceShutdownAsync(time, (double)index / Loops.Count)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var loop in Loops)
            loop.Dispose();
        Routes?.Dispose();
    }
}
