using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Native.Linux;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Diagnostics;
using Relay.Node.Http3;
using Relay.Node.Options;
using Relay.Node.Sessions;
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
            throw new StartException($"--address: {e.Message}");
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
        _parts.Limits.Drain();
        diagnostics.Fleet.DrainState = DrainState.Draining;
        diagnostics.Drain.Fail("the node drains");
        Log.Draining(log, _parts.Limits.Tunnels, limit.TotalSeconds);
        await Task.WhenAll(loops.Select(static loop => loop.AnnounceShutdownAsync())).ConfigureAwait(false);
        try
        {
            await _parts.Events.WhenIdle().WaitAsync(limit, clock ?? TimeProvider.System, hurry).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // What is left is ended by force, and counted.
        }
        await Task.WhenAll(loops.Select(static loop => loop.EndAsync())).ConfigureAwait(false);
        diagnostics.Fleet.DrainState = DrainState.Drained;
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

    /// <summary>Gives memory that nobody uses back to the system.</summary>
    internal void Trim()
    {
        foreach (var loop in _parts.Loops)
            loop.Post(static l => l.Trim());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var loop in _loops)
            loop.Dispose();
        _routes?.Dispose();
    }

    private void Bind(ITargetResolver resolver, bool steer)
    {
        var bound = new List<IPEndPoint>();
        foreach (var address in _config.Addresses)
            bound.Add(Probe(address));
        if (_config.Egress.ManageLocalRoutes)
            _routes = LocalRoutes.Install(_config.Egress.Prefixes);
        // docs/reference.md#4-safe-by-default denies "the node's own addresses and the fleet's own ports".
        var silo = _config.Fleet.Mode == FleetMode.Silo ? _config.Fleet.Host.Silo.Address : null;
        IPEndPoint?[] others = [_config.MetricsAddress, _config.Fleet.AdminAddress, silo];
        _policy = new TargetPolicySource([.. bound, .. others.OfType<IPEndPoint>()], LocalAddresses.List);
        _egress = new EgressState(
            _config.Egress, needsLease: !_config.Fleet.Pools.IsEmpty, _policy.UseEgress, new BootClock());
        _state.Admission.Egress = _egress;
        _policy.Use(_config.AllowTargets, _config.DenyTargets);
        var endpoint = $"{_config.Fleet.NodeId} {string.Join(' ', _config.Addresses)}";
        var secrets = StaticSecrets.Derive(File.ReadAllBytes(_config.TlsPrivateKeyPath), endpoint);
        var parameters = new QuicParameters
        {
            StaticSecret = secrets.Tokens,
            ResetSecret = secrets.Resets,
            // A little more than may be tunnels: a refusal needs a stream to be said on.
            MaxBidirectionalStreams = _config.MaxTunnelsPerConnection + 16,
            IdleTimeout = Nanoseconds(_config.QuicIdleTimeout),
        };
        for (var index = 0; index < _config.Workers; index++)
            _loops.Add(CreateLoop(index, bound, parameters, resolver));
        LoopCounters = [.. _loops.Select(static loop => loop.Loop.Counters)];
        if (steer && _loops.Count > 1)
            Steer();
        _state.SetPorts([.. _loops.Select(static loop => new LoopPort(
            loop.Loop, loop.Listeners.ToDictionary(static listener => listener.LocalEndPoint)))]);
    }

    private LoopThread CreateLoop(
        int index, List<IPEndPoint> addresses, QuicParameters parameters, ITargetResolver resolver)
    {
        EventLoop loop = null!;
        loop = new EventLoop(index, _diagnostics.Histograms, tunnel => OnTunnelEnded(loop, tunnel))
        {
            WhenOutOfMemory = exception => Log.OutOfMemory(_log, index, exception),
        };
        var connector = new TargetConnector(
            loop, resolver, () => _policy.Current, _egress, Nanoseconds(_config.ConnectTimeout))
        {
            KeepAlive = _config.TargetKeepalive is { } keepalive
                ? new KeepAlive(keepalive.Idle, keepalive.Interval, keepalive.Probes) : null,
        };
        var timeouts = new ConnectionTimeouts(
            Nanoseconds(_config.ClientIdleTimeout), Nanoseconds(_config.UdpIdleTimeout),
            new TcpTunnelTimeouts(
                Nanoseconds(_config.UpstreamTimeout), Nanoseconds(_config.RelayShutdownDrainTimeout),
                Nanoseconds(_config.TcpIdleTimeout)));
        var context = new ConnectionContext(loop, connector, parameters, timeouts);
        var thread = new LoopThread(loop, context, OnLoopFailed) { Connector = connector };
        // The first phase of all: before anything can be sent.
        if (!_config.Fleet.Pools.IsEmpty)
            loop.AddPhase(new LeaseGuard(_egress, thread.EndTunnelsFrom));
        var received = new DatagramBatch();
        foreach (var address in addresses)
        {
            var socket = DatagramSocket.Bind(address, ListenOptions);
            thread.Add(new Listener(loop, context, _state, thread.Connections, socket, received), socket);
        }
        return thread;
    }

    private void Steer()
    {
        foreach (var socket in _loops[0].Sockets)
        {
            if (!ReusePortSteering.TryAttach(socket, _loops.Count, out var errno))
                Log.SteeringRefused(_log, Errno.Describe(errno));
        }
    }

    private static readonly DatagramSocketOptions ListenOptions = new()
    {
        ReusePort = true,
        Ecn = true,
        ReceiveBufferBytes = 8 * 1024 * 1024,
        SendBufferBytes = 8 * 1024 * 1024,
    };

    /// <summary>
    /// SO_REUSEPORT would share a port with whoever else of this user asked for it: a bind without it finds out first.
    /// </summary>
    private static IPEndPoint Probe(IPEndPoint address)
    {
        using var probe = DatagramSocket.Bind(address, new DatagramSocketOptions());
        return probe.LocalEndPoint;
    }

    private void OnTunnelEnded(EventLoop loop, Tunnel tunnel)
    {
        _state.OnTunnelEnded(loop, tunnel);
        Log.TunnelEnded(
            _log, tunnel is UdpTunnel ? "UDP" : "TCP", tunnel.Outcome, tunnel.UpstreamBytes, tunnel.DownstreamBytes);
        if (_access is { } access
            && !access.TryAdd(AccessRecord.Of(tunnel, DateTimeOffset.UtcNow, loop.Now, access.WithTargets)))
            loop.Counters.AccessLinesDropped++;
        SignalIfIdle();
    }

    private void OnConnectionClosed(RelayConnection connection)
    {
        LogEnd(_log, connection);
        SignalIfIdle();
    }

    /// <summary>
    /// A drain is over with the last connection: its tunnels may have ended before their last bytes arrived.
    /// </summary>
    private void SignalIfIdle()
    {
        if (_state.Admission.IsDraining && _state.Connections == 0 && _state.Admission.Tunnels == 0)
            _idle?.TrySetResult();
    }

    private void OnLoopFailed(int index, Exception exception)
    {
        Log.LoopFailed(_log, index, exception);
        _failed.TrySetException(exception);
    }

    private static void LogEnd(ILogger log, RelayConnection connection)
    {
        if (log.IsEnabled(LogLevel.Debug))
            Log.ConnectionEnded(
                log, connection.CloseReason.Kind.ToString(), connection.CloseReason.Code,
                connection.CloseReason.LibraryError);
    }

    /// <summary>A loop that has yet to begin its first turn is not late.</summary>
    private static TimeSpan Age(ulong heartbeat, ulong now) =>
        heartbeat == 0 || heartbeat >= now ? TimeSpan.Zero : TimeSpan.FromTicks((long)(now - heartbeat) / 100);
}
