using System.Collections.Immutable;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Native.Tls;
using Relay.Node.Credentials;
using Relay.Node.Egress;
using Relay.Node.Http;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Node.Options;
using Relay.Node.Server;
using Relay.Node.Sessions;
using Relay.Node.Streams;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>What a test can set about the node.</summary>
internal sealed record NodeSettings
{
    public ulong ClientIdle { get; init; } = Time.Seconds(600);

    public ulong QuicIdle { get; init; } = Time.Seconds(30);

    public ulong UdpIdle { get; init; } = Time.Seconds(120);

    public ulong Upstream { get; init; } = Time.Seconds(30);

    public ulong Drain { get; init; } = Time.Seconds(10);

    public ulong TcpIdle { get; init; }

    public long MaxTunnels { get; init; } = 100_000;

    public int MaxTunnelsPerConnection { get; init; } = 256;

    public long MaxConnections { get; init; } = 100_000;

    public int MaxConnectionsPerSource { get; init; } = 100_000;

    public long MaxBidirectionalStreams { get; init; } = 272;

    public long MaxUnacceptedRequests { get; init; } = new QuicParameters { StaticSecret = Array.Empty<byte>() }.MaxUnacceptedRequests;

    public bool Datagrams { get; init; } = true;

    public int MaxFieldSection { get; init; } = 16 * 1024;

    public long BlockLimit { get; init; } = long.MaxValue;

    public ClientMemory Memory { get; init; } = new();

    public long MaxInput { get; init; } = 12 * 1024 * 1024;

    public int ResetsPerSecond { get; init; } = NodeDefaults.MaxResetsPerSecond;

    public int RetryThreshold { get; init; } = NodeDefaults.QuicRetryThreshold;

    public int RequestsPerTurn { get; init; } = NodeDefaults.MaxRequestsPerTurn;

    public int RequestsPerTurnPerConnection { get; init; } = NodeDefaults.MaxRequestsPerTurnPerConnection;

    public ImmutableArray<ConnectUdpTemplate> UdpTemplates { get; init; } = [];

    public int MaxFields { get; init; } = RequestHeaders.DefaultMaxFields;

    public UnansweredTargets Unanswered { get; init; } = new();

    public TlsContext Tls { get; init; } = TestIdentity.Server;

    /// <summary>As a node chooses by itself; the library of most clients is another, so that each is held to the other.</summary>
    public PacketProtection Protection { get; init; } = Protections.Automatic;

    public ISessionObserver? Observer { get; init; }

    public IdentityTable Identities { get; init; } = new();

    public EgressState? Egress { get; init; }

    public Authenticator Authenticator { get; init; } = new(null, new ManualQueue(), TimeProvider.System);
}

/// <summary>
/// One loop of a node without its sockets: the real connections, tunnels and host, and the phases of the loop in their
/// order.
/// </summary>
internal sealed class InMemoryNode : IActor, IPacketPort, IDisposable
{
    public const uint NodeId = 0xabcd;

    private readonly Simulation _simulation;
    private readonly Queue<Packet> _inbox = new();
    private readonly PacketArena _arena = new();
    private readonly ConnectionHost _host;
    private readonly Action<Packet> _send;

    public InMemoryNode(Simulation simulation, NodeSettings settings, Action<Packet> send)
    {
        _simulation = simulation;
        _send = send;
        Loop = new FakeLoop(simulation);
        Connector = new FakeConnector(simulation, Loop);
        var parameters = new QuicParameters
        {
            StaticSecret = Secret,
            MaxBidirectionalStreams = settings.MaxBidirectionalStreams,
            MaxUnacceptedRequests = settings.MaxUnacceptedRequests,
            IdleTimeout = settings.QuicIdle,
            MaxDatagramFrame = settings.Datagrams ? 65535 : 0,
            MaxFieldSection = settings.MaxFieldSection,
            MaxInput = settings.MaxInput,
            Protection = settings.Protection,
        };
        var sessions = new SessionRegistry { Observer = settings.Observer, Identities = settings.Identities };
        var limits = new TunnelLimits(
            settings.MaxTunnels, settings.MaxTunnelsPerConnection, sessions, settings.Egress);
        Context = new ConnectionContext(
            new LoopTunnels(Loop, OnTunnelEnded) { Unanswered = settings.Unanswered }, Connector,
            new ConnectionTimeouts(
                settings.ClientIdle, settings.UdpIdle, new(settings.Upstream, settings.Drain, settings.TcpIdle)))
        {
            Limits = limits,
            Requests = new RequestTurns(Loop, settings.RequestsPerTurn, settings.RequestsPerTurnPerConnection),
            Memory = settings.Memory,
            Sessions = sessions,
            Authenticator = settings.Authenticator,
            MaxFieldSection = parameters.MaxFieldSection,
            MaxFields = settings.MaxFields,
            UdpTemplates = settings.UdpTemplates,
        };
        Http3 = new Http3Context(Context, parameters)
        {
            ResetsPerSecond = settings.ResetsPerSecond,
            RetryThreshold = settings.RetryThreshold,
            Blocks = new BlockPool { Limit = settings.BlockLimit },
        };
        State = new ServerState(
            NodeId, new ServerIdentity(settings.Tls),
            new ConnectionLimits(settings.MaxConnections, settings.MaxConnectionsPerSource))
        {
            Limits = limits,
            OnConnectionClosed = connection => Closed.Add(CarrierOf(connection).CloseReason),
        };
        Connections = new LoopConnections(Loop, 0, State);
        Ids = new ConnectionTable(Loop);
        _host = new ConnectionHost(Loop, 0, Http3, State, Connections, Ids, this);
        simulation.Add(this);
    }

    /// <summary>The secret of tokens and stateless resets.</summary>
    public static byte[] Secret { get; } = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];

    public static SocketEndpoint Address { get; } = new(new IPEndPoint(IPAddress.Parse("192.0.2.10"), 443));

    public FakeLoop Loop { get; }

    public FakeConnector Connector { get; }

    public ConnectionContext Context { get; }

    public Http3Context Http3 { get; }

    public ServerState State { get; }

    public LoopConnections Connections { get; }

    public ConnectionTable Ids { get; }

    /// <summary>Exceptions in callbacks: there must be none.</summary>
    public List<Exception> Defects => Loop.Defects;

    /// <summary>Why connections ended, in order.</summary>
    public List<CloseReason> Closed { get; } = [];

    /// <summary>While false the node's socket takes no packet.</summary>
    public bool SocketHasRoom { get; set; } = true;

    /// <summary>Bytes that the node allocated in its turns.</summary>
    public long Allocated { get; private set; }

    /// <summary>The only connection.</summary>
    public RelayConnection Connection => CarrierOf(Client);

    /// <summary>The same, whatever carries it.</summary>
    public ClientConnection Client => Assert.Single(Connections.Open);

    public IPacketSink Outgoing => _arena;

    public ulong Next => Loop.Timers.Next;

    /// <summary>Limits how many packets the node's batch holds.</summary>
    public int BatchCapacity
    {
        set => _arena.Capacity = value;
    }

    /// <summary>What the next call for a packet's room throws.</summary>
    public Exception? SinkFault
    {
        set => _arena.Fault = value;
    }

    /// <summary>What looking for another loop that a packet is for throws.</summary>
    public Exception? HandOverFault { get; set; }

    public void Receive(Packet packet) => _inbox.Enqueue(packet);

    public bool Turn()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var busy = _inbox.Count > 0 || Loop.HasWork || _host.HasWork || Loop.Timers.Next <= Loop.Now;
        Loop.RunReady();
        while (_inbox.TryDequeue(out var packet))
            _host.Dispatch(packet.To, packet.From, packet.Ecn, packet.Payload);
        Loop.Timers.Fire(Loop.Now);
        if (SocketHasRoom)
            _host.Write();
        Loop.RunFlushes();
        Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        if (SocketHasRoom)
            busy |= DrainArena();
        return busy && (SocketHasRoom || Loop.HasWork);
    }

    public bool Send()
    {
        if (!SocketHasRoom)
            return false;
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = DrainArena();
        Allocated -= GC.GetAllocatedBytesForCurrentThread() - before;
        return true;
    }

    public bool TryHandOver(
        ReadOnlySpan<byte> id, in SocketEndpoint local, in SocketEndpoint remote, byte ecn,
        ReadOnlySpan<byte> packet) => HandOverFault is null ? false : throw HandOverFault;

    /// <summary>Begins a drain, as the node does on SIGTERM.</summary>
    /// <param name="time">How long tunnels may run; without it, clients without any are closed at once.</param>
    public void Drain(TimeSpan time = default)
    {
        State.Limits.Drain();
        Connections.Open.Drain(time, 0);
    }

    /// <summary>The end of a drain whose time is over.</summary>
    public void ForceClose()
    {
        foreach (var connection in Connections.Open)
        {
            connection.ForceCloseTunnels();
            connection.Shutdown();
        }
    }

    /// <summary>A restart: the node forgets every connection without a word.</summary>
    public void Forget()
    {
        foreach (var connection in Connections.Open.ToArray())
        {
            foreach (var id in CarrierOf(connection).Ids)
                Ids.Remove(id);
            Connections.Open.Remove(connection);
            State.OnConnectionEnded(connection);
            connection.Carrier.Dispose();
            Loop.Counters.ConnectionsActive--;
            if (connection.IsEstablished)
                continue;
            Loop.Counters.HandshakesPending--;
            Ids.Handshakes--;
        }
    }

    public static RelayConnection CarrierOf(ClientConnection connection) => (RelayConnection)connection.Carrier;

    public void Dispose()
    {
        foreach (var connection in Connections.Open.ToArray())
            connection.Carrier.Dispose();
        Http3.Blocks.Dispose();
    }

    /// <summary>Nothing of any connection or tunnel is left.</summary>
    public void AssertClean()
    {
        Assert.Empty(Defects);
        Assert.Empty(Connections.Open);
        Assert.Empty(Context.Tunnels.Detached);
        Assert.Equal(0, Ids.IdCount);
        Assert.Equal(0, Loop.Timers.Count);
        Assert.Equal(0, Loop.Counters.TunnelsActive);
        Assert.Equal(0, Loop.Counters.ConnectionsActive);
        Assert.Equal((0, 0), (Loop.Counters.HandshakesPending, Ids.Handshakes));
        Assert.Equal(0, Ids.FailedHandshakes);
        Assert.Equal(0, State.Limits.Tunnels);
        Assert.Equal(0, State.Connections);
        Assert.Equal(0, Http3.Blocks.Rented);
        Assert.Equal((0L, 0L, 0), (Context.Memory.Bytes, Context.Memory.Unproven, Context.Memory.Sources));
        Assert.Equal(Loop.Counters.Tcp.Started + Loop.Counters.Udp.Started, Loop.Ended.Count);
        Assert.All(Connector.Tcp, static flow => Assert.Equal(1, flow.Closes + flow.Aborts));
        Assert.All(Connector.Udp, static flow => Assert.Equal(1, flow.Closes));
    }

    private void OnTunnelEnded(Tunnel tunnel)
    {
        Loop.Ended.Add(tunnel);
        State.OnTunnelEnded(Loop, tunnel);
    }

    private bool DrainArena() => _arena.Drain(_send);
}
