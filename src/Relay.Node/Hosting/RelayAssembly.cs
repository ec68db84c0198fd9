using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Native.Http2;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Node.Credentials;
using Relay.Node.Diagnostics;
using Relay.Node.Egress;
using Relay.Node.Http;
using Relay.Node.Http1;
using Relay.Node.Http2;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Node.Options;
using Relay.Node.Server;
using Relay.Node.Sessions;
using Relay.Node.Streams;
using Relay.Node.Targets;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Hosting;

/// <summary>Puts a node's data plane together: every address bound on every loop, and what the loops share.</summary>
internal sealed class RelayAssembly : IDisposable
{
    private static readonly DatagramSocketOptions ListenOptions = new()
    {
        ReusePort = true,
        Ecn = true,
        ReceiveBufferBytes = 8 * 1024 * 1024,
        SendBufferBytes = 8 * 1024 * 1024,
    };

    /// <summary>
    /// Bytes for what clients have yet to acknowledge, and as many for what they have sent and nobody has taken: a quarter of what the
    /// process may have, by its control group or the collector's own limit.
    /// </summary>
    private static readonly long MemoryForClients = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    // Of a loop: in a small container with many loops a single upload, with its window of 8 MiB, would be more than its share.
    private const long LeastMemoryForClients = 32 * 1024 * 1024;

    private readonly RelayParts _parts;
    private readonly Authenticator _authenticator;
    private readonly ITargetResolver _resolver;
    private readonly List<LoopThread> _loops = [];
    private readonly QuicParameters _parameters;
    private readonly ConnectionTimeouts _timeouts;
    private readonly UnansweredTargets _unanswered;

    private RelayAssembly(
        NodeConfig config, ServerIdentity identity, Authenticator authenticator, ITargetResolver resolver, ILogger log,
        AccessLog? access, NodeDiagnostics diagnostics, ISessionObserver? observer, IReadOnlyList<IPEndPoint> bound,
        LocalRoutes? routes)
    {
        _authenticator = authenticator;
        _resolver = resolver;
        _unanswered = new UnansweredTargets
        {
            Allowed = config.AllowUnanswered,
            Limit = new RateLimit(config.MaxUnansweredDatagrams, config.MaxUnansweredDatagramsPerSecond),
        };
        // docs/reference.md#4-safe-by-default denies "the node's own addresses and the fleet's own ports".
        var silo = config.Fleet.Mode == FleetMode.Silo ? config.Fleet.Host.Silo.Address : null;
        IPEndPoint?[] others = [config.MetricsAddress, config.Fleet.AdminAddress, config.Fleet.Enrol.Address, silo];
        var policy = new TargetPolicySource([.. bound, .. others.OfType<IPEndPoint>()], LocalAddresses.List);
        var egress = new EgressState(
            config.Egress, needsLease: !config.Fleet.Pools.IsEmpty, policy.UseEgress, new BootClock());
        policy.Use(config.AllowTargets, config.DenyTargets);
        var sessions = new SessionRegistry { Observer = observer };
        var limits = new TunnelLimits(config.MaxTunnels, config.MaxTunnelsPerConnection, sessions, egress);
        var connections = new ConnectionLimits(config.MaxConnections, config.MaxConnectionsPerSource);
        var events = new LoopEvents(
            log, access, () => limits.IsDraining && connections.Count == 0 && limits.Tunnels == 0);
        _parts = new RelayParts
        {
            Config = config,
            Log = log,
            Diagnostics = diagnostics,
            State = new ServerState(ConnectionIdLayout.NodeIdOf(config.Fleet.NodeId), identity, connections)
            {
                Limits = limits,
                OnEstablished = loop => Log.ConnectionEstablished(log, loop),
                OnConnectionClosed = events.OnConnectionClosed,
            },
            Limits = limits,
            Sessions = sessions,
            Policy = policy,
            Egress = egress,
            Routes = routes,
            Events = events,
            Loops = _loops,
        };
        var tls = TlsLibraryChoice.Of(config.TlsLibrary).Library;
        var protection = PacketProtectionChoice.Of(config.PacketProtection, tls).Protection;
        diagnostics.TlsLibrary = tls.Name;
        diagnostics.PacketProtection = protection.Name;
        var secrets = StaticSecrets.Derive(
            File.ReadAllBytes(config.TlsPrivateKeyPath), $"{config.Fleet.NodeId} {string.Join(' ', config.Addresses)}");
        _parameters = new QuicParameters
        {
            StaticSecret = secrets.Tokens,
            ResetSecret = secrets.Resets,
            // A little more than may be tunnels: a refusal needs a stream to be said on.
            MaxBidirectionalStreams = config.MaxTunnelsPerConnection + 16,
            IdleTimeout = Nanoseconds(config.QuicIdleTimeout),
            HandshakeTimeout = Nanoseconds(config.HandshakeTimeout),
            MaxUnacknowledged = config.MaxUnacknowledgedBytes,
            MaxUnacknowledgedOfStream = config.MaxUnacknowledgedBytes / 2,
            MaxFieldSection = config.MaxHeaderBytes,
            Protection = protection,
        };
        _timeouts = new ConnectionTimeouts(
            Nanoseconds(config.ClientIdleTimeout), Nanoseconds(config.UdpIdleTimeout),
            new TcpTunnelTimeouts(
                Nanoseconds(config.UpstreamTimeout), Nanoseconds(config.RelayShutdownDrainTimeout),
                Nanoseconds(config.TcpIdleTimeout)))
        {
            Request = Nanoseconds(config.RequestTimeout),
            Silence = config.ClientSilence,
        };
    }

    /// <summary>Binds every address on every loop; no loop turns yet.</summary>
    /// <remarks>Parameters as those of <see cref="RelayServer.Start"/>.</remarks>
    /// <exception cref="SocketSystemException">An address cannot be bound.</exception>
    internal static RelayParts Create(
        NodeConfig config, ServerIdentity identity, Authenticator authenticator, ITargetResolver resolver, ILogger log,
        AccessLog? access, NodeDiagnostics diagnostics, ISessionObserver? observer, bool steer)
    {
        IPEndPoint[] bound = [.. config.Addresses.Select(address => BoundPorts.Probe(address, tcp: !config.NoTcp))];
        var routes = config.Egress.ManageLocalRoutes ? LocalRoutes.Install(config.Egress.Prefixes) : null;
        RelayAssembly assembly;
        try
        {
            assembly = new RelayAssembly(
                config, identity, authenticator, resolver, log, access, diagnostics, observer, bound, routes);
        }
        catch
        {
            routes?.Dispose();
            throw;
        }
        try
        {
            assembly.CreateLoops(bound, steer);
        }
        catch
        {
            assembly.Dispose();
            throw;
        }
        return assembly._parts;
    }

    /// <summary>Gives up what there is, where the rest could not be had.</summary>
    public void Dispose() => _parts.Dispose();

    private void CreateLoops(IReadOnlyList<IPEndPoint> addresses, bool steer)
    {
        for (var index = 0; index < _parts.Config.Workers; index++)
            CreateLoop(index, addresses);
        if (steer && _loops.Count > 1)
            Steer();
        _parts.State.SetPorts([.. _loops.Select(static loop => new LoopPort(
            loop.Loop, loop.Listeners.ToDictionary(static listener => listener.LocalEndPoint)))]);
    }

    private void CreateLoop(int index, IReadOnlyList<IPEndPoint> addresses)
    {
        var (config, state, events) = (_parts.Config, _parts.State, _parts.Events);
        var loop = new EventLoop(index, _parts.Diagnostics.Histograms)
        {
            WhenDefect = exception => Log.Defect(_parts.Log, exception),
            WhenOutOfMemory = exception => Log.OutOfMemory(_parts.Log, index, exception),
        };
        var tunnels = new LoopTunnels(loop, tunnel =>
        {
            try
            {
                state.OnTunnelEnded(loop, tunnel);
            }
            finally
            {
                events.OnTunnelEnded(loop, tunnel);
            }
        })
        {
            Unanswered = _unanswered,
        };
        var connector = new TargetConnector(
            loop, _resolver, () => _parts.Policy.Current, _parts.Egress, Nanoseconds(config.ConnectTimeout))
        {
            KeepAlive = config.TargetKeepalive is { } keepalive
                ? new KeepAlive(keepalive.Idle, keepalive.Interval, keepalive.Probes) : null,
        };
        var context = new ConnectionContext(tunnels, connector, _timeouts)
        {
            Limits = _parts.Limits,
            Requests = new RequestTurns(loop, config.MaxRequestsPerTurn, config.MaxRequestsPerTurnPerConnection),
            // It has half as much again, and no more.
            Memory = new ClientMemory(Math.Max(MemoryForClients / config.Workers, LeastMemoryForClients) / 3 * 2),
            Sessions = _parts.Sessions,
            Authenticator = _authenticator,
            NamesOfCertificates = config.ClientAuthIdentity,
            MaxFieldSection = _parameters.MaxFieldSection,
            MaxFields = config.MaxHeaderFields,
            UdpTemplates = config.UdpPathTemplates,
        };
        var http3 = new Http3Context(context, _parameters)
        {
            ResetsPerSecond = config.MaxResetsPerSecond,
            RetryThreshold = config.QuicRetryThreshold,
            Blocks = new BlockPool { Limit = MemoryForClients / config.Workers },
        };
        var connections = new LoopConnections(loop, index, state);
        var thread = new LoopThread(loop, http3, connections, events.OnLoopFailed) { Connector = connector };
        _loops.Add(thread);
        // The first phase of all: before anything can be sent.
        if (!config.Fleet.Pools.IsEmpty)
            loop.AddPhase(new LeaseGuard(loop, _parts.Egress, thread.EndTunnelsFrom));
        var received = new DatagramBatch();
        var table = new ConnectionTable(loop);
        foreach (var address in addresses)
        {
            var socket = BoundPorts.Bind(() => DatagramSocket.Bind(address, ListenOptions));
            thread.Add(new Listener(loop, http3, state, connections, table, socket, received), socket);
        }
        if (!config.NoTcp)
            thread.Streams = ListenOnTcp(loop, context, connections, addresses);
    }

    private StreamHost ListenOnTcp(
        EventLoop loop, ConnectionContext context, LoopConnections connections, IReadOnlyList<IPEndPoint> addresses)
    {
        var http2 = new Http2Context(new Http2Parameters
        {
            MaxConcurrentStreams = (int)_parameters.MaxBidirectionalStreams,
            MaxFieldSection = _parameters.MaxFieldSection,
        })
        {
            ResetsPerSecond = _parts.Config.MaxResetsPerSecond,
            ControlFramesPerSecond = _parts.Config.MaxControlFramesPerSecond,
        };
        var shared = new StreamContext(context)
        {
            CreateHttp2 = (client, stream) => new Http2Protocol(http2, client, stream),
            CreateHttp1 = static (client, stream) => new Http1Protocol(client, stream),
        };
        var host = new StreamHost(
            loop, shared, _parts.State, connections,
            new PendingHandshakes(
                loop, Math.Max(1, _parts.Config.MaxTlsHandshakes / _parts.Config.Workers), _parameters.HandshakeTimeout),
            loop);
        foreach (var address in addresses)
            host.Listen(BoundPorts.Bind(() => StreamSocket.Listen(address, reusePort: true)), _parts.Config.AltSvcPort);
        return host;
    }

    private void Steer()
    {
        foreach (var socket in _loops[0].Sockets)
        {
            if (!ReusePortSteering.TryAttach(socket, _loops.Count, out var errno))
                Log.SteeringRefused(_parts.Log, Errno.Describe(errno));
        }
    }

    private static ulong Nanoseconds(TimeSpan time) => (ulong)time.Ticks * 100;
}
