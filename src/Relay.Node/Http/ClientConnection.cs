using Relay.Node.Credentials;
using Relay.Node.Io;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;

namespace Relay.Node.Http;

/// <summary>
/// One client's connection as sessions, limits and drains see it, whatever carries its requests. Belongs to one loop.
/// </summary>
internal sealed class ClientConnection : ISessionConnection
{
    /// <summary>Streams of which all is said and that a client may leave open; of others it is asked to end its side.</summary>
    internal const int MaxLeft = 256;

    private readonly IdleTimer _idleTimer;
    private readonly ConnectionDrain _drain;
    private readonly RequestTimer _requestTimer;
    private readonly List<ClientRequest> _requests = [];
    private Session? _session;
    private long _memory;
    private bool _memoryIsProven;
    private string? _user;
    private bool _idledOut;
    private int _left;

    /// <summary>A connection was accepted.</summary>
    /// <param name="context">What the loop's connections share.</param>
    /// <param name="carrier">What carries its requests.</param>
    internal ClientConnection(ConnectionContext context, IConnectionCarrier carrier)
    {
        Context = context;
        Carrier = carrier;
        AcceptedAt = context.Loop.Now;
        Source = carrier.SourceKey;
        Egress = new EgressSession { Client = Source };
        _idleTimer = new IdleTimer(this, context.Loop, context.Timeouts.ClientIdle, OnIdle);
        _drain = new ConnectionDrain(this);
        _requestTimer = new RequestTimer(this);
    }

    /// <summary>What the loop's connections share.</summary>
    internal ConnectionContext Context { get; }

    /// <summary>What carries its requests.</summary>
    internal IConnectionCarrier Carrier { get; }

    /// <summary>Whom limits by source count it for; of <see cref="SourceKey"/>.</summary>
    internal ulong Source { get; }

    /// <summary>The loop that it belongs to.</summary>
    internal ILoop Loop => Context.Loop;

    /// <summary>The source addresses of its tunnels.</summary>
    internal EgressSession Egress { get; }

    /// <summary>When it was accepted, on the loop's clock in nanoseconds.</summary>
    internal ulong AcceptedAt { get; }

    /// <summary>Whether its source is proven to be the client's own; kept by who accepts connections.</summary>
    internal bool IsAddressProven { get; set; }

    /// <summary>Its place among the loop's open connections, or −1; kept by their list.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>Whether the handshake is complete.</summary>
    internal bool IsEstablished { get; private set; }

    /// <summary>
    /// Whose it is: known with the handshake where clients have certificates, else with its first credential.
    /// </summary>
    internal SessionIdentity Identity { get; private set; } = SessionIdentity.Anonymous;

    /// <summary>What its tunnels have in common; made when it is first asked for.</summary>
    internal Session Session => _session ??= Context.Sessions.Create(this);

    /// <summary>Bytes that its tunnels keep beside those that they count: of datagrams, and of blocks that are not full.</summary>
    internal long HeldByTunnels => _session is { } session ? session.Held + session.Unfilled : 0;

    /// <summary>
    /// Whether it is to have nothing new: where its source has too much, and itself a part of that. Who is behind the same address and
    /// holds nothing does not notice.
    /// </summary>
    internal bool HasTooMuch => _memory > 0 && Context.Memory.IsTooMuch(Source);

    /// <summary>Whether it is to hold no more of what its client sends, until some of it is taken.</summary>
    internal bool IsFull => _memory > 0 && Context.Memory.IsFullFor(Source, _memory);

    /// <summary>The same of a part of what it holds; the rest is bounded otherwise.</summary>
    /// <param name="held">In bytes.</param>
    internal bool IsFullWith(long held) => _memory > 0 && Context.Memory.IsFullFor(Source, BeyondItsOwn(held));

    /// <summary>Whether its tunnels are not to outlive it, with what its client has sent: of who has more than others.</summary>
    internal bool LeavesTooMuch => BeyondItsOwn(Carrier.Unconsumed) is var own and > 0
        && (Context.Memory.IsGreedy(Source, own) || Context.Memory.IsUsedUpBy(Source));

    private long BeyondItsOwn(long held) => held + HeldByTunnels - ClientMemory.OfConnection;

    /// <summary>Streams with a tunnel, open or on its way.</summary>
    internal int TunnelCount { get; set; }

    /// <summary>Until when, on the loop's clock, it counts as one that asks; kept by <see cref="RequestTurns"/>.</summary>
    internal ulong AsksUntil { get; set; }

    /// <summary>Whether the client was told to go elsewhere.</summary>
    internal bool IsDraining => _drain.HasBegun;

    /// <summary>Whether a drain that begins now finds nothing to wait for.</summary>
    internal bool IsIdle => IsEstablished && !IsDraining && !HasOpenRequests;

    /// <summary>How the client's side of a tunnel goes away at this moment.</summary>
    internal ClientEnd End => Carrier.End is var end && end != ClientEnd.Stream && _idledOut
        ? ClientEnd.IdleConnection : end;

    /// <summary>Whether a request is not answered, or its tunnel not over.</summary>
    internal bool HasOpenRequests => _requests.Exists(static request => !request.IsOver);

    /// <summary>What is held of what its client has sent, in bytes; once it is over, by the tunnels that go on.</summary>
    internal void CountMemory(long bytes)
    {
        var isOver = Slot < 0;
        // What no tunnel is left to give back, as after a defect at the end of one, is held by nobody.
        bytes = isOver && _session is not { DetachedTunnels: > 0 } ? 0
            : Math.Max(0, bytes + HeldByTunnels - (isOver ? 0 : ClientMemory.OfConnection));
        // Not for each packet.
        if (Math.Abs(bytes - _memory) < (isOver || bytes == 0 ? 1 : ClientMemory.OfConnection / 4)
            && _memoryIsProven == IsAddressProven)
            return;
        var (memory, source) = (Context.Memory, Source);
        memory.Change(_memoryIsProven ? source : null, -_memory);
        // What comes next may fail for want of memory.
        _memory = 0;
        _memoryIsProven = IsAddressProven;
        memory.Change(_memoryIsProven ? source : null, bytes);
        _memory = bytes;
    }

    /// <summary>A tunnel has passed on something, which may have outlived the connection.</summary>
    internal void OnConsumed()
    {
        if (Slot < 0)
            CountMemory(Carrier.Unconsumed);
    }

    /// <summary>The handshake proved the client's certificate.</summary>
    /// <param name="certificate">Its DER form.</param>
    internal void OnCertificate(byte[] certificate) => Identity = Context.NamesOfCertificates.IdentityOf(certificate);

    /// <summary>The handshake is complete.</summary>
    internal void OnEstablished()
    {
        IsEstablished = true;
        _idleTimer.Start();
        if (Context.Limits.IsDraining)
            StartDrain(0);
    }

    /// <summary>Takes the name of what was accepted for the session's, if it has none yet.</summary>
    /// <returns>
    /// False when the session is already known by another name, by the same of another kind, or is another user's.
    /// </returns>
    internal bool TryIdentify(in AuthenticationResult accepted)
    {
        if (accepted.Name is not { } name)
            return true;
        var kind = accepted.UserSecret is not null ? IdentityKind.User
            : accepted.IsIssued ? IdentityKind.Jwt : IdentityKind.Credential;
        if (Identity.Kind == IdentityKind.Anonymous)
        {
            Identity = new SessionIdentity(kind, name);
            if (_session is not null)
                _session.Identity = Identity;
        }
        if (Identity.Kind != IdentityKind.Certificate && (Identity.Kind != kind || Identity.Name != name))
            return false;
        if (accepted.UserSecret is not { } secret)
            return true;
        // Also where a certificate names it: what ends with one user must be nobody else's.
        if ((_user ??= name) != name)
            return false;
        Session.Show(secret);
        return true;
    }

    /// <summary>An HTTP event, from the client or for it: the connection is not idle.</summary>
    internal void OnActivity() => _idleTimer.Touch();

    /// <summary>A stream opened whose request has not arrived.</summary>
    internal void OnRequestAwaited() => _requestTimer.Start();

    /// <summary>A request begins.</summary>
    internal void Add(ClientRequest request)
    {
        _requests.Add(request);
        request.Slot = _requests.Count - 1;
    }

    /// <summary>A request's stream is gone; the last request takes its place.</summary>
    internal void Remove(ClientRequest request)
    {
        var last = _requests[^1];
        _requests.RemoveAt(_requests.Count - 1);
        if (last == request)
            return;
        _requests[request.Slot] = last;
        last.Slot = request.Slot;
    }

    /// <summary>Of one more stream all is said, and its client has yet to end it.</summary>
    /// <returns>Whether it may leave it open.</returns>
    internal bool MayLeaveOpen() => ++_left <= MaxLeft;

    /// <summary>Such a stream has closed.</summary>
    internal void OnLeftClosed() => _left--;

    /// <summary>A request is refused, or its tunnel or stream is over.</summary>
    internal void OnRequestOver() => _drain.OnRequestOver();

    /// <summary>Begins a drain: GOAWAY, and the end once there is no request left.</summary>
    /// <param name="delay">Nanoseconds before which the end does not come.</param>
    internal void Drain(ulong delay)
    {
        // A handshake under way is completed first: then there is somebody to hear why.
        if (IsEstablished)
            StartDrain(delay);
    }

    /// <summary>Ends every tunnel that is left.</summary>
    /// <returns>How many there were.</returns>
    internal int ForceCloseTunnels() => ForceCloseTunnels(0, static (_, _) => true);

    /// <summary>Ends some of the tunnels that are left. Needs no memory of its own.</summary>
    /// <param name="of">What <paramref name="which"/> is given beside.</param>
    /// <param name="which">Says of each whether it is to end.</param>
    /// <returns>How many there were.</returns>
    internal int ForceCloseTunnels<T>(T of, Func<Tunnel, T, bool> which)
    {
        var count = 0;
        // From the end: where one goes at once, whoever takes its place has been looked at.
        for (var i = _requests.Count - 1; i >= 0; i--)
        {
            if (i >= _requests.Count || _requests[i].Tunnel is not { State: not TunnelState.Closed } tunnel)
                continue;
            try
            {
                if (!which(tunnel, of))
                    continue;
                count++;
                tunnel.ForceClose();
            }
            catch (Exception e)
            {
                OnDefect(e);
            }
        }
        return count;
    }

    /// <inheritdoc/>
    public void OnDefect(Exception exception)
    {
        Loop.OnFailure(exception);
        try
        {
            Carrier.Break();
        }
        catch (Exception e)
        {
            Loop.OnFailure(e);
        }
    }

    /// <summary>Closes the connection in order.</summary>
    internal void Shutdown() => Carrier.Shutdown();

    void ISessionConnection.OnLastDetachedEnded() => OnConsumed();

    void ISessionConnection.End(Session session) => Loop.Post(this, () =>
    {
        // First what cannot fail: no failure of one of them is to keep the others.
        Context.Tunnels.ForceCloseDetached(session, static (tunnel, session) => tunnel.Session == session);
        if (session.IsConnectionOver)
            return;
        ForceCloseTunnels();
        Shutdown();
    });

    /// <summary>Ends the connection of a client that is not there any more, or asks for nothing.</summary>
    internal void OnIdle()
    {
        if (End != ClientEnd.Stream)
            return;
        _idledOut = true;
        Shutdown();
    }

    /// <summary>The connection has ended: so will its session, with the last of its tunnels.</summary>
    internal void EndSession()
    {
        if (_session is not null)
            Context.Sessions.OnConnectionEnded(_session, Loop.Now);
    }

    /// <summary>The connection is gone.</summary>
    internal void Stop()
    {
        _idleTimer.Stop();
        _drain.Stop();
        _requestTimer.Stop();
        CountMemory(Carrier.Unconsumed);
    }

    private void StartDrain(ulong delay)
    {
        _drain.Start(delay);
        if (_session is not { IsDraining: false } session)
            return;
        session.IsDraining = true;
        session.Note();
    }
}
