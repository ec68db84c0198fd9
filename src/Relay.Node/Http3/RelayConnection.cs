using System.Net;
using Relay.Native.Http3;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Node.Http;
using Relay.Node.Io;
using Relay.Node.Streams;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http3;

/// <summary>
/// A client's connection as HTTP/3: carries its requests, and has the line of tunnels with datagrams for it.
/// </summary>
internal sealed partial class RelayConnection : Http3Connection, IConnectionCarrier
{
    // TLS alerts (RFC 8446 §6.2) as QUIC's error codes (RFC 9001 §4.8).
    private const ulong BadCertificate = 0x100 + 42;
    private const ulong CertificateRequired = 0x100 + 116;

    private readonly IConnectionHost _host;
    private readonly QuicTimer _quicTimer;
    private readonly Dictionary<long, ClientControlStream> _clientStreams = new(3);
    private long _highestRequest = -4;
    private HashSet<long>? _overtaken;
    private long _lostCounted;
    private bool _hasEnded;

    /// <summary>Accepts a connection.</summary>
    internal RelayConnection(
        Http3Context shared, ServerIdentity identity, IConnectionHost host,
        in InitialPacket initial, in ConnectionId sourceId, in SocketEndpoint local, in SocketEndpoint remote)
        : base(
            identity.Tls, shared.Parameters, shared.Blocks, initial, sourceId, local, remote,
            shared.Context.Loop.Now)
    {
        Http3 = shared;
        _host = host;
        Source = remote;
        _resets = FrameBudget.Of(shared.ResetsPerSecond, shared.Parameters.MaxBidirectionalStreams);
        _quicTimer = new QuicTimer(this);
        Client = new ClientConnection(shared.Context, this);
    }

    /// <summary>What the loop's HTTP/3 connections share.</summary>
    internal Http3Context Http3 { get; }

    /// <summary>The connection as everything above its transport sees it.</summary>
    internal ClientConnection Client { get; }

    /// <summary>The connection IDs that lead to it; kept by its host.</summary>
    internal List<ConnectionId> Ids { get; } = new(4);

    /// <summary>Where the client's first packet came from: what limits by source count.</summary>
    internal SocketEndpoint Source { get; }

    /// <summary>Whether it waits for a turn of writing; kept by its host.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>Bytes of its handshake that wait for a turn; kept by its host.</summary>
    internal int WaitingBytes { get; set; }

    /// <inheritdoc/>
    public HttpProtocol Protocol => HttpProtocol.Http3;

    /// <inheritdoc/>
    public IPEndPoint ClientEndPoint => Source.ToIPEndPoint();

    /// <inheritdoc/>
    public ulong SourceKey => Io.SourceKey.Of(Source);

    /// <inheritdoc/>
    public ClientEnd End => State switch
    {
        QuicState.Handshaking or QuicState.Open => ClientEnd.Stream,
        _ when CloseReason.Kind == CloseKind.Idle => ClientEnd.IdleConnection,
        QuicState.Draining when !IsError(CloseReason) => ClientEnd.ClosedConnection,
        _ => ClientEnd.Connection,
    };

    /// <inheritdoc/>
    public CloseFacts CloseFacts => new(CloseReason.Kind.ToString(), CloseReason.Code, CloseReason.LibraryError);

    private static bool IsError(in CloseReason reason) => reason.Kind == CloseKind.Application
        ? Http3ErrorCode.IsError(reason.Code) : reason.Code != QuicTransportError.NoError;

    /// <inheritdoc/>
    public bool RefusedCertificate => CloseReason is
    {
        Kind: CloseKind.Transport, LibraryError: not 0, Code: BadCertificate or CertificateRequired,
    };

    /// <summary>Streams below the highest request that have not shown any; they may still do.</summary>
    internal int OvertakenCount => _overtaken?.Count ?? 0;

    /// <summary>Asks for a turn of writing.</summary>
    internal void MarkDirty() => _host.MarkDirty(this);

    /// <summary>One turn of writing; sets the timer for the next.</summary>
    internal QuicWriteResult WriteTurn(IPacketSink sink, ulong now)
    {
        _begun = 0;
        var result = Write(sink, now);
        // Whatever ended the turn, the quantum or the congestion window: the next one is the next tunnel's.
        RotateLine();
        // Also what went away: targets have taken something, or a stream is over.
        Weigh(0);
        if (State is QuicState.Handshaking or QuicState.Open)
            Loop.Timers.Set(_quicTimer, Expiry);
        return result;
    }

    /// <summary>Its turn of writing comes with what its targets answer, and at the latest when its patience is over.</summary>
    internal void Wait()
    {
        var due = Loop.Now + Patience;
        if (_quicTimer.IsLaterThan(due))
            Loop.Timers.Set(_quicTimer, due);
    }

    /// <inheritdoc/>
    public void Sample()
    {
        var statistics = Statistics;
        Loop.Counters.PacketsLost += statistics.PacketsLost - _lostCounted;
        _lostCounted = statistics.PacketsLost;
        // Before, both are what every connection begins with.
        if (!Client.IsEstablished)
            return;
        Loop.Counters.Rtt.Record(statistics.SmoothedRtt);
        Loop.Histograms.OnPath(statistics.SmoothedRtt, statistics.CongestionWindow);
    }

    /// <inheritdoc/>
    public bool HasHeardSince(ulong time) => ReceivedAt > time || IsHolding;

    /// <inheritdoc/>
    public new void AskForLife(ulong after)
    {
        base.AskForLife(after);
        MarkDirty();
    }

    void IConnectionCarrier.AnnounceShutdown()
    {
        AnnounceShutdown();
        MarkDirty();
    }

    void IConnectionCarrier.RefuseRequests()
    {
        RefuseRequests();
        MarkDirty();
    }

    /// <inheritdoc/>
    public void Shutdown()
    {
        Close(Http3ErrorCode.NoError);
        MarkDirty();
    }

    /// <inheritdoc/>
    public void Break()
    {
        Close(Http3ErrorCode.InternalError);
        MarkDirty();
    }

    /// <summary>It has ended: nothing that waits for it is of any use. True the first time.</summary>
    internal bool TryBeginEnd()
    {
        if (_hasEnded)
            return false;
        _hasEnded = true;
        Loop.Timers.Clear(_quicTimer);
        DropHeld();
        return true;
    }

    // RFC 9114 §10.5.
    /// <inheritdoc/>
    public void RefuseLoad() => FailConnection(Http3ErrorCode.ExcessiveLoad);

    /// <inheritdoc/>
    public ulong ResetLateRequests(ulong openedBy, out int reset)
    {
        // What is missing may be in what waits for its turn.
        if (IsHolding)
        {
            reset = 0;
            return Loop.Now;
        }
        // RFC 9114 §8.1: the stream "terminated without containing a fully formed request".
        var next = ResetAwaited(openedBy, Http3ErrorCode.RequestIncomplete, out reset);
        if (reset > 0)
            MarkDirty();
        return next;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Loop.Timers.Clear(_quicTimer);
        DropHeld();
        base.Dispose(disposing);
        // Last: the end of a stream may have set a timer.
        Client.Stop();
    }

    /// <inheritdoc/>
    protected override Http3Stream CreateStream(long id)
    {
        RecordStream(id);
        return new RequestStream(this, id);
    }

    /// <inheritdoc/>
    protected override void OnRequestAwaited() => Client.OnRequestAwaited();

    /// <inheritdoc/>
    protected override void OnCreditWithheld() => Loop.Counters.CreditWithheld++;

    // As many as a client may open: there is no credit for more.
    /// <inheritdoc/>
    protected override ulong? FindFault(long stream, ReadOnlySpan<byte> data)
    {
        if (!_clientStreams.TryGetValue(stream, out var reader))
            _clientStreams.Add(stream, reader = new ClientControlStream());
        return reader.Read(data);
    }

    /// <inheritdoc/>
    protected override void OnFieldTooLarge() => Loop.Counters.RefusedTooLarge++;

    /// <inheritdoc/>
    protected override void OnHeldBack() => Loop.Counters.HeldBack++;

    /// <inheritdoc/>
    protected override void OnStreamWithoutRequest(long id)
    {
        RecordStream(id);
        Charge(1);
    }

    private void RecordStream(long id)
    {
        for (var skipped = _highestRequest + 4; skipped < id; skipped += 4)
            (_overtaken ??= []).Add(skipped);
        _overtaken?.Remove(id);
        _highestRequest = Math.Max(_highestRequest, id);
    }

    /// <inheritdoc/>
    protected override void CreateConnectionId(Span<byte> destination) => _host.CreateId(destination);

    /// <inheritdoc/>
    protected override void OnConnectionIdIssued(in ConnectionId id) => _host.AddId(id, this);

    /// <inheritdoc/>
    protected override void OnConnectionIdRetired(in ConnectionId id) => _host.RemoveId(id);

    /// <inheritdoc/>
    protected override void OnCallbackException(Exception exception) => _host.OnDefect(exception);

    /// <inheritdoc/>
    protected override void OnPeerCertificate(byte[] certificate) => Client.OnCertificate(certificate);

    /// <inheritdoc/>
    protected override void OnHandshakeCompleted()
    {
        KeepAlive();
        _host.OnEstablished(this);
        Client.OnEstablished();
    }

    /// <inheritdoc/>
    protected override void OnSettings()
    {
        if (!PeerTakesDatagrams)
            return;
        // Tunnels that are older than the client's SETTINGS waited for their capsules' turn.
        foreach (var stream in Streams)
            (stream as RequestStream)?.Request.Udp?.OnReadable();
    }

    private ILoop Loop => Client.Loop;

    private sealed class QuicTimer(RelayConnection connection) : LoopTimer
    {
        public override ITurnOwner? Owner => connection.Client;

        internal override void Fire()
        {
            connection.HandleExpiry(connection.Loop.Now);
            connection.MarkDirty();
        }
    }
}
