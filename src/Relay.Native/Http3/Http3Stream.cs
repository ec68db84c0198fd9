using Relay.Native.Quic;

namespace Relay.Native.Http3;

/// <summary>
/// One request stream. Derived classes get its events; the send side is pulled: when a packet has room,
/// <see cref="PullBody"/> is asked for bytes, so that nothing waits in user space that the path cannot take yet.
/// </summary>
public abstract class Http3Stream
{
    internal SendBuffer SendBuffer;

    /// <summary>Whether the last pull filled what it was given: there is likely more.</summary>
    internal bool InFullFlow;

    /// <summary>Whether it waits for room to be asked: until then there is nothing to resume.</summary>
    internal bool IsHeldBack;

    private bool _sendEnded;

    /// <summary>Whether the connection counts it among those that are answered with a body.</summary>
    internal bool IsAccepted { get; set; }

    /// <summary>Attaches to a stream of a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="id">The QUIC stream ID.</param>
    protected Http3Stream(Http3Connection connection, long id)
    {
        Connection = connection;
        Id = id;
    }

    /// <summary>The connection that it belongs to.</summary>
    public Http3Connection Connection { get; }

    /// <summary>The QUIC stream ID, a multiple of four.</summary>
    public long Id { get; }

    /// <summary>Whether both sides are done with the stream, or the connection is gone.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Bytes that arrived and are not yet consumed.</summary>
    public long Unconsumed { get; private set; }

    /// <summary>Bytes that were sent and are not yet acknowledged, frame headers included.</summary>
    internal long Unacknowledged { get; set; }

    /// <summary>
    /// Whether the other side had acknowledged every byte that was pulled when the stream, or the connection, closed.
    /// </summary>
    public bool IsAcknowledged { get; private set; }

    /// <summary>Whether flow or congestion control lets nothing more be sent at the moment.</summary>
    public bool IsBlocked => !Connection.CanSend(Id, 1);

    /// <summary>
    /// Returned by <see cref="PullBody"/>: the body is complete. Zero means that there is nothing at the moment, and a
    /// call of <see cref="Resume"/> follows.
    /// </summary>
    protected const int EndOfBody = -1;

    /// <summary>A header field arrived.</summary>
    protected internal abstract void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>The header section is complete.</summary>
    /// <param name="endOfStream">Whether nothing follows.</param>
    protected internal abstract void OnHeadersComplete(bool endOfStream);

    /// <summary>Body bytes arrived; valid during the call. <see cref="Consume"/> gives their window back.</summary>
    protected internal abstract void OnBody(ReadOnlySpan<byte> data);

    /// <summary>The other side has ended its sending side.</summary>
    protected internal abstract void OnEndOfStream();

    /// <summary>The other side reset its sending side.</summary>
    protected internal abstract void OnReset(ulong errorCode);

    /// <summary>The other side wants no more from this side; told when there is something to send.</summary>
    protected internal abstract void OnStopSending();

    /// <summary>The stream is gone. Nothing can be done with it any more.</summary>
    protected internal abstract void OnClosed(ulong errorCode);

    /// <summary>Gives bytes to send. Called only from <see cref="QuicConnection.Write"/>.</summary>
    /// <param name="destination">64 KiB, or 256, or what is left of them, but at least 4 KiB.</param>
    /// <returns>The number of bytes written; 0 for none at the moment; <see cref="EndOfBody"/>.</returns>
    protected internal abstract int PullBody(Span<byte> destination);

    /// <summary>Room that <see cref="PullBody"/> needs to make progress, in bytes; at most 64 KiB.</summary>
    protected internal virtual int MinimumRoom => 1;

    /// <summary>There are bytes to pull again.</summary>
    public void Resume()
    {
        if (!IsClosed && !IsHeldBack)
            Connection.ResumeStream(Id);
    }

    /// <summary>Gives back the receive window of bytes that went on to their destination.</summary>
    public void Consume(long length)
    {
        length = Math.Min(length, Unconsumed);
        if (length == 0)
            return;
        Unconsumed -= length;
        Connection.Unconsumed -= length;
        Connection.Credit(IsClosed ? -1 : Id, length);
    }

    /// <summary>
    /// There is somebody to take what comes: gives a stream of the other side its whole window. To be called once.
    /// </summary>
    public void OpenWindow()
    {
        if (!IsClosed)
            Connection.OpenWindow(Id);
    }

    /// <summary>Ends this side's sending with an error (RESET_STREAM).</summary>
    public void ResetSend(ulong errorCode)
    {
        if (IsClosed || _sendEnded)
            return;
        _sendEnded = true;
        Connection.RecordOver(this);
        Connection.ShutdownSend(this, errorCode);
    }

    /// <summary>Asks the other side to stop (STOP_SENDING); what still arrives is dropped.</summary>
    public void StopReceiving(ulong errorCode)
    {
        if (!IsClosed)
            Connection.ShutdownReceive(Id, errorCode);
    }

    /// <summary>Sends the response header section.</summary>
    /// <param name="headers">Beginning with <c>:status</c>.</param>
    /// <param name="withBody">Whether <see cref="PullBody"/> will be asked for more.</param>
    public void SubmitResponse(HeaderBlock headers, bool withBody)
    {
        if (IsClosed)
            return;
        Connection.SubmitResponse(Id, headers, withBody);
        if (withBody)
            Connection.RecordAccepted(this);
    }

    /// <summary>Takes so many bytes, or what there is, off <see cref="Unacknowledged"/>.</summary>
    internal long TakeUnacknowledged(long length)
    {
        var taken = Math.Min(length, Unacknowledged);
        Unacknowledged -= taken;
        return taken;
    }

    internal void Received(int length)
    {
        Unconsumed += length;
        Connection.Unconsumed += length;
    }

    internal void Close(ulong errorCode)
    {
        if (IsClosed)
            return;
        IsClosed = true;
        IsAcknowledged = SendBuffer.IsEmpty;
        Connection.ReleaseAll(this);
        OnClosed(errorCode);
    }
}
