using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Relay.Native.Linux;
using Relay.Native.Tls;
using Relay.Node.Http1;
using Relay.Node.Http2;
using Relay.Node.Streams;
using Relay.Node.Tests.Http;
using Relay.Node.Tests.Http2;

namespace Relay.Node.Tests.Streams;

/// <summary>
/// A connection over TLS and a socket of loopback, and its client. The clock, the turns, and what the kernel says of the
/// way to the client, are the test's.
/// </summary>
internal sealed class StreamWorld : IStreamHost, IActor, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Epoll _epoll = new();
    private readonly EpollReady[] _events = new EpollReady[1];
    private readonly byte[] _buffer = new byte[TlsStream.MaxRecord];
    private readonly TlsStream _client;
    private ulong _heardAt;
    private bool _reads = true;
    private bool _writes;
    private bool _shaken;

    /// <summary>A connection that was accepted; its handshake is to come.</summary>
    /// <param name="protocol">What its client asks for by ALPN; null for a client without.</param>
    public StreamWorld(string? protocol)
    {
        (var outgoing, Socket) = TlsPair.Connect();
        _client = new TlsStream(
            TestIdentity.Client, outgoing, new TlsBuffers(), protocol is null ? [] : [protocol], TestIdentity.ServerName);
        var http2 = new Http2Context(Http2World.Default);
        var shared = new StreamContext(World.Context)
        {
            CreateHttp2 = (client, stream) => new Http2Protocol(http2, client, stream),
            CreateHttp1 = static (client, stream) => new Http1Protocol(client, stream),
            ReadPath = _ => new TcpPath(
                Time.Milliseconds(10), Time.Milliseconds(1), 10_000, 0, Answers ? 0 : World.Loop.Now - _heardAt),
        };
        Connection = new StreamConnection(shared, TestIdentity.Server, this, altSvc: null, Socket);
        _epoll.Add(
            Socket.Fd, EpollInterest.In | EpollInterest.Out | EpollInterest.RdHup | EpollInterest.EdgeTriggered, 0);
        World.Simulation.Add(this);
    }

    public CarrierWorld World { get; } = new();

    public StreamConnection Connection { get; }

    /// <summary>The relay's socket.</summary>
    public StreamSocket Socket { get; }

    /// <summary>Whether the client's kernel is there, and so has always just said something.</summary>
    public bool Answers { get; private set; } = true;

    /// <summary>Whether the client reads what comes.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>Managed bytes that the relay's turns have allocated.</summary>
    public long Allocated { get; private set; }

    /// <summary>What the client has read.</summary>
    public List<byte> Got { get; } = [];

    /// <summary>How the client's reading ended: 0 in order, else -errno; null where it goes on.</summary>
    public int? ClientEnd { get; private set; }

    /// <summary>Whether the socket was left to wait for the client's end.</summary>
    public bool Lingers { get; private set; }

    public bool IsOver => Connection.State == StreamState.Over;

    public ulong Next => World.Loop.Timers.Next;

    private string GotText => Encoding.ASCII.GetString(CollectionsMarshal.AsSpan(Got));

    /// <summary>A client whose handshake is complete, with an open tunnel.</summary>
    public static StreamWorld Tunnel(string protocol)
    {
        var world = new StreamWorld(protocol);
        world.World.Connector.SetUpTcp = static _ => { };
        world.Handshake();
        world.Send(protocol == "h2"
            ? [
                .. Frames.Preface, .. Frames.Setting(4, int.MaxValue), .. Frames.Update(0, int.MaxValue - 65_535),
                .. Frames.Write(Frames.Settings, Frames.Ack, 0, []), .. Frames.Request(1, Frames.Connect),
            ]
            : "CONNECT target.test:80 HTTP/1.1\r\nHost: target.test:80\r\n\r\n"u8.ToArray());
        // The target says something: then the client has had the answer.
        world.Until(() => world.World.Connector.Tcp.Count == 1);
        world.World.Connector.Tcp[0].Produce(1);
        world.Until(() => world.World.Connector.Tcp[0].Taken == 1 && world.Connection.HasArrived);
        return world;
    }

    public void Handshake()
    {
        _shaken = true;
        Until(() => Connection.Client.IsEstablished);
    }

    /// <summary>The client says something.</summary>
    public void Send(ReadOnlySpan<byte> data)
    {
        Assert.Equal(0, _client.Write(data));
        Until(() => _client.Flush() == 0);
    }

    /// <summary>The target sends more than there is room for on the way to a client that does not read.</summary>
    public void Flood()
    {
        Reads = false;
        World.Connector.Tcp[0].Produce(64_000_000);
        Until(() => !Connection.HasArrived);
        World.Simulation.Run(0);
        Assert.False(Connection.HasArrived);
    }

    /// <summary>From now on the client's kernel says nothing any more.</summary>
    public void Vanish() => (Answers, Reads, _heardAt) = (false, false, World.Loop.Now);

    /// <summary>It says something, once.</summary>
    public void Hear() => _heardAt = World.Loop.Now;

    /// <summary>Has turns, at one moment of the loop's clock, until it is so.</summary>
    public void Until(Func<bool> holds)
    {
        for (var began = Stopwatch.GetTimestamp(); !holds(); Thread.Yield())
        {
            Turn();
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"in vain; the client has {GotText}");
        }
    }

    /// <summary>Goes on for a time, with a look at the connection every second, as the loop has.</summary>
    public void Run(double seconds)
    {
        for (; seconds > 0; seconds--)
        {
            World.Simulation.Run(Time.Seconds(Math.Min(seconds, 1)));
            Connection.Sample();
        }
        World.Simulation.Run(0);
    }

    public bool Turn()
    {
        var loop = World.Loop;
        var busy = loop.HasWork || loop.Timers.Next <= loop.Now;
        var ready = _epoll.Wait(_events, 0) > 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        loop.RunReady();
        if (ready && !IsOver)
            Connection.OnReady(_events[0].Events);
        busy |= Read();
        loop.Timers.Fire(loop.Now);
        busy |= Write();
        loop.RunFlushes();
        Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        return busy | TakeTurnOfClient();
    }

    bool IStreamHost.HasTime => true;

    void IStreamHost.RequestRead(StreamConnection connection) => _reads = true;

    void IStreamHost.RequestWrite(StreamConnection connection) => _writes = true;

    void IStreamHost.OnEstablished(StreamConnection connection)
    {
    }

    void IStreamHost.Linger(StreamSocket socket)
    {
        Lingers = true;
        socket.Dispose();
    }

    public void Dispose()
    {
        Connection.Dispose();
        Connection.Client.EndSession();
        _client.Dispose();
        _epoll.Dispose();
    }

    private bool Read()
    {
        var asked = _reads;
        _reads = false;
        if (asked && Connection.ReadTurn())
            _reads = true;
        return _reads;
    }

    private bool Write()
    {
        if (!_writes)
            return false;
        _writes = Connection.WriteTurn(among: 1);
        if (IsOver)
            Connection.Dispose();
        return true;
    }

    private bool TakeTurnOfClient()
    {
        if (_shaken)
        {
            var result = _client.Handshake();
            _ = _client.Flush();
            _shaken = result == -Errno.EAGAIN;
            return true;
        }
        var before = Got.Count;
        while (Reads && ClientEnd is null)
        {
            var result = _client.Read(_buffer);
            if (result == -Errno.EAGAIN)
                break;
            if (result <= 0)
                ClientEnd = result;
            else
                Got.AddRange(_buffer.AsSpan(0, result));
        }
        return Got.Count > before;
    }
}
