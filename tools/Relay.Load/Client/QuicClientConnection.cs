using System.Security.Cryptography;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>A connection by HTTP/3: its socket, its timer, and the order in which its tunnels send datagrams.</summary>
internal sealed class QuicClientConnection : ClientConnection
{
    public const int ConnectionIdLength = 8;

    private readonly SocketEndpoint _local;
    private readonly Queue<UdpTunnelStream> _senders = new();
    private QuicSocket? _previousSocket;

    private QuicClientConnection(ClientLoop loop, QuicSocket socket, in ConnectionId id, int index) : base(loop, index)
    {
        _local = socket.Socket.Local;
        Socket = socket;
        Timer = new ExpiryTimer(this);
        HeardAt = loop.Now;
        Http = new Http3Link(this, in id, in socket.Socket.Local);
    }

    public static QuicClientConnection Start(ClientLoop loop, int index)
    {
        var socket = new QuicSocket(loop, loop.Config.Relay);
        try
        {
            Span<byte> id = stackalloc byte[ConnectionIdLength];
            RandomNumberGenerator.Fill(id);
            var connection = new QuicClientConnection(loop, socket, new ConnectionId(id), index);
            socket.Attach(connection);
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What it speaks.</summary>
    public Http3Link Http { get; }

    public QuicSocket Socket { get; private set; }

    /// <summary>The local address as QUIC knows it; <see cref="Rebind"/> changes it unnoticed, as a NAT does.</summary>
    public ref readonly SocketEndpoint LocalEndpoint => ref _local;

    /// <summary>Due when there is something to do without a packet.</summary>
    public HeapTimer Timer { get; }

    /// <summary>Packets that the socket had no room for; nothing is written until they are gone.</summary>
    public SendBatch? Stuck { get; set; }

    /// <summary>What ICMP said of the relay when the connection was given up for it; else 0.</summary>
    public int SocketError { get; set; }

    /// <summary>The clock when a packet last arrived.</summary>
    public ulong HeardAt { get; set; }

    public override HttpProtocol Protocol => HttpProtocol.Http3;

    // RFC 9001 §4.2: QUIC has no other.
    public override string TlsVersion => "1.3";

    public override string Alpn => "h3";

    public override ulong RoundTrip => Http.Statistics.SmoothedRtt;

    public override string? WhyNoUdp => Loop.Config.Carrier == Carrier.Capsule || Http.PeerTakesDatagrams
        ? null
        : "the relay announces no HTTP datagrams (SETTINGS_H3_DATAGRAM); try --carrier capsule";

    public override bool TryOpen(
        TunnelRequest request, Func<ClientConnection, TunnelStream> create, out TunnelStream? tunnel)
    {
        tunnel = IsGoingAway ? null : Http.Open(request, create);
        if (tunnel is not null)
            Loop.MarkDirty(this);
        return tunnel is not null;
    }

    public override void Rebind()
    {
        var socket = new QuicSocket(Loop, Loop.Config.Relay);
        socket.Attach(this);
        _previousSocket?.Dispose();
        _previousSocket = Socket;
        Socket = socket;
    }

    public override void QueueSender(UdpTunnelStream tunnel)
    {
        if (tunnel.SenderQueued)
            return;
        tunnel.SenderQueued = true;
        _senders.Enqueue(tunnel);
        Loop.MarkDirty(this);
    }

    public override string DescribeEnd() => EndText.Describe(this);

    public override string DescribeTunnelEnd(ulong code) => EndText.Http3Error(code);

    internal void OnHandshakeCompleted() => HandshakeDone = true;

    internal bool TryPeekDatagram(out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> payload)
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

    internal void AdvanceDatagram(DatagramFate fate)
    {
        // To the back of the queue: tunnels that always have something take turns.
        var tunnel = _senders.Dequeue();
        tunnel.Advance(Carrier.Datagram, fate);
        _senders.Enqueue(tunnel);
    }

    /// <summary>What tunnels have to send since the last turn, for the engine to pull.</summary>
    internal void PrepareWrite() => ResumeTunnels();

    internal override void WriteTurn()
    {
        if (Stuck is null)
            Loop.WritePackets(this);
    }

    internal override void Close() => Http.Close(Http3ErrorCode.NoError);

    internal override void OnFinish() => Loop.EndPackets(this);

    protected override void Release()
    {
        Http.Dispose();
        Socket.Dispose();
        _previousSocket?.Dispose();
    }

    private sealed class ExpiryTimer(QuicClientConnection connection) : HeapTimer
    {
        public override void OnDue()
        {
            connection.Http.HandleExpiry(connection.Loop.Now);
            connection.Loop.MarkDirty(connection);
        }
    }
}
