using System.Buffers.Text;
using System.Text;

namespace Relay.Load.Client;

/// <summary>One tunnel, whatever carries it, and the relay's answer to its request.</summary>
internal abstract class TunnelStream(ClientConnection connection)
{
    /// <summary>
    /// Returned by <see cref="PullBody"/>: the body is complete. Zero means that there is nothing at the moment, and
    /// <see cref="ClientConnection.QueueResume"/> follows.
    /// </summary>
    protected const int EndOfBody = -1;

    private ITunnelLink? _link;

    public ClientConnection Client { get; } = connection;

    /// <summary>What carries it.</summary>
    public ITunnelLink Link => _link ?? throw new InvalidOperationException("The tunnel was not asked for.");

    /// <summary>The status of the final answer; 0 before it.</summary>
    public int Status { get; private set; }

    /// <summary>The <c>Proxy-Status</c> field (RFC 9209), or null.</summary>
    public string? ProxyStatus { get; private set; }

    /// <summary>The <c>Alt-Svc</c> field (RFC 7838), or null.</summary>
    public string? AltSvc { get; private set; }

    /// <summary>The answer opened the tunnel.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The relay ended its sending side.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Both sides are done, or the connection is gone.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The error code of a reset by the relay, or of the tunnel's end.</summary>
    public ulong? ErrorCode { get; private set; }

    internal bool ResumeQueued { get; set; }

    /// <summary>Room that <see cref="PullBody"/> needs to make progress, in bytes; at most 64 KiB.</summary>
    public virtual int NeededRoom => 1;

    /// <summary>Status and Proxy-Status in one line.</summary>
    public string DescribeAnswer() =>
        Status == 0
            ? $"no answer; the stream ended with {DescribeEnd()}"
            : $"status {Status}" + (ProxyStatus is null ? "" : $"; Proxy-Status: {ProxyStatus}");

    /// <summary>With what it ended, in words.</summary>
    public string DescribeEnd() => Client.DescribeTunnelEnd(ErrorCode ?? 0);

    /// <summary>Ends it at once.</summary>
    public void Abort(TunnelAbort reason)
    {
        if (!IsClosed)
            Link.Abort(reason);
    }

    /// <summary>Gives back the window of bytes that went on to their destination.</summary>
    public void Consume(long length) => Link.Consume(length);

    internal virtual void Attach(ITunnelLink link) => _link = link;

    internal void TakeHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual(":status"u8))
            Status = Utf8Parser.TryParse(value, out int status, out _) ? status : 0;
        else if (name.SequenceEqual("proxy-status"u8))
            ProxyStatus = (ProxyStatus is null ? "" : ProxyStatus + ", ") + Encoding.ASCII.GetString(value);
        else if (name.SequenceEqual("alt-svc"u8))
            AltSvc = Encoding.ASCII.GetString(value);
    }

    /// <summary>The header section is complete.</summary>
    /// <param name="opens">Whether the answer opens the tunnel; null where any 2xx does, and 1xx is not the last.</param>
    internal void TakeHead(bool? opens = null)
    {
        // Trailers come after the final answer, interim answers before it.
        if (IsOpen || (opens is null && Status is >= 100 and < 200))
            return;
        IsOpen = opens ?? Status is >= 200 and < 300;
        if (IsOpen)
            OnOpened();
        Client.Report(this, IsOpen ? TunnelEvent.Opened : TunnelEvent.Refused);
    }

    internal void TakeBody(ReadOnlySpan<byte> data) => OnBody(data);

    internal void TakeEnd()
    {
        HasEnded = true;
        OnEndOfStream();
    }

    internal void TakeReset(ulong errorCode)
    {
        ErrorCode ??= errorCode;
        OnReset(errorCode);
    }

    internal void TakeClose(ulong errorCode)
    {
        if (IsClosed)
            return;
        IsClosed = true;
        ErrorCode ??= errorCode;
        OnClosed(errorCode);
    }

    internal int Pull(Span<byte> destination) => PullBody(destination);

    /// <summary>Runs within the callback that brought the answer.</summary>
    protected virtual void OnOpened()
    {
    }

    /// <summary>Bytes arrived; valid during the call. <see cref="Consume"/> gives their window back.</summary>
    protected abstract void OnBody(ReadOnlySpan<byte> data);

    /// <summary>The relay has ended its sending side.</summary>
    protected virtual void OnEndOfStream()
    {
    }

    /// <summary>The relay reset its sending side.</summary>
    protected virtual void OnReset(ulong errorCode)
    {
    }

    /// <summary>It is gone. Nothing can be done with it any more.</summary>
    protected virtual void OnClosed(ulong errorCode) => Client.Report(this, TunnelEvent.Closed);

    /// <summary>Gives bytes to send.</summary>
    /// <param name="destination">At least <see cref="NeededRoom"/> bytes.</param>
    /// <returns>The number of bytes written; 0 for none at the moment; <see cref="EndOfBody"/>.</returns>
    protected abstract int PullBody(Span<byte> destination);
}
