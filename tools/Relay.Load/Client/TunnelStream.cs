using System.Buffers.Text;
using System.Text;
using Relay.Native.Http3;

namespace Relay.Load.Client;

/// <summary>What the loop is told by callbacks, to act on afterwards.</summary>
internal enum TunnelEvent
{
    /// <summary>The relay's SETTINGS arrived: requests may be sent.</summary>
    ConnectionReady,

    /// <summary>The relay allows more streams.</summary>
    StreamsAvailable,

    /// <summary>A 2xx answer.</summary>
    Opened,

    /// <summary>Any other final answer.</summary>
    Refused,

    /// <summary>The stream is gone.</summary>
    Closed,
}

/// <summary>The request stream of one tunnel, and the relay's answer to it.</summary>
internal abstract class TunnelStream(ClientConnection connection, long id) : Http3Stream(connection, id)
{
    public ClientConnection Client { get; } = connection;

    /// <summary>The status of the final answer; 0 before it.</summary>
    public int Status { get; private set; }

    /// <summary>The <c>Proxy-Status</c> field (RFC 9209), or null.</summary>
    public string? ProxyStatus { get; private set; }

    /// <summary>A 2xx answer arrived.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The relay ended its sending side.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The error code of a reset by the relay, or of the stream's end.</summary>
    public ulong? ErrorCode { get; private set; }

    internal bool ResumeQueued { get; set; }

    /// <summary>Status and Proxy-Status in one line.</summary>
    public string DescribeAnswer() =>
        Status == 0
            ? $"no answer; the stream ended with {EndText.Http3Error(ErrorCode ?? 0)}"
            : $"status {Status}" + (ProxyStatus is null ? "" : $"; Proxy-Status: {ProxyStatus}");

    protected sealed override void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual(":status"u8))
            Status = Utf8Parser.TryParse(value, out int status, out _) ? status : 0;
        else if (name.SequenceEqual("proxy-status"u8))
            ProxyStatus = (ProxyStatus is null ? "" : ProxyStatus + ", ") + Encoding.ASCII.GetString(value);
    }

    protected override void OnHeadersComplete(bool endOfStream)
    {
        // Trailers come after the final answer, interim answers before it.
        if (IsOpen || Status is >= 100 and < 200)
            return;
        IsOpen = Status is >= 200 and < 300;
        if (IsOpen)
            OnOpened();
        Client.Report(this, IsOpen ? TunnelEvent.Opened : TunnelEvent.Refused);
    }

    protected override void OnEndOfStream() => HasEnded = true;

    protected override void OnReset(ulong errorCode) => ErrorCode ??= errorCode;

    protected override void OnStopSending()
    {
    }

    protected override void OnClosed(ulong errorCode)
    {
        ErrorCode ??= errorCode;
        Client.Report(this, TunnelEvent.Closed);
    }

    /// <summary>Runs within the callback that brought the answer.</summary>
    protected virtual void OnOpened()
    {
    }
}
