using static Relay.Native.Nghttp2.NativeMethods;
using static Relay.Native.Nghttp2.Nghttp2Constants;

namespace Relay.Native.Http2;

/// <content>The end of a connection (RFC 9113 §6.8).</content>
public abstract unsafe partial class Http2Session
{
    /// <summary>The code of the last GOAWAY that was sent; null before.</summary>
    public uint? CodeSent { get; private set; }

    /// <summary>The code of the last GOAWAY that arrived; null before.</summary>
    public uint? CodeReceived { get; private set; }

    /// <summary>nghttp2's own error where it could not go on, else 0.</summary>
    public int LibraryError { get; private set; }

    /// <summary>Whether that was for a header section in too many pieces.</summary>
    public bool IsRefusedForHeaders => LibraryError == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS;

    /// <summary>Whether that was for frames whose acknowledgements the other side does not read.</summary>
    public bool IsRefusedForAcks => LibraryError == NGHTTP2_ERR_FLOODED;

    /// <summary>Whether this side ends the connection: the last GOAWAY is, or was, on its way.</summary>
    public bool IsTerminating { get; private set; }

    /// <summary>
    /// Whether there is nothing to be said by either side any more: the last GOAWAY was sent, or one was and there is no
    /// stream left.
    /// </summary>
    public bool IsOver => !IsUsable || _sendFailed
        || (nghttp2_session_want_read(_native) == 0 && nghttp2_session_want_write(_native) == 0);

    /// <summary>Announces the end: GOAWAY with the highest possible stream ID.</summary>
    public void AnnounceShutdown()
    {
        if (IsUsable)
            _ = nghttp2_submit_shutdown_notice(_native);
    }

    /// <summary>Sends the final GOAWAY: requests that have not arrived are ignored from now on.</summary>
    public void RefuseRequests()
    {
        if (IsUsable)
            _ = nghttp2_submit_goaway(
                _native, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(_native), NGHTTP2_NO_ERROR, null, 0);
    }

    /// <summary>
    /// Ends the connection: GOAWAY is the last frame, and nothing that comes is looked at any more. Only the first
    /// call's code counts.
    /// </summary>
    public void Terminate(uint errorCode)
    {
        if (!IsUsable || IsTerminating)
            return;
        IsTerminating = true;
        // Without memory for GOAWAY it is over without a word.
        if (nghttp2_session_terminate_session(_native, errorCode) != 0)
            _sendFailed = true;
    }
}
