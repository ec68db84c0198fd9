using System.Net;
using Relay.Native.Http3;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Node.Credentials;
using Relay.Node.Http;
using Relay.Node.Io;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http3;

/// <summary>One client's connection: its requests, and the line of tunnels that have datagrams for it.</summary>
internal sealed partial class RelayConnection : Http3Connection, IClientConnection
{
    // TLS alerts (RFC 8446 §6.2) as QUIC's error codes (RFC 9001 §4.8).
    private const ulong BadCertificate = 0x100 + 42;
    private const ulong CertificateRequired = 0x100 + 116;

    private readonly IConnectionHost _host;
    private readonly QuicTimer _quicTimer;
    private readonly IdleTimer _idleTimer;
    private readonly ConnectionDrain _drain;
    private readonly RequestTimer _requestTimer;
    private Session? _session;
    private bool _idledOut;
    private long _highestRequest = -4;
    private HashSet<long>? _overtaken;
    private bool _established;
    private long _lostCounted;

    /// <summary>Accepts a connection.</summary>
    internal RelayConnection(
        Http3Context shared, ServerIdentity identity, IConnectionHost host,
        in InitialPacket initial, in ConnectionId sourceId, in SocketEndpoint local, in SocketEndpoint remote)
        : base(identity.Tls, shared.Parameters, shared.Blocks, initial, sourceId, local, remote, shared.Connections.Loop.Now)
    {
        var context = shared.Connections;
        Http3 = shared;
        Context = context;
        _host = host;
        Source = remote;
        AcceptedAt = context.Loop.Now;
        _quicTimer = new QuicTimer(this);
        _idleTimer = new IdleTimer(context.Loop, context.Timeouts.ClientIdle, OnIdle);
        _drain = new ConnectionDrain(this);
        _requestTimer = new RequestTimer(this);
    }

    /// <summary>What the loop's connections share.</summary>
    internal ConnectionContext Context { get; }

    /// <summary>What those of HTTP/3 share.</summary>
    internal Http3Context Http3 { get; }

    /// <summary>The source addresses of its tunnels.</summary>
    internal EgressSession Egress { get; } = new();

    /// <summary>The connection IDs that lead to it; kept by its host.</summary>
    internal List<ConnectionId> Ids { get; } = new(4);

    /// <summary>Where the client's first packet came from: what limits by source count.</summary>
    internal SocketEndpoint Source { get; }

    /// <inheritdoc/>
    public IPEndPoint Client => Source.ToIPEndPoint();

    /// <inheritdoc/>
    public ulong SourceKey => Io.SourceKey.Of(Source);

    /// <inheritdoc/>
    public ILoop Loop => Context.Loop;

    /// <summary>Whether <see cref="Source"/> is proven to be the client's own; kept by its host.</summary>
    internal bool IsAddressProven { get; set; }

    /// <inheritdoc/>
    public Session Session => _session ??= Context.Sessions.Create(this);

    /// <summary>The connection has ended: so will its session, with the last of its tunnels.</summary>
    internal void EndSession()
    {
        if (_session is not null)
            Context.Sessions.OnConnectionEnded(_session, Context.Loop.Now);
    }

    /// <summary>How the client's side of a tunnel goes away at this moment.</summary>
    internal ClientEnd End => State switch
    {
        QuicState.Handshaking or QuicState.Open => ClientEnd.Stream,
        _ when _idledOut || CloseReason.Kind == CloseKind.Idle => ClientEnd.IdleConnection,
        QuicState.Draining when !IsError(CloseReason) => ClientEnd.ClosedConnection,
        _ => ClientEnd.Connection,
    };

    private static bool IsError(in CloseReason reason) => reason.Kind == CloseKind.Application
        ? Http3ErrorCode.IsError(reason.Code) : reason.Code != QuicTransportError.NoError;

    /// <summary>When its first packet came, on the loop's clock in nanoseconds.</summary>
    internal ulong AcceptedAt { get; }

    /// <summary>Its place among the loop's open connections, or −1; kept by their list.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>Whether it waits for a turn of writing; kept by its host.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>Whether the handshake is complete.</summary>
    internal bool IsEstablished => _established;

    /// <inheritdoc/>
    /// <remarks>Known with the handshake where clients have certificates, else with its first credential.</remarks>
    public SessionIdentity Identity { get; private set; } = SessionIdentity.Anonymous;

    /// <summary>Whether the handshake failed since the client's certificate is missing or not accepted.</summary>
    internal bool RefusedCertificate => CloseReason is
    {
        Kind: CloseKind.Transport, LibraryError: not 0, Code: BadCertificate or CertificateRequired,
    };

    /// <inheritdoc/>
    public int TunnelCount { get; set; }

    /// <summary>Streams below the highest request that have not shown any; they may still do.</summary>
    internal int OvertakenCount => _overtaken?.Count ?? 0;

    /// <summary>Asks for a turn of writing.</summary>
    internal void MarkDirty() => _host.MarkDirty(this);

    /// <summary>An HTTP/3 event, from the client or for it: the connection is not idle.</summary>
    internal void OnActivity() => _idleTimer.Touch();

    /// <summary>A request arrived.</summary>
    internal void OnRequest() => _idleTimer.Touch();

    /// <summary>Decides on a request's credentials.</summary>
    internal AuthenticationResult Authenticate(RequestHeaders headers, IAuthenticationWaiter waiter) =>
        Context.Authenticator.Authenticate(
            headers[RequestField.ProxyAuthorization], headers[RequestField.Authorization],
            SourceKey, waiter);

    /// <summary>Takes the name of an accepted credential for the session's, if it has none yet.</summary>
    /// <returns>False when the session is already known by another credential.</returns>
    internal bool TryIdentify(string? credential)
    {
        if (credential is not null && Identity.Kind == IdentityKind.Anonymous)
        {
            Identity = SessionIdentity.OfCredential(credential);
            if (_session is not null)
                _session.Identity = Identity;
        }
        return credential is null || Identity.Kind == IdentityKind.Certificate || Identity.Name == credential;
    }

    /// <summary>One turn of writing; sets the timer for the next.</summary>
    internal QuicWriteResult WriteTurn(IPacketSink sink, ulong now)
    {
        var result = Write(sink, now);
        // Whatever ended the turn, the quantum or the congestion window: the next one is the next tunnel's.
        RotateLine();
        if (State is QuicState.Handshaking or QuicState.Open)
            Context.Loop.Timers.Set(_quicTimer, Expiry);
        return result;
    }

    /// <summary>Records the path's state, and counts what was lost since the last time.</summary>
    internal void Sample()
    {
        var statistics = Statistics;
        Context.Loop.Counters.PacketsLost += statistics.PacketsLost - _lostCounted;
        _lostCounted = statistics.PacketsLost;
        // Before, both are what every connection begins with.
        if (!_established)
            return;
        Context.Loop.Counters.Rtt.Record(statistics.SmoothedRtt);
        Context.Loop.Histograms.OnPath(statistics.SmoothedRtt, statistics.CongestionWindow);
    }

    /// <summary>Whether a request is not answered, or its tunnel not over.</summary>
    internal bool HasOpenRequests
    {
        get
        {
            foreach (var stream in Streams)
            {
                if (stream is RequestStream { IsOver: false })
                    return true;
            }
            return false;
        }
    }

    /// <summary>A request is refused, or its tunnel or stream is over.</summary>
    internal void OnRequestOver() => _drain.OnRequestOver();

    /// <inheritdoc/>
    public bool IsDraining => _drain.HasBegun;

    /// <summary>Whether a drain that begins now finds nothing to wait for.</summary>
    internal bool IsIdle => _established && !IsDraining && !HasOpenRequests;

    /// <summary>Begins a drain: GOAWAY, and the end once there is no request left.</summary>
    /// <param name="delay">Nanoseconds before which the end does not come.</param>
    internal void Drain(ulong delay)
    {
        // A handshake under way is completed first: then there is somebody to hear why.
        if (_established)
            StartDrain(delay);
    }

    private void StartDrain(ulong delay)
    {
        _drain.Start(delay);
        if (_session is not { IsDraining: false } session)
            return;
        session.IsDraining = true;
        session.Note();
    }

    /// <summary>Closes the connection in order.</summary>
    internal void Shutdown()
    {
        Close(Http3ErrorCode.NoError);
        MarkDirty();
    }

    /// <summary>Ends every tunnel that is left.</summary>
    /// <returns>How many there were.</returns>
    internal int ForceCloseTunnels() => ForceCloseTunnels(static _ => true);

    /// <summary>Ends some of the tunnels that are left.</summary>
    /// <param name="which">Says of each whether it is to end.</param>
    /// <returns>How many there were.</returns>
    internal int ForceCloseTunnels(Func<Tunnel, bool> which)
    {
        var count = 0;
        foreach (var stream in Streams.ToArray())
        {
            if (stream is RequestStream { Tunnel: { State: not TunnelState.Closed } tunnel } && which(tunnel))
            {
                tunnel.ForceClose();
                count++;
            }
        }
        return count;
    }

    void ISessionConnection.End(Session session) => Context.Loop.Post(() =>
    {
        if (!session.IsConnectionOver)
        {
            ForceCloseTunnels();
            Shutdown();
        }
        Context.Tunnels.ForceCloseDetached(tunnel => tunnel.Session == session);
    });

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Context.Loop.Timers.Clear(_quicTimer);
        _idleTimer.Stop();
        _drain.Stop();
        _requestTimer.Stop();
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override Http3Stream CreateStream(long id)
    {
        RecordStream(id);
        return new RequestStream(this, id);
    }

    /// <inheritdoc/>
    protected override void OnRequestAwaited() => _requestTimer.Start();

    /// <summary>Resets the streams whose request has not arrived in time.</summary>
    /// <returns>When the first of the others opened.</returns>
    internal ulong ResetLateRequests(ulong openedBy)
    {
        // RFC 9114 §8.1: the stream "terminated without containing a fully formed request".
        var next = ResetAwaited(openedBy, Http3ErrorCode.RequestIncomplete, out var reset);
        Context.Loop.Counters.RefusedIncomplete += reset;
        if (reset > 0)
            MarkDirty();
        return next;
    }

    /// <inheritdoc/>
    protected override void OnStreamWithoutRequest(long id) => RecordStream(id);

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
    protected override void OnPeerCertificate(ReadOnlySpan<byte> sha256) =>
        Identity = SessionIdentity.OfCertificate(sha256);

    /// <inheritdoc/>
    protected override void OnHandshakeCompleted()
    {
        _established = true;
        KeepAlive();
        _idleTimer.Start();
        _host.OnEstablished(this);
        if (Context.Limits.IsDraining)
            StartDrain(0);
    }

    /// <summary>Ends the connection of a client that sends what only keeps the relay busy (RFC 9114 §10.5).</summary>
    internal void RefuseLoad() => FailConnection(Http3ErrorCode.ExcessiveLoad);

    /// <inheritdoc/>
    protected override void OnSettings()
    {
        if (!PeerTakesDatagrams)
            return;
        // Tunnels that are older than the client's SETTINGS waited for their capsules' turn.
        foreach (var stream in Streams)
            (stream as RequestStream)?.Udp?.OnReadable();
    }

    /// <summary>Whether a packet has come since a moment of the loop's clock.</summary>
    internal bool HasHeardSince(ulong time) => ReceivedAt > time;

    /// <summary>Asks the client for a sign of life after so many nanoseconds without one.</summary>
    internal new void AskForLife(ulong after) => base.AskForLife(after);

    /// <summary>Ends the connection of a client that is not there any more, or asks for nothing.</summary>
    internal void OnIdle()
    {
        _idledOut = true;
        Shutdown();
    }

    private sealed class QuicTimer(RelayConnection connection) : LoopTimer
    {
        internal override void Fire()
        {
            connection.HandleExpiry(connection.Context.Loop.Now);
            connection.MarkDirty();
        }
    }
}
