using System.Security.Cryptography;
using NativeMethods = Relay.Native.Ngtcp2.NativeMethods;
using Relay.Native.Http3;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Native.Tls;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>What a test can set about a client.</summary>
internal sealed record ClientSettings
{
    public uint Version { get; init; } = 1;

    public TlsContext Tls { get; init; } = TestIdentity.Client;

    public PacketProtection Protection { get; init; } = PacketProtection.Library;

    /// <summary>The only cipher that it offers, as GnuTLS calls it; null for all.</summary>
    public string? Cipher { get; init; }

    public string ServerName { get; init; } = TestIdentity.ServerName;

    /// <summary>Announces H3_DATAGRAM and takes DATAGRAM frames.</summary>
    public bool Datagrams { get; init; } = true;

    public long StreamWindow { get; init; } = 256 * 1024;

    public long MaxStreamWindow { get; init; } = 6 * 1024 * 1024;

    public ulong IdleTimeout { get; init; } = Time.Seconds(3600);

    public ulong HandshakeTimeout { get; init; } = Time.Seconds(10);

    /// <summary>Length of its connection IDs, which every packet of the node carries.</summary>
    public int ConnectionIdLength { get; init; } = 12;

    /// <summary>Bytes by which its ClientHello is longer than GnuTLS makes it.</summary>
    public int HelloPadding { get; init; }

    /// <summary>The last byte of its address; null for one of its own.</summary>
    public int? Host { get; init; }

    public PathConditions Path { get; init; } = PathConditions.Good;

    /// <summary>What an earlier connection was given to prove its address with.</summary>
    public ReadOnlyMemory<byte> Token { get; init; }
}

/// <summary>A client that can say anything HTTP/3 lets it, and remembers what it hears.</summary>
internal sealed partial class TestClient : Http3Connection, IActor
{
    private readonly Simulation _simulation;
    private readonly Action<Packet> _send;
    private readonly Queue<Packet> _inbox = new();
    private readonly PacketArena _arena = new();
    private readonly Queue<byte[]> _datagrams = new();
    private readonly Action<Packet> _handOut;
    private bool _closeSent;
    private bool _dirty = true;
    private bool _disposed;

    public TestClient(
        Simulation simulation, ClientSettings settings, SocketEndpoint local, BlockPool blocks, Action<Packet> send)
        : base(
            settings.Tls, settings.ServerName, Parameters(settings), blocks, settings.Version, NewId(settings), local,
            InMemoryNode.Address, simulation.Now)
    {
        _simulation = simulation;
        _send = send;
        _handOut = HandOut;
        Local = local;
        if (settings.Cipher is { } cipher)
            Protections.Offer(NativeMethods.ngtcp2_conn_get_tls_native_handle(Native), cipher);
        if (settings.HelloPadding > 0)
            HelloPadding.Add(NativeMethods.ngtcp2_conn_get_tls_native_handle(Native), settings.HelloPadding);
        simulation.Add(this);
    }

    /// <summary>The address that this client believes to have.</summary>
    public SocketEndpoint Local { get; private set; }

    /// <summary>Whether the handshake is complete on this side.</summary>
    public bool IsEstablished { get; private set; }

    public bool GoAwayReceived { get; private set; }

    /// <summary>The node's token for the next connection; empty before there is one.</summary>
    public byte[] Token { get; private set; } = [];

    /// <summary>DATAGRAM frames for streams that this client does not know.</summary>
    public int StrayDatagrams { get; private set; }

    /// <summary>DATAGRAM frames that did not fit a packet.</summary>
    public int DatagramsTooLarge { get; private set; }

    /// <summary>Whether it still hears and speaks; a client that vanished does not.</summary>
    public bool IsAlive { get; set; } = true;

    public bool IsOver => State is not (QuicState.Handshaking or QuicState.Open);

    public ulong Next => IsAlive && !IsOver ? Expiry : ulong.MaxValue;

    /// <summary>The connection is over, and this is why.</summary>
    public void AssertClosed(ulong code, CloseKind kind = CloseKind.Application) =>
        Assert.Equal((kind, code), (CloseReason.Kind, CloseReason.Code));

    public void Receive(Packet packet)
    {
        if (IsAlive)
            _inbox.Enqueue(packet);
    }

    public bool Turn()
    {
        if (!IsAlive || _disposed)
            return false;
        var busy = _dirty || _inbox.Count > 0;
        while (_inbox.TryDequeue(out var packet))
            _ = Read(Local, packet.From, packet.Ecn, packet.Payload, _simulation.Now);
        if (!IsOver && Expiry <= _simulation.Now)
        {
            HandleExpiry(_simulation.Now);
            busy = true;
        }
        if (!busy)
            return false;
        _dirty = false;
        if (Write(_arena, _simulation.Now) is QuicWriteResult.Quantum)
            _dirty = true;
        if (State == QuicState.Closing && !_closeSent)
            WriteLastPacket();
        _arena.Drain(_handOut);
        return true;
    }

    /// <summary>Wants a turn of writing.</summary>
    public void Wake() => _dirty = true;

    /// <summary>Closes the connection with an application error.</summary>
    public void CloseWith(ulong error)
    {
        Close(error);
        Wake();
    }

    /// <summary>Sends a DATAGRAM frame with exactly these bytes.</summary>
    public void SendFrame(ReadOnlySpan<byte> frame)
    {
        _datagrams.Enqueue(frame.ToArray());
        Wake();
    }

    /// <summary>Sends a DATAGRAM frame: quarter stream ID, context ID, payload.</summary>
    public void SendDatagram(long stream, ReadOnlySpan<byte> payload, ulong context = 0)
    {
        var frame = new byte[HttpDatagram.MaxPrefixLength + payload.Length];
        var prefix = HttpDatagram.WritePrefix(frame, stream, context);
        payload.CopyTo(frame.AsSpan(prefix));
        SendFrame(frame.AsSpan(0, prefix + payload.Length));
    }

    /// <summary>The stream, as long as it is open.</summary>
    public TestStream? Find(long id) => FindStream(id) as TestStream;

    protected override Http3Stream CreateStream(long id) =>
        throw new InvalidOperationException("The relay opened a request stream.");

    protected override void CreateConnectionId(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    protected override void OnHandshakeCompleted() => IsEstablished = true;

    protected override void OnToken(ReadOnlySpan<byte> token) => Token = token.ToArray();

    protected override void OnGoAway() => GoAwayReceived = true;

    protected override void OnCallbackException(Exception exception) =>
        throw new InvalidOperationException("The test's own client failed.", exception);

    protected override void OnDatagram(ReadOnlySpan<byte> datagram)
    {
        Assert.Equal(HttpDatagramReadResult.Success, HttpDatagram.Read(datagram, out var quarter, out var consumed));
        if (Find((long)quarter * 4) is { } stream)
            stream.OnHttpDatagram(datagram[consumed..], inFrame: true);
        else
            StrayDatagrams++;
    }

    protected override bool TryPeekDatagram(out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        prefix = _datagrams.TryPeek(out var frame) ? frame : default(ReadOnlySpan<byte>);
        return frame is not null;
    }

    protected override void AdvanceDatagram(DatagramFate fate)
    {
        _datagrams.Dequeue();
        if (fate == DatagramFate.TooLarge)
            DatagramsTooLarge++;
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }

    private void WriteLastPacket()
    {
        _closeSent = true;
        var length = WriteClose(_arena.Reserve(1200), _simulation.Now, out var local, out var remote);
        if (length > 0)
            _arena.Commit(length, remote, local, 0);
    }

    private void HandOut(Packet packet) => _send(packet);

    private static ConnectionId NewId(ClientSettings settings) =>
        new(RandomNumberGenerator.GetBytes(settings.ConnectionIdLength));

    private static QuicParameters Parameters(ClientSettings settings) => new()
    {
        StaticSecret = RandomNumberGenerator.GetBytes(32),
        InitialStreamWindow = settings.StreamWindow,
        MaxStreamWindow = settings.MaxStreamWindow,
        InitialConnectionWindow = Math.Max(settings.StreamWindow, 512 * 1024),
        MaxDatagramFrame = settings.Datagrams ? 65535 : 0,
        AnnounceDatagrams = settings.Datagrams,
        IdleTimeout = settings.IdleTimeout,
        HandshakeTimeout = settings.HandshakeTimeout,
        Token = settings.Token,
        Protection = settings.Protection,
    };
}
