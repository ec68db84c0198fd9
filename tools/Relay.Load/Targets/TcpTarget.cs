using System.Net;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>Accepts connections and gives each to a handler.</summary>
internal sealed class TcpTarget : IReadiness, IDisposable
{
    private readonly TargetLoop _loop;
    private readonly StreamSocket _listener;
    private readonly Func<TargetLoop, StreamSocket, TcpTargetConnection> _create;

    public TcpTarget(TargetLoop loop, IPEndPoint local, Func<TargetLoop, StreamSocket, TcpTargetConnection> create)
    {
        _loop = loop;
        _create = create;
        _listener = StreamSocket.Listen(local);
        LocalEndPoint = _listener.LocalEndPoint;
        loop.Handlers.Add(_listener.Fd, EpollInterest.In, this);
    }

    public IPEndPoint LocalEndPoint { get; }

    public void OnReady(EpollInterest events)
    {
        // Accept may have made a socket and yet report that an option could not be set.
        while (_listener.Accept(out var accepted) >= 0 || accepted is not null)
        {
            if (accepted is not null)
                _create(_loop, accepted).Start();
        }
    }

    public void Dispose() => _listener.Dispose();
}

/// <summary>One accepted connection.</summary>
internal abstract class TcpTargetConnection(TargetLoop loop, StreamSocket socket) : IReadiness, IDisposable
{
    private ulong _token;
    private bool _closed;

    protected StreamSocket Socket { get; } = socket;

    public void Start() => _token = loop.Handlers.Add(Socket.Fd, EpollInterest.In | EpollInterest.Out, this);

    public void OnReady(EpollInterest events)
    {
        if (!_closed && !Continue())
            Dispose();
    }

    /// <summary>Receives and sends until neither can go on; false when the connection is over.</summary>
    protected abstract bool Continue();

    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        loop.Handlers.Remove(Socket.Fd, _token);
        Socket.Dispose();
        OnClosed();
    }

    protected virtual void OnClosed()
    {
    }
}
