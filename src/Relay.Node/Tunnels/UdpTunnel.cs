using Relay.Node.Counters;
using Relay.Node.Io;
using Relay.Node.Sessions;
using Relay.Protocol;

namespace Relay.Node.Tunnels;

/// <summary>
/// CONNECT-UDP (RFC 9298). Both carriers of HTTP datagrams are taken at any time; toward the client goes what it can
/// receive: DATAGRAM frames, else DATAGRAM capsules.
/// </summary>
internal sealed class UdpTunnel : Tunnel, IConnectObserver<IUdpFlow>
{
    private readonly CapsuleReader _capsules = new();
    private readonly IdleTimer _idle;
    private EarlyDatagrams _early;
    private UnansweredBudget _unanswered;
    private IUdpFlow? _flow;
    private int _part;
    private bool _endOfStream;
    private bool _answered;

    /// <summary>Starts a tunnel that waits for its target.</summary>
    /// <param name="request">What asked for it.</param>
    /// <param name="tunnels">Those of its loop.</param>
    /// <param name="idleTimeout">Nanoseconds without a datagram either way after which it ends.</param>
    public UdpTunnel(ITunnelRequest request, LoopTunnels tunnels, ulong idleTimeout)
        : base(request, tunnels, tunnels.Loop.Counters.Udp) =>
        _idle = new IdleTimer(this, Loop, idleTimeout, OnIdle);

    /// <inheritdoc/>
    public void OnConnected(IUdpFlow flow, string nextHop)
    {
        _flow = flow;
        _unanswered.Begin(Unanswered, Session.Source, flow.RemoteEndPoint, Loop.Now);
        Open(flow.LocalEndPoint);
        Request.Accept(nextHop);
        Session.Release(_early.Bytes);
        _early.Release(this, static (tunnel, payload) => tunnel.Forward(payload));
        // What made room for one of them may have found that nobody is there.
        if (State != TunnelState.Open)
            return;
        _idle.Start();
        if (_endOfStream)
            Finish(TunnelOutcome.Completed);
    }

    /// <inheritdoc/>
    public void OnConnectFailed(ConnectFailure failure)
    {
        if (Refuse(failure.Error))
            Request.Reject(failure);
    }

    /// <inheritdoc/>
    public override void OnDatagram(ReadOnlySpan<byte> datagram)
    {
        if (State == TunnelState.Closed)
            return;
        if (!HttpDatagram.ReadContextId(datagram, out var context, out var consumed))
        {
            Abort(TunnelAbort.MalformedDatagram);
            return;
        }
        if (context != 0)
        {
            // RFC 9298 §4: "If an HTTP Datagram that carries an unknown Context ID is received … silently drop".
            Loop.Counters.UpstreamDropsUnknownContext++;
            return;
        }
        var payload = datagram[consumed..];
        if (payload.Length > HttpDatagram.MaxUdpPayload)
            Abort(TunnelAbort.MalformedDatagram);
        else if (State == TunnelState.Open)
            Forward(payload);
        else if (!TryHoldEarly(payload))
            Loop.Counters.UpstreamDropsEarly++;
    }

    /// <inheritdoc/>
    public override void OnBody(ReadOnlySpan<byte> data)
    {
        Stream.Consume(data.Length);
        while (State != TunnelState.Closed)
        {
            switch (_capsules.Read(ref data, out var datagram))
            {
                case CapsuleReadResult.Datagram:
                    OnDatagram(datagram);
                    break;
                case CapsuleReadResult.NeedMore:
                    HoldPart();
                    return;
                default:
                    Abort(TunnelAbort.MalformedDatagram);
                    return;
            }
        }
    }

    /// <inheritdoc/>
    public override void OnEndOfStream()
    {
        // RFC 9297 §3.3: a capsule cut short by the end of the stream makes the message malformed.
        if (!_capsules.IsAtBoundary)
            Abort(TunnelAbort.TruncatedCapsule);
        else if (State == TunnelState.Open)
            Finish(TunnelOutcome.Completed);
        else
            _endOfStream = true;
    }

    /// <inheritdoc/>
    public override void OnClientAborted() => Abort(TunnelAbort.ClientAborted);

    /// <inheritdoc/>
    public override void OnStreamClosed(ClientEnd end) => Release(end switch
    {
        ClientEnd.IdleConnection => TunnelOutcome.IdleTimeout,
        ClientEnd.ClosedConnection when State == TunnelState.Open => TunnelOutcome.Completed,
        _ => TunnelOutcome.ClientAborted,
    });

    /// <inheritdoc/>
    public override void ForceClose() => Abort(TunnelAbort.ForceClosed);

    /// <inheritdoc/>
    public override void OnReadable()
    {
        if (State != TunnelState.Open)
            return;
        if (Stream.TakesDatagrams)
            Stream.ResumeDatagrams();
        else
            Stream.Resume();
    }

    /// <inheritdoc/>
    public override void OnPace() => OnReadable();

    // RFC 9298 §3.1: "If … the proxy … receives an ICMP … unreachable … it MUST close the request stream".
    /// <inheritdoc/>
    public override void OnFailed(int errno) => Finish(TunnelOutcome.TargetAborted);

    /// <summary>The next datagram for the client.</summary>
    public bool TryPeek(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        return State == TunnelState.Open && _flow!.TryPeek(out payload) && Session.Pace.TryPass(this);
    }

    /// <summary>Says what became of the datagram that <see cref="TryPeek"/> gave.</summary>
    /// <param name="sent">False when it is too large for the client's path.</param>
    /// <param name="length">Its length.</param>
    public void Advance(bool sent, int length)
    {
        _flow!.Advance();
        if (!_answered)
            OnAnswered();
        _unanswered.OnAnswer(Loop.Now);
        _idle.Touch();
        if (!sent)
        {
            // RFC 9298 §5: no datagram is fragmented; and none is moved to a capsule, which would break its order and
            // defeat the inner path MTU discovery.
            Loop.Counters.DownstreamDropsTooLarge++;
            return;
        }
        CountDownstream(length);
        DownstreamDatagrams++;
        Loop.Counters.DownstreamDatagrams++;
    }

    /// <inheritdoc/>
    public override int PullBody(Span<byte> destination)
    {
        if (State == TunnelState.Closed)
            return -1;
        if (_flow is null || Stream.TakesDatagrams)
            return 0;
        var written = 0;
        while (TryPeek(out var payload))
        {
            if (destination.Length - written < CapsuleLength(payload.Length))
                return written;
            written += Capsule.WriteHeader(destination[written..], CapsuleType.Datagram, (ulong)payload.Length + 1);
            destination[written++] = 0;
            payload.CopyTo(destination[written..]);
            written += payload.Length;
            Advance(sent: true, payload.Length);
        }
        // The socket may have failed just now: its end would not be asked for again after a zero.
        return written == 0 && State == TunnelState.Closed ? -1 : written;
    }

    /// <inheritdoc/>
    public override int NeededRoom =>
        !Stream.TakesDatagrams && TryPeek(out var payload) ? CapsuleLength(payload.Length) : 1;

    /// <summary>Type, length, context ID 0 and payload: at most 65533 bytes.</summary>
    private static int CapsuleLength(int payload) =>
        1 + VariableLengthInteger.GetLength((ulong)payload + 1) + 1 + payload;

    private bool TryHoldEarly(ReadOnlySpan<byte> payload)
    {
        if (!Session.TryHold(payload.Length))
            return false;
        if (_early.TryHold(payload))
            return true;
        Session.Release(payload.Length);
        return false;
    }

    /// <summary>
    /// Counts the part of a capsule that is kept until the rest of it comes: each of a client's tunnels may have one of
    /// 64 KiB, and no window holds it.
    /// </summary>
    private void HoldPart()
    {
        Session.Release(_part);
        _part = Session.TryHold(_capsules.BufferSize) ? _capsules.BufferSize : 0;
        if (_part < _capsules.BufferSize)
            Abort(TunnelAbort.TooMuchHeld);
    }

    private void OnAnswered()
    {
        _answered = true;
        OnFirstByte();
    }

    private void Forward(ReadOnlySpan<byte> payload)
    {
        if (_flow is not { } flow)
            return;
        _idle.Touch();
        // Congestion control of the client's own sees the loss; a queue here would only add to its delay.
        if (!Session.Pace.TryPass())
        {
            Loop.Counters.UpstreamDropsLimited++;
            return;
        }
        // Last: what is not sent is held against nobody.
        if (!_unanswered.IsOver && !_unanswered.TryTake(payload.Length, Loop.Now))
        {
            Loop.Counters.UpstreamDropsUnanswered++;
            return;
        }
        CountUpstream(payload.Length);
        UpstreamDatagrams++;
        Loop.Counters.UpstreamDatagrams++;
        flow.Send(payload);
    }

    // RFC 9298 §3.1 and RFC 4787 §4.3: not before two minutes of silence; closing the socket closes the stream.
    private void OnIdle() => Finish(TunnelOutcome.IdleTimeout);

    /// <summary>Ends in order: the stream gets its FIN.</summary>
    private void Finish(TunnelOutcome outcome)
    {
        if (Release(outcome))
            Request.Finish();
    }

    private void Abort(TunnelAbort reason)
    {
        if (Release(TunnelAborts.OutcomeOf(reason)))
            Request.Abort(reason);
    }

    private bool Release(TunnelOutcome outcome)
    {
        _idle.Stop();
        // First the socket, whatever else fails.
        var flow = _flow;
        _flow = null;
        flow?.Close();
        _unanswered.LetGo();
        Session.Release(_early.Bytes + _part);
        _early = default;
        _part = 0;
        _capsules.Release();
        return End(outcome);
    }
}
