using System.Diagnostics;
using Relay.Native.Linux;
using Relay.Native.Tls;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Http;
using Relay.Node.Io;
using Relay.Node.Options;
using Relay.Node.Server;
using Relay.Node.Streams;
using Relay.Node.Tunnels;
using static Relay.Native.Linux.SocketConstants;

namespace Relay.Node.Tests.Streams;

/// <summary>
/// What accepts TCP connections on a loop whose clock and turns are the test's; sockets and TLS are real, and what is above
/// them is <see cref="FakeProtocol"/>.
/// </summary>
internal sealed class HostWorld : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly List<HostClient> _clients = [];
    private readonly List<StreamListener> _listeners = [];

    /// <summary>Listens nowhere yet.</summary>
    /// <param name="mostHandshakes">That may be under way.</param>
    /// <param name="silence">How clients that vanished are noticed; null: as in a node.</param>
    /// <param name="memory">Bytes of what clients have sent and nobody takes.</param>
    public HostWorld(int mostHandshakes = 1000, ClientSilence? silence = null, long memory = long.MaxValue)
    {
        Memory = new ClientMemory(memory);
        Loop = new EventLoop(0, RelayHistograms.Off)
        {
            WhenDefect = exception => Hear(Defects, exception),
            WhenOutOfMemory = exception => Hear(OutOfMemory, exception),
        };
        var sessions = new SessionRegistry();
        var limits = new TunnelLimits(100, 100, sessions, egress: null);
        var simulation = new Simulation();
        Loop.Now = simulation.Now;
        var context = new ConnectionContext(
            new LoopTunnels(Loop, static _ => { }) { Unanswered = new() }, new FakeConnector(simulation, new FakeLoop(simulation)),
            new ConnectionTimeouts(
                Time.Seconds(600), Time.Seconds(120), new TcpTunnelTimeouts(Time.Seconds(30), Time.Seconds(10)))
            {
                Silence = silence ?? new ClientSilence(),
            })
        {
            Limits = limits,
            Memory = Memory,
            Sessions = sessions,
            Authenticator = new Authenticator(null, new ManualQueue(), TimeProvider.System),
            MaxFieldSection = 1000,
        };
        var state = new ServerState(1, new ServerIdentity(TestIdentity.Server), new ConnectionLimits(1000, 1000))
        {
            Limits = limits,
        };
        Work = new FakeLoop(simulation);
        Connections = new LoopConnections(Loop, 0, state, new TurnShare(Work));
        var shared = new StreamContext(context) { CreateHttp2 = Create, CreateHttp1 = Create };
        Host = new StreamHost(
            Loop, shared, state, Connections, new PendingHandshakes(Loop, mostHandshakes, Time.Seconds(10)), Work);
    }

    public EventLoop Loop { get; }

    /// <summary>What says how long accepting, handshakes and reading take.</summary>
    public FakeLoop Work { get; }

    public StreamHost Host { get; }

    public ClientMemory Memory { get; }

    public LoopConnections Connections { get; }

    /// <summary>Those that are established, in order.</summary>
    public List<FakeProtocol> Protocols { get; } = [];

    /// <summary>Who was given bytes or asked for some in the last turn, and how many; in order.</summary>
    public List<(FakeProtocol Who, int Length)> Done { get; } = [];

    /// <summary>Managed bytes that the turns have allocated.</summary>
    public long Allocated { get; private set; }

    public List<Exception> Defects { get; } = [];

    public List<OutOfMemoryException> OutOfMemory { get; } = [];

    /// <summary>What whoever hears of either throws, as a log line for which there is no memory.</summary>
    public Exception? ReportFault { get; set; }

    /// <summary>Opens one more port.</summary>
    /// <param name="altSvcPort">As <see cref="StreamHost.Listen"/> has it.</param>
    /// <returns>Its number.</returns>
    public int Listen(int? altSvcPort = null)
    {
        var socket = StreamSocket.Listen(new IPEndPoint(IPAddress.Any, 0));
        // More than a turn takes waits in the kernel.
        SocketOption.SetBuffer(socket.Fd, SO_RCVBUFFORCE, SO_RCVBUF, 4 << 20, "SO_RCVBUF");
        _listeners.Add(Host.Listen(socket, altSvcPort));
        return socket.LocalEndPoint.Port;
    }

    /// <summary>A client that has connected.</summary>
    /// <param name="port">To where.</param>
    /// <param name="from">Its address.</param>
    public HostClient Connect(int port, string from = "127.0.0.1")
    {
        var client = new HostClient(new IPEndPoint(IPAddress.Loopback, port), IPAddress.Parse(from));
        _clients.Add(client);
        return client;
    }

    /// <summary>Clients of one new port whose handshake is complete.</summary>
    public HostClient[] Establish(int count)
    {
        var port = Listen();
        HostClient[] clients = [.. Enumerable.Range(0, count).Select(_ => Connect(port))];
        Until(() => clients.Count(static client => client.Handshake()) == count);
        Until(() => Connections.Open.All(static one => one.IsEstablished));
        // TLS's tickets are out of the way.
        for (var i = 0; i < 3; i++)
            Turn();
        Done.Clear();
        return clients;
    }

    /// <summary>One turn of reading and of writing; every socket is said to be ready.</summary>
    public void Turn()
    {
        Done.Clear();
        Work.RunReady();
        var open = Connections.Open.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var listener in _listeners)
            listener.OnReady(EpollInterest.In);
        foreach (var connection in open)
            ((StreamConnection)connection.Carrier).OnReady(EpollInterest.In | EpollInterest.Out);
        Host.Receive();
        Loop.Timers.Fire(Loop.Now);
        Host.Write();
        Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Has turns until it is so.</summary>
    public void Until(Func<bool> holds)
    {
        for (var began = Stopwatch.GetTimestamp(); !holds(); Thread.Yield())
        {
            Turn();
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "in vain");
        }
    }

    /// <summary>Time goes on.</summary>
    public void Advance(double seconds)
    {
        Loop.Now += Time.Seconds(seconds);
        Turn();
    }

    public void Dispose()
    {
        foreach (var connection in Connections.Open.ToArray())
            connection.Carrier.Dispose();
        Host.Dispose();
        _clients.ForEach(static client => client.Dispose());
        Loop.Dispose();
    }

    private void Hear<T>(List<T> heard, T exception)
    {
        heard.Add(exception);
        if (ReportFault is not null)
            throw ReportFault;
    }

    private FakeProtocol Create(ClientConnection client, IByteStream stream)
    {
        var protocol = new FakeProtocol(client, stream, Done);
        Protocols.Add(protocol);
        return protocol;
    }
}

/// <summary>A client of TLS over TCP, by hand.</summary>
internal sealed class HostClient : IDisposable
{
    private readonly byte[] _buffer = new byte[TlsStream.MaxRecord];
    private readonly TlsStream _tls;

    public HostClient(IPEndPoint server, IPAddress from)
    {
        var socket = StreamSocket.Create(server, new StreamSocketOptions { Local = new IPEndPoint(from, 0) });
        _ = socket.Connect();
        _tls = new TlsStream(TestIdentity.Client, socket, new TlsBuffers(), [], TestIdentity.ServerName);
    }

    /// <summary>Its own address, by which the relay knows it.</summary>
    public IPEndPoint Address => _tls.Socket.LocalEndPoint;

    /// <summary>Bytes that it has read.</summary>
    public long Got { get; private set; }

    /// <summary>How its reading ended: 0 in order, else -errno; null where it goes on.</summary>
    public int? End { get; private set; }

    /// <summary>Goes on with the handshake.</summary>
    /// <returns>Whether it is complete.</returns>
    public bool Handshake()
    {
        var result = _tls.Handshake();
        _ = _tls.Flush();
        return result == 0;
    }

    /// <summary>Sends so many bytes, as far as the kernel takes them.</summary>
    public void Send(int length)
    {
        for (; length > 0 && _tls.Flush() == 0; length -= _buffer.Length)
            Assert.Equal(0, _tls.Write(_buffer.AsSpan(0, Math.Min(length, _buffer.Length))));
        _ = _tls.Flush();
    }

    /// <summary>Reads what is there.</summary>
    /// <returns>Whether that was the end.</returns>
    public bool Read()
    {
        while (End is null)
        {
            var result = _tls.Read(_buffer);
            if (result == -Errno.EAGAIN)
                break;
            if (result <= 0)
                End = result;
            else
                Got += result;
        }
        return End is not null;
    }

    /// <summary>What its socket says, beneath TLS: bytes, 0 for the end, -errno.</summary>
    public int ReadSocket() => _tls.Socket.Receive(_buffer);

    public void Dispose() => _tls.Dispose();
}
