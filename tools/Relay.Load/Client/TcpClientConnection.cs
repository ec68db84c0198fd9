using Relay.Native.Linux;
using Relay.Native.Tls;

namespace Relay.Load.Client;

/// <summary>A connection over TLS and TCP, up to the version of HTTP that is spoken over it.</summary>
internal abstract partial class TcpClientConnection : ClientConnection, IReader, IReadiness
{
    private const ulong HandshakeTimeout = 10_000_000_000;

    private static readonly StreamSocketOptions Options = new() { KeepAlive = new KeepAlive(30, 10, 3) };

    private readonly HeapTimer _handshakeTimer;
    private readonly ulong _token;
    private StreamSocket? _socket;
    private TlsStream? _tls;

    protected TcpClientConnection(ClientLoop loop, int index) : base(loop, index)
    {
        _handshakeTimer = new HandshakeTimer(this);
        _socket = StreamSocket.Create(loop.Config.Relay, Options);
        try
        {
            _token = loop.Handlers.Add(
                _socket.Fd, EpollInterest.In | EpollInterest.Out | EpollInterest.RdHup, this);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
        var result = _socket.Connect();
        if (result is not (0 or -Errno.EINPROGRESS))
            Fail(-result);
        loop.Timers.Set(_handshakeTimer, loop.Now + HandshakeTimeout);
    }

    /// <inheritdoc/>
    public bool Queued { get; set; }

    public override string TlsVersion => _tls is null ? "" : _tls.Version;

    public override ulong RoundTrip => _tls is null ? 0 : _tls.Socket.GetPath().SmoothedRtt;

    public override string DescribeEnd()
    {
        var why = _reason ?? Outcome ?? (_failure != 0 ? Errno.Describe(_failure)
            : _relayEnded ? "the relay closed the connection" : "closed by this side");
        return HandshakeDone ? why : _tls is null ? $"the relay is not reachable: {why}" : $"handshake failed: {why}";
    }

    /// <summary>Whether it takes bytes at the moment. Where not, they stay in the kernel, which stops the relay.</summary>
    protected virtual bool TakesBytes => true;

    /// <summary>Whether it will never write again once <see cref="Write"/> has nothing left.</summary>
    protected abstract bool HasEnded { get; }

    /// <summary>Whether nothing that the relay could still send is of interest.</summary>
    protected virtual bool IsOver => false;

    /// <summary>Whether the relay chose this application protocol.</summary>
    protected bool HasNegotiated(ReadOnlySpan<byte> name) => _tls is not null && _tls.HasProtocol(name);

    /// <summary>How it ended as the version of HTTP has it, in words; null where that says nothing.</summary>
    protected virtual string? Outcome => null;

    /// <summary>TLS is up.</summary>
    protected abstract void OnEstablished();

    /// <summary>Bytes arrived; valid during the call.</summary>
    protected abstract void Receive(ReadOnlySpan<byte> data);

    /// <summary>The relay will send no more, and said so.</summary>
    protected abstract void ReceiveEnd();

    /// <summary>Gives bytes to send.</summary>
    /// <param name="destination">64 KiB.</param>
    /// <returns>Bytes written; 0 for none at the moment, and <see cref="ClientLoop.MarkDirty"/> follows.</returns>
    protected abstract int Write(Span<byte> destination);

    /// <summary>What was opened is closed.</summary>
    protected abstract void CloseTunnels(ulong code);

    /// <inheritdoc/>
    public void OnReady(EpollInterest events)
    {
        const EpollInterest Readable =
            EpollInterest.In | EpollInterest.RdHup | EpollInterest.HangUp | EpollInterest.Error;
        if (_tls is null && !OnConnected())
            return;
        if ((events & Readable) != 0)
            Loop.QueueRead(this);
        if ((events & EpollInterest.Out) == 0 || !_blocked)
            return;
        _blocked = false;
        Loop.MarkDirty(this);
    }

    internal override void OnFinish() => Loop.Timers.Clear(_handshakeTimer);

    protected override void Release()
    {
        CloseTunnels((ulong)_failure);
        if (_socket is null)
            return;
        Loop.Handlers.Remove(_socket.Fd, _token);
        _tls?.Detach();
        if (_aborts)
            _socket.Abort();
        else
            _socket.Dispose();
        _socket = null;
    }

    private bool OnConnected()
    {
        if (_failure != 0)
            return false;
        var error = _socket!.GetPendingError();
        if (error != 0)
        {
            Fail(error);
            return false;
        }
        _tls = new TlsStream(Loop.Config.Tls, _socket, Loop.Tcp.Tls, [Alpn], Loop.Config.ServerName);
        Loop.QueueRead(this);
        return true;
    }

    private sealed class HandshakeTimer(TcpClientConnection connection) : HeapTimer
    {
        public override void OnDue() => connection.Fail(Errno.ETIMEDOUT, "no handshake in time");
    }
}
