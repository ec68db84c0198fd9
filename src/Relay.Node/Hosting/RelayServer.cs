using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Native.Linux;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Diagnostics;
using Relay.Node.Options;
using Relay.Node.Sessions;
using Relay.Node.Streams;
using Relay.Node.Targets;

namespace Relay.Node.Hosting;

/// <summary>The data plane of a node as it runs, drains, and takes what was read again.</summary>
internal sealed class RelayServer : IRelayView, IDisposable
{
    private readonly RelayParts _parts;

    private RelayServer(RelayParts parts)
    {
        _parts = parts;
        LoopCounters = [.. parts.Loops.Select(static loop => loop.Loop.Counters)];
        Fleet = new FleetView(parts);
    }

    /// <summary>The addresses that are bound.</summary>
    internal IReadOnlyList<IPEndPoint> Addresses => _parts.Addresses;

    /// <summary>Completes with the failure when a loop ends by an exception.</summary>
    internal Task Failed => _parts.Events.Failed;

    /// <inheritdoc/>
    public IReadOnlyList<LoopCounters> LoopCounters { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TimeSpan> HeartbeatAges
    {
        get
        {
            var now = Clock.Now;
            return [.. _parts.Loops.Select(loop => Age(loop.Loop.Heartbeat, now))];
        }
    }

    /// <inheritdoc/>
    public DateTimeOffset? CertificateExpires => _parts.State.Identity.Expires;

    /// <inheritdoc/>
    public long TargetSocketsRefused => FileLimits.Refused;

    /// <summary>What the fleet sees of it.</summary>
    internal FleetView Fleet { get; }

    /// <summary>Open connections and tunnels, of all loops.</summary>
    internal (long Connections, long Tunnels) Load => (_parts.State.Connections, _parts.Limits.Tunnels);

    /// <summary>Who uses the node, how much of it, and how much they may.</summary>
    internal IdentityTable Identities => _parts.Sessions.Identities;

    /// <summary>What targets tunnels may reach.</summary>
    internal TargetPolicySource Policy => _parts.Policy;

    /// <summary>Binds every address on every loop, and starts the loops.</summary>
    /// <param name="config">What the operator wants.</param>
    /// <param name="identity">Certificate and key.</param>
    /// <param name="authenticator">Decides on credentials.</param>
    /// <param name="resolver">Resolves targets' names.</param>
    /// <param name="log">Where to say what happens.</param>
    /// <param name="access">Where to tell of each tunnel's end, if anywhere.</param>
    /// <param name="diagnostics">Where to show what happens, if anywhere.</param>
    /// <param name="sessions">Who hears of sessions, if anybody.</param>
    /// <param name="steer">False to do without the kernel's help, as where it refuses it.</param>
    /// <exception cref="StartException">An address cannot be bound.</exception>
    internal static RelayServer Start(
        NodeConfig config, ServerIdentity identity, Authenticator authenticator, ITargetResolver resolver, ILogger log,
        AccessLog? access = null, NodeDiagnostics? diagnostics = null, ISessionObserver? sessions = null,
        bool steer = true)
    {
        diagnostics ??= NodeDiagnostics.CreateUnwatched();
        RelayParts parts;
        try
        {
            parts = RelayAssembly.Create(
                config, identity, authenticator, resolver, new UnfailingLogger(log), access, diagnostics, sessions,
                steer);
        }
        catch (SocketSystemException e)
        {
            throw new StartException($"--address: {e.Message}") { MayPass = BoundPorts.MayPass(e) };
        }
        var server = new RelayServer(parts);
        foreach (var loop in parts.Loops)
            loop.Start();
        diagnostics.Attach(server);
        return server;
    }

    /// <summary>A snapshot of the counts of the whole node. From any thread; no loop stops for it.</summary>
    internal LoopCounters ReadCounters() => _parts.ReadCounters();

    /// <summary>
    /// Drains: no new connection or tunnel, GOAWAY to every client; open tunnels run until they end or the time is
    /// over. Then connections close with H3_NO_ERROR, and the loops end.
    /// </summary>
    /// <param name="limit">The longest wait.</param>
    /// <param name="hurry">Ends the wait at once.</param>
    /// <param name="clock">Of the wait; null for the system's.</param>
    internal async Task DrainAsync(TimeSpan limit, CancellationToken hurry, TimeProvider? clock = null)
    {
        var (log, diagnostics, loops) = (_parts.Log, _parts.Diagnostics, _parts.Loops);
        var before = ReadCounters();
        var announced = _parts.StopAcceptingAsync(limit);
        diagnostics.Fleet.DrainPhase = DrainPhase.Draining;
        diagnostics.Drain.Fail("the node drains");
        Log.Draining(log, _parts.Limits.Tunnels, limit.TotalSeconds);
        await announced.ConfigureAwait(false);
        try
        {
            await _parts.Events.WhenIdle().WaitAsync(limit, clock ?? TimeProvider.System, hurry).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // What is left is ended by force, and counted.
        }
        await Task.WhenAll(loops.Select(loop => loop.EndAsync(hurry))).ConfigureAwait(false);
        diagnostics.Fleet.DrainPhase = DrainPhase.Drained;
        var after = ReadCounters();
        Log.Drained(log, after.DrainedFinished - before.DrainedFinished, after.DrainedForced - before.DrainedForced);
    }

    /// <summary>
    /// Gives new connections another certificate. Handshakes that began with the old one keep it; the rest of it is
    /// freed once every loop has had a turn, and so none can be about to use it.
    /// </summary>
    internal void Use(ServerIdentity identity)
    {
        var old = _parts.State.Identity;
        _parts.State.Identity = identity;
        var left = _parts.Loops.Count;
        foreach (var loop in _parts.Loops)
        {
            loop.Post(_ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                    old.Tls.Dispose();
            });
        }
    }

    /// <summary>
    /// Frees memory that loops keep for later. Waits for them: what they free is then given back to the system.
    /// </summary>
    internal void Trim() =>
        Task.WaitAll([.. _parts.Loops.Select(static loop => loop.RunAsync(static l => l.Trim()))], TimeSpan.FromSeconds(1));

    /// <inheritdoc/>
    public void Dispose() => _parts.Dispose();

    /// <summary>A loop that has yet to begin its first turn is not late.</summary>
    private static TimeSpan Age(ulong heartbeat, ulong now) =>
        heartbeat == 0 || heartbeat >= now ? TimeSpan.Zero : TimeSpan.FromTicks((long)(now - heartbeat) / 100);
}
