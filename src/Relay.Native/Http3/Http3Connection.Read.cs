using Relay.Native.Nghttp3;
using static Relay.Native.Nghttp3.NativeMethods;
using Ngtcp2Methods = Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Http3;

/// <content>Stream events, inward.</content>
public abstract unsafe partial class Http3Connection
{
    private protected override int OnStreamData(long stream, bool fin, byte* data, nuint length)
    {
        if (_http == 0)
            return 0;
        if (IsUnidirectional(stream) && FindFault(stream, new ReadOnlySpan<byte>(data, (int)length)) is { } fault)
            return FailCallback(fault, 0);
        if (TryEndEmpty(stream, fin, length))
            return 0;
        var consumed = nghttp3_conn_read_stream(Http, stream, data, length, fin ? 1 : 0);
        if (consumed < 0)
            return FailRead((int)consumed);
        // Frame headers and field sections; body bytes are credited as they are consumed.
        if (consumed > 0)
        {
            _ = Ngtcp2Methods.ngtcp2_conn_extend_max_stream_offset(Native, stream, (ulong)consumed);
            Ngtcp2Methods.ngtcp2_conn_extend_max_offset(Native, (ulong)consumed);
        }
        return 0;
    }

    private protected override int OnStreamAcknowledged(long stream, ulong length)
    {
        if (_http == 0)
            return 0;
        if (FindStream(stream) is { } sender)
            RecordAcknowledged(sender.TakeUnacknowledged((long)length));
        var result = nghttp3_conn_add_ack_offset(Http, stream, length);
        return result == 0 ? 0 : FailHttp(result);
    }

    private protected override int OnStreamClose(long stream, ulong applicationError)
    {
        RecordClosed(stream);
        if (_http != 0)
        {
            var result = nghttp3_conn_close_stream(Http, stream, applicationError);
            // A stream that carried no complete frame is unknown to nghttp3.
            if (result == Nghttp3Constants.NGHTTP3_ERR_STREAM_NOT_FOUND)
                OpenAndClose(stream);
            else if (result != 0)
                return FailHttp(result);
        }
        if (_streams.Remove(stream, out var closed))
        {
            if (ReferenceEquals(_lastStream, closed))
                _lastStream = null;
            RecordForgotten(closed.TakeUnacknowledged(long.MaxValue));
            closed.Close(applicationError);
        }
        else if (IsRequest(stream))
            OnStreamWithoutRequest(stream);
        return HasFailed ? Ngtcp2.Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE : 0;
    }

    /// <summary>
    /// A client may name a stream in PRIORITY_UPDATE (RFC 9218 §7) that it has reset before nghttp3 saw a byte of it.
    /// nghttp3 would take it for one to come, and keep it: it must have been opened and closed there too.
    /// </summary>
    private void OpenAndClose(long stream)
    {
        if (_server && IsRequest(stream) && nghttp3_conn_read_stream(Http, stream, null, 0, 0) >= 0)
            _ = nghttp3_conn_close_stream(Http, stream, 0);
    }

    private protected override int OnStreamReset(long stream, ulong applicationError)
    {
        if (_http != 0)
            _ = nghttp3_conn_shutdown_stream_read(Http, stream);
        if (FindStream(stream) is { } request)
            request.OnReset(applicationError);
        // A reset can overtake the request, or replace it. Nobody will answer: without this the stream never closes.
        else if (_server && IsRequest(stream))
            _ = Ngtcp2Methods.ngtcp2_conn_shutdown_stream_write(
                Native, 0, stream, Nghttp3Constants.NGHTTP3_H3_REQUEST_INCOMPLETE);
        return 0;
    }

    private protected override int OnStreamReadStopped(long stream)
    {
        if (_http != 0)
            _ = nghttp3_conn_shutdown_stream_read(Http, stream);
        return 0;
    }

    private protected override int OnStreamWindow(long stream)
    {
        if (_http == 0)
            return 0;
        var result = nghttp3_conn_unblock_stream(Http, stream);
        return result is 0 or Nghttp3Constants.NGHTTP3_ERR_STREAM_NOT_FOUND ? 0 : FailHttp(result);
    }

    private protected override void OnRemoteStreams(ulong maximum)
    {
        if (_http != 0 && _server)
            nghttp3_conn_set_max_client_streams_bidi(Http, maximum);
    }

    /// <summary>Ends the connection with an HTTP/3 error, from within a callback or without.</summary>
    /// <param name="errorCode">RFC 9114 §8.1, RFC 9297 §5.2.</param>
    protected void FailConnection(ulong errorCode) => _ = TryFailConnection(errorCode);

    /// <summary>The same.</summary>
    /// <returns>False when another error had ended it before.</returns>
    protected bool TryFailConnection(ulong errorCode)
    {
        var isFirst = !HasFailed;
        _ = FailCallback(errorCode, 0);
        return isFirst;
    }

    private static bool IsRequest(long stream) => (stream & 3) == 0;

    private int FailHttp(int error) => FailCallback(nghttp3_err_infer_quic_app_error_code(error), error);

    internal void BeginHeaders(long id)
    {
        if (FindStream(id) is null)
            _streams.Add(id, CreateStream(id));
    }

    internal void ReceiveBody(long id, byte* data, nuint length)
    {
        if (FindStream(id) is not { } stream)
        {
            Credit(id, (long)length);
            return;
        }
        stream.Received((int)length);
        stream.OnBody(new ReadOnlySpan<byte>(data, (int)length));
    }

    internal void Settings(nghttp3_settings* settings)
    {
        PeerTakesDatagrams = settings->h3_datagram != 0 && PeerMaxDatagram > 0;
        PeerSettings = new PeerSettings(
            settings->max_field_section_size, settings->qpack_max_dtable_capacity, settings->qpack_blocked_streams,
            settings->enable_connect_protocol != 0, settings->h3_datagram != 0);
        PeerSettingsReceived = true;
        OnSettings();
    }

    internal void GoAway() => OnGoAway();

    internal nint NativeConnection => Native;
}
