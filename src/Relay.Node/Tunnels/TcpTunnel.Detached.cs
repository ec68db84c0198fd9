using Relay.Node.Counters;

namespace Relay.Node.Tunnels;

/// <content>What becomes of a tunnel whose client's side is over: it ends, or delivers what the client had sent.</content>
internal sealed partial class TcpTunnel
{
    /// <summary>Bytes that nobody wants any more, read in one turn of the loop.</summary>
    private const int DiscardBatch = 64 * 1024;

    private Action? _discard;
    private bool _discardPosted;
    private bool _stopped;
    private bool _streamClosed;
    private bool _cutShort;
    private ClientEnd _end;

    /// <inheritdoc/>
    public override void OnStopSending()
    {
        // RFC 9114 §4.4: "If the proxy detects that the client has reset the stream or aborted reading from the stream,
        // it MUST close the TCP connection." Whether a client that had sent everything merely has no use for more is
        // told by the error code, which comes with the end of the stream.
        if (_clientEnded)
            _stopped = true;
        else
            OnClientAborted();
    }

    /// <inheritdoc/>
    public override void OnStreamClosed(ClientEnd end)
    {
        _streamClosed = true;
        _end = end;
        _cutShort = State == TunnelState.Open && IsCutShort();
        if (State != TunnelState.Open)
        {
            _ = Abandon(OutcomeOf(end));
            return;
        }
        var completed = IsWithoutError && !_cutShort;
        if (!_clientEnded)
        {
            // A FIN would tell the target that what it got is all there is.
            _ = Abandon(completed && Waiting == 0 ? TunnelOutcome.Completed : OutcomeOf(end));
        }
        else if (_clientEndForwarded && completed)
            CloseInOrder();
        else if (_clientEndForwarded && end == ClientEnd.Stream)
            _ = Abandon(OutcomeOf(end));
        else
        {
            // What the client had sent in full still goes to the target, but not for as long as that likes.
            Loop.Timers.Set(_timer, Loop.Now + (end == ClientEnd.Stream ? _timeouts.Upstream : _timeouts.Drain));
            PostDiscard();
        }
    }

    /// <summary>Whether the client misses something of what the target had sent by now.</summary>
    private bool IsCutShort()
    {
        if (_targetEnded)
            return !Stream.HasArrived;
        Span<byte> more = stackalloc byte[1];
        var received = _flow!.Receive(more);
        if (received == 0)
            _targetEnded = true;
        else if (received is < 0 and not -Errors.Again)
            OnFailed(-received);
        return received > 0 || _stopped || !Stream.HasArrived;
    }

    private bool IsWithoutError => _end is ClientEnd.Stream or ClientEnd.ClosedConnection;

    private static TunnelOutcome OutcomeOf(ClientEnd end) =>
        end == ClientEnd.IdleConnection ? TunnelOutcome.IdleTimeout : TunnelOutcome.ClientAborted;

    private void OnDeadline()
    {
        if (!_clientEndForwarded)
            _ = Abandon(_end == ClientEnd.Stream ? TunnelOutcome.IdleTimeout : TunnelOutcome.ForceClosed);
        else if (IsWithoutError && !_cutShort)
            CloseInOrder();
        else
            _ = Abandon(OutcomeOf(_end));
    }

    /// <summary>
    /// Nobody reads the target's answer any more; its end is still waited for. A target that sends without end has no
    /// more of the loop than a batch a turn.
    /// </summary>
    private void PostDiscard()
    {
        if (_discardPosted)
            return;
        Loop.Post(this, _discard ??= Discard);
        _discardPosted = true;
    }

    private void Discard()
    {
        _discardPosted = false;
        if (State != TunnelState.Open || _targetEnded)
            return;
        Span<byte> waste = stackalloc byte[4096];
        for (var left = DiscardBatch; left > 0;)
        {
            var received = _flow!.Receive(waste);
            if (received > 0)
            {
                left -= received;
                continue;
            }
            if (received == -Errors.Again)
                return;
            _targetEnded = true;
            if (received < 0)
                OnFailed(-received);
            else if (_clientEndForwarded)
                CloseInOrder();
            return;
        }
        // The socket tells of what is new, not of what is left.
        PostDiscard();
    }
}
