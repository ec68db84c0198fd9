using Relay.Native.Linux;
using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>One client's way to the node and back. Its address may change on the way, as behind a NAT.</summary>
internal sealed class Link
{
    public required PacketPipe Up { get; init; }

    public required PacketPipe Down { get; init; }

    /// <summary>The address that the node sees; null for the client's own.</summary>
    public SocketEndpoint? Mapped { get; set; }

    public PathConditions Conditions
    {
        set => Up.Conditions = Down.Conditions = value;
    }
}

/// <summary>
/// A node, its clients and what lies between. Disposing it closes what is open, and checks that the node keeps nothing.
/// </summary>
internal sealed class Network : IDisposable
{
    private readonly Dictionary<SocketEndpoint, Link> _byAddress = [];
    private readonly List<TestClient> _clients = [];
    private readonly List<RawClient> _rawClients = [];
    private readonly List<PacketPeer> _packetPeers = [];
    private readonly BlockPool _clientBlocks = new();
    private readonly int _seed;

    public Network(NodeSettings? settings = null, int seed = 1)
    {
        _seed = seed;
        Node = new InMemoryNode(Simulation, settings ?? new NodeSettings(), Route);
    }

    public Simulation Simulation { get; } = new();

    public InMemoryNode Node { get; }

    /// <summary>Packets of the node to nobody.</summary>
    public List<Packet> Stray { get; } = [];

    /// <summary>The limit of an ordinary wait.</summary>
    public static ulong Patience => Time.Seconds(30);

    /// <summary>Adds a client, which begins its handshake.</summary>
    public TestClient AddClient(ClientSettings? settings = null) => AddClient(settings, out _);

    public TestClient AddClient(ClientSettings? settings, out Link link)
    {
        settings ??= new ClientSettings();
        var number = _clients.Count + 1;
        var local = Endpoint(settings.Host ?? number, 50_000 + number);
        TestClient client = null!;
        var way = link = Lay(local, number, settings.Path, packet => client.Receive(packet));
        client = new TestClient(
            Simulation, settings, local, _clientBlocks,
            packet => way.Up.Send(way.Mapped is { } mapped ? packet with { From = mapped } : packet));
        _clients.Add(client);
        return client;
    }

    /// <summary>Adds a client whose handshake is complete, with SETTINGS exchanged.</summary>
    public TestClient Establish(ClientSettings? settings = null) => Establish(settings, out _);

    public TestClient Establish(ClientSettings? settings, out Link link)
    {
        var client = AddClient(settings, out link);
        Assert.True(Simulation.Run(
            () => client.IsEstablished && client.PeerSettingsReceived
                && Node.Connections.Open.Any(c => c.IsEstablished && InMemoryNode.CarrierOf(c).PeerSettingsReceived), Patience));
        return client;
    }

    /// <summary>This, and a client of it whose connection is established.</summary>
    public (Network Network, TestClient Client) WithClient(ClientSettings? settings = null) => (this, Establish(settings));

    /// <summary>The same, with the client's link.</summary>
    public (Network Network, TestClient Client) WithClient(ClientSettings? settings, out Link link) =>
        (this, Establish(settings, out link));

    /// <summary>Adds a client that speaks QUIC, and what the test gives it to say; its handshake is complete.</summary>
    /// <param name="host">The last byte of its address; null for one of its own.</param>
    public RawClient EstablishRaw(int? host = null)
    {
        var client = AddRaw(host);
        Assert.True(Run(() => client.State == QuicState.Open
            && Node.Connections.Open.Any(static c => c.IsEstablished)));
        return client;
    }

    /// <summary>The same, which begins its handshake.</summary>
    public RawClient AddRaw(int? host = null)
    {
        var number = 100 + _rawClients.Count;
        var local = Endpoint(host ?? number, 50_000 + number);
        RawClient client = null!;
        var link = Lay(local, number, PathConditions.Good, packet => client.Receive(packet));
        client = new RawClient(Simulation, local, link.Up.Send);
        _rawClients.Add(client);
        return client;
    }

    /// <summary>Adds a client that writes its own packets; its handshake is complete.</summary>
    /// <param name="host">The last byte of its address; null for one of its own.</param>
    public PacketPeer EstablishPacketClient(int? host = null)
    {
        var peer = AddPacketClient(host);
        Assert.True(Run(() => peer.Client.IsReady && Node.Connections.Open.Any(static c => c.IsEstablished)));
        return peer;
    }

    /// <summary>The same, which has said its SETTINGS.</summary>
    public PacketClient Speak(int? host = null)
    {
        var client = EstablishPacketClient(host).Client;
        client.Send(QuicFrames.Stream(2, 0, [0, 4, 0]));
        Run(Time.Milliseconds(50));
        return client;
    }

    /// <summary>The same, which begins its handshake.</summary>
    public PacketPeer AddPacketClient(int? host = null)
    {
        var number = 150 + _packetPeers.Count;
        var local = Endpoint(host ?? number, 50_000 + number);
        PacketPeer peer = null!;
        var link = Lay(local, number, PathConditions.Good, packet => peer.Receive(packet));
        peer = new PacketPeer(Simulation, local, link.Up.Send);
        _packetPeers.Add(peer);
        return peer;
    }

    /// <summary>A client's packets seem to come from another address from now on.</summary>
    public void Rebind(Link link, int port)
    {
        var mapped = Endpoint(200, port);
        link.Mapped = mapped;
        _byAddress[mapped] = link;
    }

    /// <summary>A client goes on from another address by its own decision.</summary>
    public void Migrate(TestClient client, Link link, int port)
    {
        var local = Endpoint(201, port);
        _byAddress[local] = link;
        Assert.True(client.Migrate(local));
    }

    public bool Run(Func<bool> until) => Simulation.Run(until, Patience);

    public void Run(ulong time) => Simulation.Run(time);

    /// <summary>Waits for the answer to a request.</summary>
    public TestStream Answered(TestStream request, int status = 200)
    {
        Assert.True(Run(() => request.Status == status));
        return request;
    }

    /// <summary>Asks for a tunnel.</summary>
    /// <returns>The status of the answer.</returns>
    public int Ask(RawClient client)
    {
        var stream = client.OpenBidirectional();
        client.Send(stream, RawClient.ConnectHeaders());
        Assert.True(Run(() => client.Received.ContainsKey(stream)));
        return client.StatusOf(stream);
    }

    /// <summary>Watches what the node holds of what clients have sent.</summary>
    /// <returns>Says the most that was counted between turns, in bytes.</returns>
    public Func<long> WatchMemory()
    {
        var most = 0L;
        var memory = Node.Context.Memory;
        Simulation.Add(new Watch(() => most = Math.Max(most, memory.Bytes + memory.Unproven)));
        return () => most;
    }

    /// <summary>A tunnel of each kind, both open.</summary>
    public (TestStream Tcp, TestStream Udp) Tunnels(TestClient client)
    {
        var (tcp, udp) = (client.Connect(), client.ConnectUdp());
        Assert.True(Run(() => tcp.Status == 200 && udp.Status == 200));
        return (tcp, udp);
    }

    /// <summary>Sends so many requests, each as soon as the node's credit allows its stream.</summary>
    public List<TestStream> AskAll(TestClient client, int count, Func<int, TestStream> ask)
    {
        var streams = new List<TestStream>(count);
        while (streams.Count < count)
        {
            Assert.True(Run(() => client.HasStreamCredit));
            while (streams.Count < count && client.HasStreamCredit)
                streams.Add(ask(streams.Count));
        }
        return streams;
    }

    /// <summary>An address of a client.</summary>
    public static SocketEndpoint Endpoint(int host, int port) =>
        new(new IPEndPoint(new IPAddress([198, 51, 100, (byte)host]), port));

    /// <summary>Closes every connection, waits for what is left of them, and checks that nothing is.</summary>
    public void CloseAndAssertClean()
    {
        foreach (var client in _clients)
        {
            client.IsAlive = true;
            client.CloseWith(Protocol.Http3ErrorCode.NoError);
        }
        foreach (var client in _rawClients)
            client.CloseWith(Protocol.Http3ErrorCode.NoError);
        // A client that vanished unheard is given up after the idle timeout; closing periods and drains are over by
        // then.
        Simulation.Run(() => Node.Connections.Open.Count == 0, Time.Seconds(1300));
        Simulation.Run(Time.Seconds(60));
        Node.AssertClean();
    }

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
        foreach (var client in _rawClients)
            client.Dispose();
        foreach (var peer in _packetPeers)
            peer.Dispose();
        Node.Dispose();
        Assert.Equal(0, _clientBlocks.Rented);
        _clientBlocks.Dispose();
    }

    /// <summary>The way between the node and who has an address; the number is the seed of its luck.</summary>
    private Link Lay(SocketEndpoint local, int number, PathConditions path, Action<Packet> receive)
    {
        var link = new Link
        {
            Up = new PacketPipe(Simulation, (_seed * 1000) + number, path, Node.Receive),
            Down = new PacketPipe(Simulation, (_seed * 2000) + number, path, receive),
        };
        _byAddress[local] = link;
        return link;
    }

    private void Route(Packet packet)
    {
        if (_byAddress.TryGetValue(packet.To, out var found))
            found.Down.Send(packet);
        else
            Stray.Add(packet);
    }
}
