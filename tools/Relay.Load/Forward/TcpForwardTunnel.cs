using Relay.Load.Client;

namespace Relay.Load.Forward;

/// <summary>
/// Joins a local end and a CONNECT tunnel. Each direction ends by itself; what the local end does not take is not
/// credited, so that the relay stops sending.
/// </summary>
internal sealed class TcpForwardTunnel(ClientConnection connection, ILocalEnd local)
    : TunnelStream(connection)
{
    private byte[] _pending = [];
    private int _pendingStart;
    private int _pendingEnd;
    private bool _localEnded;
    private bool _remoteEnded;
    private bool _writeEnded;
    private ulong? _closedWith;

    /// <summary>Both directions ended in order.</summary>
    public bool EndedInOrder => _localEnded && _writeEnded;

    /// <summary>The local end may have become readable or writable.</summary>
    public void OnLocalReady()
    {
        FlushPending();
        // The relay may wait for the window that was given back.
        Client.Loop.MarkDirty(Client);
        if (IsOpen && !_localEnded)
            Client.QueueResume(this);
    }

    protected override int PullBody(Span<byte> destination)
    {
        if (!IsOpen || _localEnded)
            return _localEnded ? EndOfBody : 0;
        var length = local.Read(destination);
        switch (length)
        {
            case LocalEnd.Ended:
                _localEnded = true;
                return EndOfBody;
            case LocalEnd.Failed:
                Abandon();
                return 0;
            default:
                return length;
        }
    }

    protected override void OnOpened() => Client.QueueResume(this);

    protected override void OnBody(ReadOnlySpan<byte> data)
    {
        if (_pendingStart == _pendingEnd)
        {
            var taken = local.Write(data);
            if (taken == LocalEnd.Failed)
            {
                Consume(data.Length);
                Abandon();
                return;
            }
            Consume(taken);
            data = data[taken..];
        }
        Keep(data);
    }

    protected override void OnEndOfStream()
    {
        _remoteEnded = true;
        FlushPending();
    }

    protected override void OnReset(ulong errorCode)
    {
        base.OnReset(errorCode);
        local.Close(inOrder: false);
    }

    /// <summary>
    /// All that came may have arrived and been acknowledged long before the local end takes it: that is waited for.
    /// </summary>
    protected override void OnClosed(ulong errorCode)
    {
        _closedWith = errorCode;
        if (!_localEnded || !_remoteEnded)
            Conclude(inOrder: false);
        else
            FlushPending();
    }

    private void Conclude(bool inOrder)
    {
        if (_closedWith is not { } errorCode)
            return;
        _closedWith = null;
        local.Close(inOrder);
        base.OnClosed(errorCode);
    }

    private void FlushPending()
    {
        while (_pendingStart < _pendingEnd)
        {
            var taken = local.Write(_pending.AsSpan(_pendingStart, _pendingEnd - _pendingStart));
            if (taken == LocalEnd.Failed)
            {
                Abandon();
                Conclude(inOrder: false);
                return;
            }
            if (taken == 0)
                return;
            _pendingStart += taken;
            Consume(taken);
        }
        if (_remoteEnded && !_writeEnded)
        {
            _writeEnded = true;
            local.EndWrite();
        }
        if (_writeEnded)
            Conclude(EndedInOrder);
    }

    /// <summary>Bounded by the stream's receive window, since nothing of it is credited.</summary>
    private void Keep(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        if (_pendingEnd + data.Length > _pending.Length)
        {
            var kept = _pending.AsSpan(_pendingStart, _pendingEnd - _pendingStart);
            var needed = kept.Length + data.Length;
            var target = needed > _pending.Length ? new byte[Math.Max(needed, _pending.Length * 2)] : _pending;
            kept.CopyTo(target);
            (_pending, _pendingStart, _pendingEnd) = (target, 0, kept.Length);
        }
        data.CopyTo(_pending.AsSpan(_pendingEnd));
        _pendingEnd += data.Length;
    }

    /// <summary>RFC 9114 §4.4: a TCP connection in error is a stream error of type H3_CONNECT_ERROR.</summary>
    private void Abandon()
    {
        Abort(TunnelAbort.ConnectError);
    }
}
