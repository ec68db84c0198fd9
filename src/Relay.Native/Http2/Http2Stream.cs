using Relay.Native.Http3;

namespace Relay.Native.Http2;

/// <summary>
/// One stream of a request. Derived classes get its events; the send side is pulled: when there is room for bytes,
/// <see cref="PullBody"/> is asked for them, so that nothing waits in user space that the path cannot take yet.
/// </summary>
public abstract class Http2Stream
{
    /// <summary>
    /// Returned by <see cref="PullBody"/>: the body is complete. Zero means that there is nothing at the moment, and a
    /// call of <see cref="Resume"/> follows.
    /// </summary>
    protected const int EndOfBody = -1;

    private bool _pulling;
    private bool _pullAgain;
    private int _window;

    /// <summary>Attaches to a stream of a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="id">The stream ID; 0 for a request that is not submitted.</param>
    protected Http2Stream(Http2Session session, int id)
    {
        Session = session;
        Id = id;
    }

    /// <summary>The session that it belongs to.</summary>
    public Http2Session Session { get; }

    /// <summary>The stream ID.</summary>
    public int Id { get; internal set; }

    /// <summary>Whether both sides are done with the stream, or the connection is gone.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Bytes that arrived and are not yet consumed.</summary>
    public long Unconsumed { get; private set; }

    /// <summary>Whether this side's last frame of the message has been sent.</summary>
    public bool HasSentEnd { get; private set; }

    /// <summary>Whether this side has reset it, by <see cref="Reset"/>.</summary>
    public bool IsReset { get; private set; }

    /// <summary>A header field arrived. On the client's side trailers are told in the same way.</summary>
    protected internal abstract void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>The header section is complete; on the client's side, each of them.</summary>
    protected internal abstract void OnHeadersComplete();

    /// <summary>Body bytes arrived; valid during the call. <see cref="Consume"/> gives their window back.</summary>
    protected internal abstract void OnBody(ReadOnlySpan<byte> data);

    /// <summary>The other side has ended its sending side.</summary>
    protected internal abstract void OnEndOfStream();

    /// <summary>The other side reset the stream; <see cref="OnClosed"/> follows.</summary>
    protected internal abstract void OnReset(uint errorCode);

    /// <summary>The stream is gone. Nothing can be done with it any more.</summary>
    /// <param name="errorCode">Of a reset, whoever sent it, or of the session's end; else NO_ERROR.</param>
    protected internal abstract void OnClosed(uint errorCode);

    /// <summary>Gives bytes to send. Called only from <see cref="Http2Session.Send"/>.</summary>
    /// <param name="destination">What a frame and the windows take, down to a single byte.</param>
    /// <returns>The number of bytes written; 0 for none at the moment; <see cref="EndOfBody"/>.</returns>
    protected internal abstract int PullBody(Span<byte> destination);

    /// <summary>This side's last frame of the message has been sent.</summary>
    protected virtual void OnEndSent()
    {
    }

    /// <summary>There are bytes to pull again.</summary>
    public void Resume()
    {
        // nghttp2 does not yet know that it has to wait.
        if (_pulling)
            _pullAgain = true;
        else if (!IsClosed)
            Session.ResumeStream(Id);
    }

    /// <summary>Gives back the receive window of bytes that went on to their destination.</summary>
    public void Consume(long length)
    {
        length = Math.Min(length, Unconsumed);
        if (length <= 0)
            return;
        Unconsumed -= length;
        Session.Credit(IsClosed ? 0 : Id, length);
    }

    /// <summary>Sets the receive window, which only grows.</summary>
    public void SetWindow(int window)
    {
        _window = Math.Max(window, _window);
        if (!IsClosed)
            Session.SetWindow(Id, _window);
    }

    /// <summary>Ends the stream at once, in both directions.</summary>
    public void Reset(uint errorCode)
    {
        if (IsClosed || IsReset)
            return;
        IsReset = true;
        Session.ResetStream(Id, errorCode);
    }

    /// <summary>Sends the response header section.</summary>
    /// <param name="headers">Beginning with <c>:status</c>.</param>
    /// <param name="withBody">Whether <see cref="PullBody"/> will be asked for more.</param>
    public void SubmitResponse(HeaderBlock headers, bool withBody)
    {
        if (!IsClosed && !IsReset)
            Session.SubmitResponse(Id, headers, withBody);
    }

    /// <summary>The other side has taken over the initial window: what was set before counts from it.</summary>
    internal void RestoreWindow()
    {
        if (_window > 0)
            SetWindow(_window);
    }

    internal int Pull(Span<byte> destination)
    {
        _pulling = true;
        try
        {
            _pullAgain = false;
            var length = PullBody(destination);
            return length == 0 && _pullAgain ? PullBody(destination) : length;
        }
        finally
        {
            _pulling = false;
        }
    }

    internal void Received(ReadOnlySpan<byte> data)
    {
        Unconsumed += data.Length;
        OnBody(data);
    }

    internal void EndSent()
    {
        HasSentEnd = true;
        OnEndSent();
    }

    internal void Close(uint errorCode)
    {
        if (IsClosed)
            return;
        IsClosed = true;
        OnClosed(errorCode);
    }
}
