using System.Security.Cryptography;
using Relay.Load.Loop;
using Relay.Native.Http3;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>
/// A connection to the relay. What callbacks report is queued for the loop, which acts on it between packets.
/// </summary>
internal sealed class ClientConnection : Http3Connection
{
    public const int ConnectionIdLength = 8;

    private readonly ClientLoop _loop;
    private readonly SocketEndpoint _local;
    private readonly RingQueue<UdpTunnelStream> _senders = new();
    private readonly List<TunnelStream> _resumes = [];
    private ClientSocket? _previousSocket;

    private ClientConnection(ClientLoop loop, ClientSocket socket, in ConnectionId id, int index)
        : base(
            loop.Config.Tls, loop.Config.ServerName, loop.Parameters, loop.Blocks, loop.Config.QuicVersion, in id,
            in socket.Socket.Local, in loop.RelayEndpoint, loop.Now)
    {
        _loop = loop;
        _local = socket.Socket.Local;
        Socket = socket;
        Index = index;
        Timer = new ExpiryTimer(this);
        StartedAt = HeardAt = loop.Now;
    }

    public static ClientConnection Start(ClientLoop loop, int index)
    {
        var socket = new ClientSocket(loop, loop.Config.Relay);
        try
        {
            Span<byte> id = stackalloc byte[ConnectionIdLength];
            RandomNumberGenerator.Fill(id);
            var connection = new ClientConnection(loop, socket, new ConnectionId(id), index);
            socket.Attach(connection);
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public int Index { get; }

    public ulong StartedAt { get; }

    public ClientLoop Loop => _loop;

    public ClientSocket Socket { get; private set; }

    /// <summary>The local address as QUIC knows it; <see cref="Rebind"/> changes it unnoticed, as a NAT does.</summary>
    public ref readonly SocketEndpoint LocalEndpoint => ref _local;

    /// <summary>Due when there is something to do without a packet.</summary>
    public HeapTimer Timer { get; }

    /// <summary>Waits in the loop's list of connections to write.</summary>
    public bool Dirty { get; set; }

    /// <summary>Packets that the socket had no room for; nothing is written until they are gone.</summary>
    public SendBatch? Stuck { get; set; }

    public bool HandshakeDone { get; private set; }

    public bool IsEnded { get; private set; }

    /// <summary>The relay has announced its end: what is open runs on, and nothing more is taken (RFC 9114 §5.2).</summary>
    public bool IsGoingAway { get; private set; }

    /// <summary>What ICMP said of the relay when the connection was given up for it; else 0.</summary>
    public int SocketError { get; set; }

    /// <summary>The clock when a packet last arrived.</summary>
    public ulong HeardAt { get; set; }

    public Exception? CallbackException { get; private set; }

    /// <summary>Opens a request stream; false when the relay allows no more, at the moment or at all.</summary>
    public bool TryOpen(
        HeaderBlock headers, Func<ClientConnection, long, TunnelStream> create, out TunnelStream? tunnel)
    {
        tunnel = null;
        if (IsGoingAway || !TryOpenStream(out var id))
            return false;
        tunnel = create(this, id);
        SubmitRequest(tunnel, headers);
        _loop.MarkDirty(this);
        return true;
    }

    /// <summary>Continues from another UDP port, as behind a NAT that forgot its mapping.</summary>
    public void Rebind()
    {
        var socket = new ClientSocket(_loop, _loop.Config.Relay);
        socket.Attach(this);
        _previousSocket?.Dispose();
        _previousSocket = Socket;
        Socket = socket;
    }

    /// <summary>The tunnel has a datagram to send.</summary>
    public void QueueSender(UdpTunnelStream tunnel)
    {
        if (tunnel.SenderQueued)
            return;
        tunnel.SenderQueued = true;
        _senders.Enqueue(tunnel);
        _loop.MarkDirty(this);
    }

    /// <summary>The stream has bytes to send. One call into the library for a batch of them is enough.</summary>
    public void QueueResume(TunnelStream stream)
    {
        if (stream.ResumeQueued)
            return;
        stream.ResumeQueued = true;
        _resumes.Add(stream);
        _loop.MarkDirty(this);
    }

    public void ResumeStreams()
    {
        foreach (var stream in _resumes)
        {
            stream.ResumeQueued = false;
            stream.Resume();
        }
        _resumes.Clear();
    }

    public void Report(TunnelStream tunnel, TunnelEvent what) => _loop.Report(tunnel, what);

    public string DescribeEnd() => EndText.Describe(this);

    protected override void OnHandshakeCompleted() => HandshakeDone = true;

    protected override void OnGoAway() => IsGoingAway = true;

    protected override void OnSettings() => _loop.Report(this, TunnelEvent.ConnectionReady);

    protected override void OnStreamsAvailable() => _loop.Report(this, TunnelEvent.StreamsAvailable);

    protected override void CreateConnectionId(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    protected override Http3Stream CreateStream(long id) =>
        throw new InvalidOperationException("The relay opened a request stream.");

    protected override void OnCallbackException(Exception exception) => CallbackException ??= exception;

    protected override void OnDatagram(ReadOnlySpan<byte> datagram)
    {
        if (HttpDatagram.Read(datagram, out var quarter, out var consumed) != HttpDatagramReadResult.Success)
        {
            FailConnection(Http3ErrorCode.DatagramError);
            return;
        }
        if (FindStream((long)quarter * 4) is UdpTunnelStream tunnel)
            tunnel.OnHttpDatagram(datagram[consumed..], Carrier.Datagram);
    }

    protected override bool TryPeekDatagram(out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> payload)
    {
        while (_senders.Count > 0)
        {
            var tunnel = _senders.Peek();
            if (tunnel.TryPeekDatagram(out prefix, out payload))
                return true;
            _senders.Dequeue();
            tunnel.SenderQueued = false;
        }
        prefix = payload = default;
        return false;
    }

    protected override void AdvanceDatagram(DatagramFate fate)
    {
        // To the back of the queue: tunnels that always have something take turns.
        var tunnel = _senders.Dequeue();
        tunnel.Advance(Carrier.Datagram, fate);
        _senders.Enqueue(tunnel);
    }

    protected override void Dispose(bool disposing)
    {
        IsEnded = true;
        base.Dispose(disposing);
        Socket.Dispose();
        _previousSocket?.Dispose();
    }

    private sealed class ExpiryTimer(ClientConnection connection) : HeapTimer
    {
        public override void OnDue()
        {
            connection.HandleExpiry(connection._loop.Now);
            connection._loop.MarkDirty(connection);
        }
    }
}
