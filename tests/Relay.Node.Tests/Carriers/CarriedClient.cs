using Relay.Node.Counters;
using Relay.Node.Http;

namespace Relay.Node.Tests.Carriers;

/// <summary>A client with one connection to a node, in memory, by some version of HTTP.</summary>
/// <param name="network">The node, and what lies before it.</param>
internal abstract class CarriedClient(Network network) : IDisposable
{
    private bool _ownsNetwork;

    public FakeConnector Connector => Network.Node.Connector;

    public FakeLoop Loop => Network.Node.Loop;

    public LoopCounters Counters => Loop.Counters;

    public TunnelLimits Limits => Network.Node.Context.Limits;

    /// <summary>The relay's side of its connection.</summary>
    public abstract ClientConnection Connection { get; }

    /// <summary>How the node's tunnels ended, in order, in the words of the access log.</summary>
    public IReadOnlyList<string> Outcomes =>
        [.. Loop.Ended.Select(static tunnel => TunnelOutcomeNames.Of(tunnel.Outcome))];

    /// <summary>Whether the relay has ended the connection.</summary>
    public abstract bool IsOver { get; }

    protected Network Network { get; } = network;

    /// <summary>A client of a node of its own, whose connection is established.</summary>
    /// <param name="http">Its version of HTTP.</param>
    /// <param name="settings">Of the node.</param>
    public static CarriedClient Create(string http, NodeSettings? settings = null)
    {
        var client = Create(http, new Network(settings ?? new NodeSettings()));
        client._ownsNetwork = true;
        return client;
    }

    /// <summary>Another client of the same node; to be disposed before this one.</summary>
    public CarriedClient Beside(string http) => Create(http, Network);

    public CarriedTunnel Connect(string authority = "target.test:80", params (string Name, string Value)[] more) =>
        Ask([(":method", "CONNECT"), (":authority", authority), .. more]);

    public CarriedTunnel ConnectUdp(
        string path = "/.well-known/masque/udp/target.test/53/", params (string Name, string Value)[] more) =>
        Ask([
            (":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"), (":authority", "relay.test"),
            (":path", path), ("capsule-protocol", "?1"), .. more,
        ]);

    /// <summary>A request, in the words of HTTP/2 and 3.</summary>
    public abstract CarriedTunnel Ask(params (string Name, string Value)[] fields);

    /// <summary>Begins a request of which no more comes than its beginning.</summary>
    public abstract void AskInPart();

    /// <summary>The client is gone, without a word; of TCP the kernel has found it.</summary>
    public abstract void Vanish();

    /// <summary>The client closes its connection in order.</summary>
    public abstract void CloseInOrder();

    public bool Run(Func<bool> until) => Network.Simulation.Run(until, Time.Seconds(2000));

    public void Run(ulong time) => Network.Run(time);

    /// <summary>A tunnel that is open.</summary>
    public CarriedTunnel Open(CarriedTunnel tunnel)
    {
        Assert.Equal(200, Answered(tunnel).Status);
        return tunnel;
    }

    /// <summary>A request that is answered.</summary>
    public CarriedTunnel Answered(CarriedTunnel tunnel)
    {
        Assert.True(Run(() => tunnel.Status != 0));
        return tunnel;
    }

    /// <summary>Begins a drain, as the node does on SIGTERM.</summary>
    public void Drain()
    {
        Limits.Drain();
        Connection.Drain(0);
    }

    public void Dispose()
    {
        Close();
        if (!_ownsNetwork)
            return;
        Network.CloseAndAssertClean();
        Network.Dispose();
    }

    /// <summary>Loses the connection, if it is not over; nothing of it may be left.</summary>
    protected abstract void Close();

    private static CarriedClient Create(string http, Network network) => http switch
    {
        "3" => new Http3Client(network),
        "2" => new Http2Client(network),
        _ => new Http1Client(network),
    };
}

/// <summary>A request on the client's side: what it was answered, and its tunnel's bytes.</summary>
internal abstract class CarriedTunnel
{
    /// <summary>The answer's status, 200 for every tunnel that is open; 0 before.</summary>
    public abstract int Status { get; }

    public abstract long BodyLength { get; }

    /// <summary>Whether the relay has ended its side in order.</summary>
    public abstract bool Ended { get; }

    /// <summary>Whether the relay has reset it.</summary>
    public abstract bool WasReset { get; }

    public abstract ReadOnlySpan<byte> Body { get; }

    /// <summary>A field of the answer; null where it is absent, the first where there are several.</summary>
    public abstract string? Field(string name);

    public abstract void Send(ReadOnlySpan<byte> data);

    /// <summary>Ends the client's side.</summary>
    public abstract void Finish();

    /// <summary>Resets it: over HTTP/1.1 that is its connection.</summary>
    public abstract void Reset();
}
