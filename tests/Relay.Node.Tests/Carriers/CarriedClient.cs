using Relay.Node.Credentials;
using Relay.Node.Http;

namespace Relay.Node.Tests.Carriers;

/// <summary>A client with one connection to the relay, in memory, by some version of HTTP.</summary>
internal abstract class CarriedClient : IDisposable
{
    public abstract FakeConnector Connector { get; }

    public abstract FakeLoop Loop { get; }

    public abstract TunnelLimits Limits { get; }

    /// <summary>The relay's side of its connection.</summary>
    public abstract ClientConnection Connection { get; }

    /// <summary>How the tunnels ended, in order, in the words of the access log.</summary>
    public abstract IReadOnlyList<string> Outcomes { get; }

    /// <summary>Whether the relay has ended the connection.</summary>
    public abstract bool IsOver { get; }

    /// <summary>A client whose connection is established.</summary>
    /// <param name="http">Its version of HTTP.</param>
    /// <param name="authenticator">Null: nobody needs credentials.</param>
    public static CarriedClient Create(string http, Authenticator? authenticator = null) => http switch
    {
        "3" => new Http3Client(authenticator),
        "2" => new Http2Client(authenticator),
        _ => new Http1Client(authenticator),
    };

    public CarriedTunnel Connect(string authority = "target.test:80", params (string Name, string Value)[] more) =>
        Ask([(":method", "CONNECT"), (":authority", authority), .. more]);

    public CarriedTunnel ConnectUdp(string path = "/.well-known/masque/udp/target.test/53/") =>
        Ask((":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"), (":authority", "relay.test"),
            (":path", path), ("capsule-protocol", "?1"));

    /// <summary>A request, in the words of HTTP/2 and 3.</summary>
    public abstract CarriedTunnel Ask(params (string Name, string Value)[] fields);

    /// <summary>The client is gone, without a word.</summary>
    public abstract void Vanish();

    public abstract bool Run(Func<bool> until);

    public abstract void Run(ulong time);

    /// <summary>A tunnel that is open.</summary>
    public CarriedTunnel Open(CarriedTunnel tunnel)
    {
        Assert.True(Run(() => tunnel.Status != 0));
        Assert.Equal(200, tunnel.Status);
        return tunnel;
    }

    /// <summary>Begins a drain, as the node does on SIGTERM.</summary>
    public void Drain()
    {
        Limits.Drain();
        Connection.Drain(0);
    }

    public abstract void Dispose();
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

    /// <summary>A field of the answer; null where it is absent.</summary>
    public abstract string? Field(string name);

    public abstract void Send(ReadOnlySpan<byte> data);

    /// <summary>Ends the client's side.</summary>
    public abstract void Finish();

    /// <summary>Resets it: over HTTP/1.1 that is its connection.</summary>
    public abstract void Reset();
}
