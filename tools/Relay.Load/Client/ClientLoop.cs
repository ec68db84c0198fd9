using Relay.Load.Loop;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>
/// The one thread of the client: wait, read what arrived, run timers, let the workload act, write every connection that
/// has something to say.
/// </summary>
internal sealed partial class ClientLoop : IDisposable
{
    private const ulong TickInterval = 10_000_000;

    private readonly Workload _workload;
    private readonly SocketEndpoint _relay;
    private readonly Queue<(object Source, TunnelEvent What)> _events = new(64);
    private readonly HashSet<ClientConnection> _connections = [];
    private volatile bool _interrupted;
    private TcpBuffers? _tcp;
    private int _started;

    public ClientLoop(ClientConfig config, Workload workload)
    {
        Config = config;
        Parameters = config.ToParameters();
        _relay = new SocketEndpoint(config.Relay);
        _receive = new DatagramBatch(config.Profile == ClientProfile.Plain ? 1 : BatchedReceive);
        _send = NewBatch();
        _workload = workload;
        workload.Attach(this);
    }

    public ClientConfig Config { get; }

    public QuicParameters Parameters { get; }

    public ref readonly SocketEndpoint RelayEndpoint => ref _relay;

    public HandlerTable Handlers { get; } = new();

    public BlockPool Blocks { get; } = new();

    public TcpBuffers Tcp => _tcp ??= new TcpBuffers();

    public TimerHeap Timers { get; } = new();

    /// <summary>The monotonic clock as of this phase of the loop, in nanoseconds.</summary>
    public ulong Now { get; private set; } = Clock.Now;

    /// <summary>The end of the run from another thread.</summary>
    public void Interrupt()
    {
        _interrupted = true;
        Handlers.Wake();
    }

    /// <summary>Wakes the loop from another thread, so that the workload gets a turn.</summary>
    public void Wake() => Handlers.Wake();

    /// <summary>Starts a connection.</summary>
    public ClientConnection Connect() => Connect(Config.Protocol);

    /// <summary>Starts a connection of another version than the run's.</summary>
    public ClientConnection Connect(HttpProtocol protocol)
    {
        ClientConnection connection = protocol switch
        {
            HttpProtocol.Http3 => QuicClientConnection.Start(this, _started),
            HttpProtocol.Http2 => new Http2Connection(this, _started),
            _ => new Http1Connection(this, _started),
        };
        _started++;
        _connections.Add(connection);
        MarkDirty(connection);
        return connection;
    }

    /// <summary>Starts a connection for one tunnel; null where the system has no more.</summary>
    public ClientConnection? TryConnect()
    {
        try
        {
            return Connect();
        }
        catch (SocketSystemException e)
        {
            Console.Error.WriteLine($"relay-load: {e.Message}");
            return null;
        }
    }

    /// <summary>Ends a connection in order, without telling the workload.</summary>
    public void Close(ClientConnection connection)
    {
        if (connection.IsEnded)
            return;
        connection.Close();
        Finish(connection, tell: false);
    }

    public void Report(object source, TunnelEvent what) => _events.Enqueue((source, what));

    /// <summary>Runs the workload to its end.</summary>
    public void Run()
    {
        _workload.OnStart();
        var nextTick = Clock.Now;
        while (!_workload.IsFinished)
        {
            Handlers.WaitAndDispatch(Timeout(nextTick));
            Now = Clock.Now;
            ReadTurns();
            Timers.Fire(Now);
            DispatchEvents();
            _workload.OnTurn();
            if (_interrupted)
            {
                _interrupted = false;
                _workload.OnInterrupt();
            }
            if (Now >= nextTick)
            {
                nextTick = Now + TickInterval;
                _workload.OnTick();
            }
            Now = Clock.Now;
            WriteTurns();
        }

        foreach (var connection in _connections.ToArray())
            Close(connection);
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        _connections.Clear();
        Handlers.Dispose();
        Blocks.Dispose();
    }

    private long Timeout(ulong nextTick)
    {
        if (_dirty.Count > 0 || _readable.Count > 0 || _events.Count > 0 || _workload.IsFinished)
            return 0;
        var due = Math.Min(nextTick, Timers.Next);
        var now = Clock.Now;
        return due > now ? (long)(due - now) : 0;
    }

    private void DispatchEvents()
    {
        while (_events.Count > 0)
        {
            var (source, what) = _events.Dequeue();
            switch (what)
            {
                case TunnelEvent.ConnectionReady when source is ClientConnection { IsEnded: false } ready:
                    _workload.OnConnectionReady(ready);
                    break;
                case TunnelEvent.StreamsAvailable when source is ClientConnection { IsEnded: false } more:
                    _workload.OnStreamsAvailable(more);
                    break;
                case TunnelEvent.Opened:
                    _workload.OnTunnelOpened((TunnelStream)source);
                    break;
                case TunnelEvent.Refused:
                    _workload.OnTunnelRefused((TunnelStream)source);
                    break;
                case TunnelEvent.Closed:
                    _workload.OnTunnelClosed((TunnelStream)source);
                    break;
            }
        }
    }
}
