using Relay.Node.Counters;
using Relay.Node.Io;
using Relay.Node.Sessions;

namespace Relay.Node.Tunnels;

/// <summary>
/// CONNECT (RFC 9114 §4.4). Each direction ends by itself: FIN is half-close both ways, a target's reset aborts the
/// stream, and a client's reset is a TCP reset.
/// </summary>
internal sealed partial class TcpTunnel : Tunnel, IConnectObserver<ITcpFlow>, ITcpSender
{
    private readonly TcpTunnelTimeouts _timeouts;
    private readonly ActionTimer _timer;
    private readonly IdleTimer? _idle;
    private ByteQueue _early;
    private ITcpFlow? _flow;
    private bool _clientEnded;
    private bool _clientEndForwarded;
    private bool _targetEnded;
    private ulong _lastProgress;
    private long _unfilled;

    /// <summary>Starts a tunnel that waits for its target.</summary>
    /// <param name="request">What asked for it.</param>
    /// <param name="tunnels">Those of its loop.</param>
    /// <param name="timeouts">How long one side may go on without the other.</param>
    public TcpTunnel(ITunnelRequest request, LoopTunnels tunnels, TcpTunnelTimeouts timeouts)
        : base(request, tunnels, tunnels.Loop.Counters.Tcp)
    {
        _timeouts = timeouts;
        _timer = new ActionTimer(this, OnTimer);
        if (timeouts.Idle > 0)
            _idle = new IdleTimer(this, Loop, timeouts.Idle, () => Abort(TunnelAbort.TimedOut));
    }

    /// <inheritdoc/>
    public void OnConnected(ITcpFlow flow, string nextHop)
    {
        _flow = flow;
        // Whatever fails: bytes that two queues had would go back to where blocks are taken from twice.
        var early = _early;
        _early = default;
        flow.BeginSending(this, early);
        Open(flow.LocalEndPoint);
        _lastProgress = Loop.Now;
        _idle?.Start();
        Request.Accept(nextHop);
        if (_clientEnded)
            _flow?.RequestFlush();
    }

    /// <inheritdoc/>
    public void OnConnectFailed(ConnectFailure failure)
    {
        // The client may send before it has an answer: its connection's window must not shrink with every failure.
        var early = _early.Length;
        _early.Clear();
        GiveBack(early);
        if (Refuse(failure.Error))
            Request.Reject(failure);
    }

    /// <inheritdoc/>
    public override void OnBody(ReadOnlySpan<byte> data)
    {
        if (State == TunnelState.Closed)
        {
            Stream.Consume(data.Length);
            return;
        }
        if (_flow is null)
            _early.Append(data);
        else
            _flow.Enqueue(data);
        CountBlocks();
    }

    // RFC 9297 §2.1: a datagram for a request without datagram semantics aborts its stream.
    /// <inheritdoc/>
    public override void OnDatagram(ReadOnlySpan<byte> datagram) => Abort(TunnelAbort.MalformedDatagram);

    /// <inheritdoc/>
    public override void OnEndOfStream()
    {
        _clientEnded = true;
        _flow?.RequestFlush();
    }

    // RFC 9114 §4.4: "… the proxy SHOULD send a TCP segment with the RST bit set".
    /// <inheritdoc/>
    public override void OnClientAborted() => Abort(TunnelAbort.ClientAborted);

    /// <inheritdoc/>
    public override void ForceClose() => Abort(TunnelAbort.ForceClosed);

    /// <summary>Ends it where bytes wait for its target, and nothing went either way.</summary>
    /// <param name="time">For how long, in nanoseconds.</param>
    public void EndIfStalled(ulong time)
    {
        if (State == TunnelState.Open && Waiting > 0 && Loop.Now - _lastProgress >= time)
            Abort(TunnelAbort.TimedOut);
    }

    /// <inheritdoc/>
    public override void OnReadable()
    {
        if (State != TunnelState.Open)
            return;
        if (_streamClosed)
            PostDiscard();
        else if (!_stopped)
            Stream.Resume();
    }

    /// <inheritdoc/>
    public override void OnPace()
    {
        OnReadable();
        _flow?.RequestFlush();
    }

    /// <inheritdoc/>
    public override void OnFailed(int errno) => Abort(TunnelAbort.TargetFailed);

    /// <inheritdoc/>
    public override int PullBody(Span<byte> destination)
    {
        if (_targetEnded)
            return -1;
        if (_flow is null)
            return State == TunnelState.Closed ? -1 : 0;
        if (_stopped)
            return 0;
        if (!Session.Pace.TryPass(this))
            return 0;
        var received = _flow.Receive(destination[..Math.Min(destination.Length, Session.Pace.Room)]);
        switch (received)
        {
            case > 0:
                if (DownstreamBytes == 0)
                    OnFirstByte();
                CountDownstream(received);
                OnProgress();
                return received;
            case 0:
                _targetEnded = true;
                if (_clientEndForwarded)
                    CloseInOrder();
                return -1;
            case -Errors.Again:
                return 0;
            default:
                OnFailed(-received);
                return 0;
        }
    }

    /// <inheritdoc/>
    public void OnFlush()
    {
        if (_flow is null || State != TunnelState.Open)
            return;
        while (_flow.Waiting > 0)
        {
            if (!Session.Pace.TryPass(this))
                return;
            var sent = _flow.Send(Session.Pace.Room);
            if (sent == -Errors.Again)
                return;
            if (sent < 0)
            {
                OnFailed(-sent);
                return;
            }
            CountUpstream(sent);
            OnProgress();
            // The window follows the target: a target that does not read stops the client, not the relay's memory.
            GiveBack(sent);
        }
        if (_clientEnded && !_clientEndForwarded)
            ForwardEnd();
    }

    private void ForwardEnd()
    {
        _clientEndForwarded = true;
        _flow!.ShutdownWrite();
        if (_targetEnded)
        {
            CloseInOrder();
            if (!_streamClosed)
                Request.Finish();
        }
        else if (!_streamClosed)
        {
            OnProgress();
            Loop.Timers.Set(_timer, Loop.Now + _timeouts.Upstream);
        }
    }

    /// <summary>The client has ended: the target may go on, but not in silence.</summary>
    private void OnTimer()
    {
        if (_streamClosed)
            OnDeadline();
        else if (Loop.Now >= _lastProgress + _timeouts.Upstream)
            Abort(TunnelAbort.TimedOut);
        else
            Loop.Timers.Set(_timer, _lastProgress + _timeouts.Upstream);
    }

    private void OnProgress()
    {
        _lastProgress = Loop.Now;
        _idle?.Touch();
    }

    private void CloseInOrder()
    {
        var flow = ReleaseFlow();
        flow?.Close();
        CountBlocks();
        End(_cutShort ? OutcomeOf(_end) : TunnelOutcome.Completed);
    }

    private void Abort(TunnelAbort reason)
    {
        if (Abandon(TunnelAborts.OutcomeOf(reason)) && !_streamClosed)
            Request.Abort(reason);
    }

    /// <summary>Ends at once, with a reset toward the target.</summary>
    /// <returns>False when it had ended before.</returns>
    private bool Abandon(TunnelOutcome outcome)
    {
        var waiting = Waiting;
        var flow = ReleaseFlow();
        flow?.Abort();
        _early.Clear();
        GiveBack(waiting);
        return End(outcome);
    }

    /// <summary>Bytes of the client do not wait any more.</summary>
    private void GiveBack(long length)
    {
        CountBlocks();
        if (length > 0)
            Stream.Consume(length);
    }

    private void CountBlocks()
    {
        var unfilled = _flow is { } flow ? flow.Held - flow.Waiting : _early.Held - _early.Length;
        Session.Unfilled += unfilled - _unfilled;
        _unfilled = unfilled;
    }

    /// <summary>Bytes that have not gone to the target, before it is there or since.</summary>
    private long Waiting => _flow?.Waiting ?? _early.Length;

    private ITcpFlow? ReleaseFlow()
    {
        Loop.Timers.Clear(_timer);
        _idle?.Stop();
        var flow = _flow;
        _flow = null;
        return flow;
    }
}

/// <summary>How long one side of a TCP tunnel may go on without the other, in nanoseconds.</summary>
/// <param name="Upstream">
/// Silence of the target after the client has ended its side; all the time that is left once the stream is closed.
/// </param>
/// <param name="Drain">Time to deliver what a client had sent before its connection ended.</param>
/// <param name="Idle">Silence of both, whoever may still send; 0 for any time.</param>
internal readonly record struct TcpTunnelTimeouts(ulong Upstream, ulong Drain, ulong Idle = 0);
