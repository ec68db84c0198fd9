using Ngtcp2Methods = Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Http3;

/// <content>
/// How many streams a client may open (RFC 9000 §4.6). One byte ahead of a hole costs 8 KiB to hold, and what comes
/// before a request is complete is nobody's: few streams may be in that state, and each request that has arrived gives
/// the credit for one more. A client may keep a stream open on which it was refused, or its answer is to come, at no cost to it: these
/// are bounded as well, and only what is accepted gives credit beyond.
/// </content>
public abstract unsafe partial class Http3Connection
{
    private List<AwaitedRequest>? _awaited;
    private long _withRequest;
    private long _accepted;
    private long _closed;
    private long _granted;

    /// <summary>Client's streams that are open and whose request has not arrived as a whole.</summary>
    public int AwaitedRequests => _awaited?.Count ?? 0;

    /// <summary>A client opened a stream; its request has not arrived as a whole.</summary>
    protected virtual void OnRequestAwaited()
    {
    }

    /// <summary>A request has arrived that gives no credit for another, since too many are not accepted.</summary>
    protected virtual void OnCreditWithheld()
    {
    }

    /// <summary>Resets the streams whose request has not arrived in time; their credit comes back as they close.</summary>
    /// <param name="openedBy">Those that opened at this time or before, on the clock of received packets.</param>
    /// <param name="errorCode">RFC 9114 §8.1.</param>
    /// <param name="reset">How many streams were reset.</param>
    /// <returns>When the first of the others opened; <see cref="ulong.MaxValue"/> where there is none.</returns>
    protected ulong ResetAwaited(ulong openedBy, ulong errorCode, out int reset)
    {
        var next = ulong.MaxValue;
        reset = 0;
        for (var i = 0; i < AwaitedRequests; i++)
        {
            var (id, since) = _awaited![i];
            if (since > openedBy)
            {
                next = Math.Min(next, since);
                continue;
            }
            // It counts until the client has closed it as well.
            _awaited[i] = new AwaitedRequest(id, ulong.MaxValue);
            Reset(id, errorCode);
            reset++;
        }
        return next;
    }

    private protected override void OnStreamOpened(long stream)
    {
        if (!IsRequest(stream))
            return;
        (_awaited ??= []).Add(new AwaitedRequest(stream, ReadAt));
        OnRequestAwaited();
    }

    /// <summary>The header section of a stream is complete.</summary>
    internal void RecordRequest(long stream)
    {
        if (!TryForget(stream))
            return;
        _withRequest++;
        if (OpenByAccepted < Math.Min(OpenByRequests, _parameters.MaxBidirectionalStreams))
            OnCreditWithheld();
        Grant();
    }

    /// <summary>A stream is answered, and its body begins.</summary>
    internal void RecordAccepted(Http3Stream stream)
    {
        if (!_server || stream.IsAccepted)
            return;
        stream.IsAccepted = true;
        _accepted++;
        Grant();
    }

    /// <summary>A stream that was accepted is over, but for its client.</summary>
    internal void RecordOver(Http3Stream stream)
    {
        if (stream.IsAccepted)
            _accepted--;
        stream.IsAccepted = false;
    }

    private void RecordClosed(long stream)
    {
        if (!_server || !IsRequest(stream))
            return;
        if (!TryForget(stream))
            _withRequest--;
        if (FindStream(stream) is { } accepted)
            RecordOver(accepted);
        _closed++;
        Grant();
    }

    private long OpenByRequests => _withRequest + _parameters.MaxIncompleteRequests;

    private long OpenByAccepted => _accepted + _parameters.MaxUnacceptedRequests;

    /// <summary>Raises the limit; the frame that tells of it also tells nghttp3 (<see cref="OnRemoteStreams"/>).</summary>
    private void Grant()
    {
        var limit = _closed + Math.Min(Math.Min(OpenByRequests, OpenByAccepted), _parameters.MaxBidirectionalStreams);
        if (limit <= _granted)
            return;
        Ngtcp2Methods.ngtcp2_conn_extend_max_streams_bidi(Native, (nuint)(limit - _granted));
        _granted = limit;
    }

    private bool TryForget(long stream)
    {
        for (var i = AwaitedRequests - 1; i >= 0; i--)
        {
            if (_awaited![i].Id != stream)
                continue;
            _awaited.RemoveAt(i);
            return true;
        }
        return false;
    }

    /// <summary>A stream without its request, and when it opened; the end of time once it was reset.</summary>
    private readonly record struct AwaitedRequest(long Id, ulong Since);

    private void Reset(long id, ulong errorCode)
    {
        if (FindStream(id) is { } stream)
            stream.ResetSend(errorCode);
        else
            _ = Ngtcp2Methods.ngtcp2_conn_shutdown_stream_write(Native, 0, id, errorCode);
        ShutdownReceive(id, errorCode);
    }
}
