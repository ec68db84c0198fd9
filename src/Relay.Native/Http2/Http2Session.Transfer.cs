using Relay.Native.Nghttp2;
using static Relay.Native.Nghttp2.NativeMethods;
using static Relay.Native.Nghttp2.Nghttp2Constants;

namespace Relay.Native.Http2;

/// <content>Bytes in and out, and what nghttp2 tells meanwhile.</content>
public abstract unsafe partial class Http2Session
{
    private bool _receiveFailed;
    private bool _sendFailed;
    private bool _cutShort;
    private int _firstRefused = int.MaxValue;
    private byte* _rest;
    private int _restLength;

    /// <summary>Whether a frame was begun to be given out, and not to its end.</summary>
    public bool HasRest => _restLength > 0;

    /// <summary>Takes bytes of the other side; valid during the call.</summary>
    /// <remarks>What a stream's event throws is thrown from here, and the session is of no use any more.</remarks>
    public void Receive(ReadOnlySpan<byte> data)
    {
        if (!IsUsable || _receiveFailed || data.IsEmpty)
            return;
        nint result;
        fixed (byte* bytes = data)
            result = nghttp2_session_mem_recv(_native, bytes, (nuint)data.Length);
        if (result < 0)
        {
            _receiveFailed = true;
            LibraryError = (int)result;
            Terminate(CodeOf((int)result));
        }
        // Padding, and what came for streams that are closed, is nobody's.
        CreditConnection();
        ThrowDefect();
    }

    /// <summary>
    /// Gives bytes for the other side: whole frames, but for the last, which goes on in the next call. None is begun that
    /// has to wait for the path.
    /// </summary>
    /// <param name="destination">Takes as many bytes as it is long.</param>
    /// <returns>Bytes written; 0 for none at the moment.</returns>
    /// <remarks>What a stream's event throws is thrown from here, and the session is of no use any more.</remarks>
    public int Send(Span<byte> destination)
    {
        var written = 0;
        while (IsUsable)
        {
            var part = Math.Min(_restLength, destination.Length - written);
            if (part > 0)
            {
                new ReadOnlySpan<byte>(_rest, part).CopyTo(destination[written..]);
                _rest += part;
                _restLength -= part;
                written += part;
            }
            if (written == destination.Length || _sendFailed)
                break;
            // nghttp2's memory, which it leaves as it is until it is asked again.
            byte* next;
            var length = (int)nghttp2_session_mem_send(_native, &next);
            if (length < 0)
            {
                _sendFailed = true;
                LibraryError = length;
                break;
            }
            if (length == 0)
                break;
            _rest = next;
            _restLength = length;
        }
        ThrowDefect();
        return written;
    }

    internal void BeginHeaders(int id, int category)
    {
        if (category != NGHTTP2_HCAT_REQUEST)
            return;
        if (CreateStream(id) is not { } stream)
        {
            _firstRefused = Math.Min(_firstRefused, id);
            ResetStream(id, NGHTTP2_REFUSED_STREAM);
            return;
        }
        // RFC 9218 §10: incremental streams of one urgency share what there is; tunnels wait for no other's end.
        var priority = new nghttp2_extpri { urgency = NGHTTP2_EXTPRI_DEFAULT_URGENCY, inc = 1 };
        _ = nghttp2_session_change_extpri_stream_priority(_native, id, &priority, 1);
        _streams.Add(id, stream);
    }

    internal void Header(int id, int category, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!IsTrailer(category))
            FindStream(id)?.OnHeader(name, value);
    }

    internal void Body(int id, ReadOnlySpan<byte> data)
    {
        _unconsumed += data.Length;
        if (FindStream(id) is { } stream)
            stream.Received(data);
        else
            Credit(0, data.Length);
    }

    internal void FrameReceived(nghttp2_frame_hd* frame)
    {
        switch (frame->type)
        {
            case NGHTTP2_HEADERS:
                if (!IsTrailer(((nghttp2_headers*)frame)->cat))
                    FindStream(frame->stream_id)?.OnHeadersComplete();
                EndIfLast(frame);
                break;
            case NGHTTP2_DATA:
                EndIfLast(frame);
                break;
            case NGHTTP2_RST_STREAM:
                FindStream(frame->stream_id)?.OnReset(((nghttp2_rst_stream*)frame)->error_code);
                break;
            case NGHTTP2_SETTINGS when (frame->flags & NGHTTP2_FLAG_ACK) != 0:
                // RFC 9113 §6.9.2: it "MUST adjust the size of all stream flow-control windows".
                foreach (var stream in _streams.Values)
                    stream.RestoreWindow();
                break;
            case NGHTTP2_SETTINGS:
                HasPeerSettings = true;
                OnSettings();
                break;
            case NGHTTP2_PING when (frame->flags & NGHTTP2_FLAG_ACK) != 0:
                OnPong();
                break;
            case NGHTTP2_GOAWAY:
                CodeReceived = ((nghttp2_goaway*)frame)->error_code;
                OnGoAway(CodeReceived.Value);
                break;
        }
    }

    internal void FrameSent(nghttp2_frame_hd* frame)
    {
        if (frame->type == NGHTTP2_DATA)
            OnDataSent((int)frame->length, _cutShort);
        switch (frame->type)
        {
            case NGHTTP2_HEADERS or NGHTTP2_DATA when (frame->flags & NGHTTP2_FLAG_END_STREAM) != 0:
                FindStream(frame->stream_id)?.EndSent();
                break;
            // Not one of the relay's own that its stream's end has overtaken.
            case NGHTTP2_RST_STREAM when FindStream(frame->stream_id) is { IsReset: false }
                || (((nghttp2_rst_stream*)frame)->error_code == NGHTTP2_REFUSED_STREAM && frame->stream_id < _firstRefused):
                OnResetByLibrary(((nghttp2_rst_stream*)frame)->error_code);
                break;
            case NGHTTP2_GOAWAY:
                CodeSent = ((nghttp2_goaway*)frame)->error_code;
                if (!IsTerminating && CodeSent != NGHTTP2_NO_ERROR)
                    OnEndedByLibrary(CodeSent.Value);
                break;
        }
    }

    internal void StreamClosed(int id, uint errorCode)
    {
        if (!_streams.Remove(id, out var stream))
            return;
        if (_lastStream == stream)
            _lastStream = null;
        stream.Close(errorCode);
    }

    internal nint ReadBody(int id, Span<byte> destination, uint* flags)
    {
        var length = FindStream(id)?.Pull(destination) ?? -1;
        _cutShort = length == destination.Length && length < MaxDataLength;
        if (length > 0)
            return length;
        if (length == 0)
            return NGHTTP2_ERR_DEFERRED;
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        return 0;
    }

    // A tunnel has no trailers. A client may also be told of an answer that follows an interim one.
    private bool IsTrailer(int category) => _server && category == NGHTTP2_HCAT_HEADERS;

    private void EndIfLast(nghttp2_frame_hd* frame)
    {
        if ((frame->flags & NGHTTP2_FLAG_END_STREAM) != 0)
            FindStream(frame->stream_id)?.OnEndOfStream();
    }

    private static uint CodeOf(int error) => error switch
    {
        // RFC 9113 §3.4: "an invalid connection preface" is "a connection error … of type PROTOCOL_ERROR".
        NGHTTP2_ERR_BAD_CLIENT_MAGIC => NGHTTP2_PROTOCOL_ERROR,
        NGHTTP2_ERR_FLOODED or NGHTTP2_ERR_TOO_MANY_CONTINUATIONS => NGHTTP2_ENHANCE_YOUR_CALM,
        _ => NGHTTP2_INTERNAL_ERROR,
    };
}
