using Relay.Native.Linux;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>A connection by HTTP/1.1: its one request, and the tunnel that it becomes.</summary>
internal sealed class Http1Connection(ClientLoop loop, int index) : TcpClientConnection(loop, index), ITunnelLink
{
    /// <summary>Bytes that may wait for whoever takes them.</summary>
    private const int MaxUnconsumed = 1024 * 1024;

    private readonly Http1AnswerReader _answer = new();
    private TunnelStream? _tunnel;
    private TunnelRequest? _request;
    private bool _asked;
    private bool _ended;
    private long _unconsumed;

    public override HttpProtocol Protocol => HttpProtocol.Http11;

    public override string Alpn => "http/1.1";

    // RFC 9298 §3.2: any relay may answer an Upgrade, and the answer alone says whether it does.
    public override string? WhyNoUdp => null;

    public override bool TellsEnd => _tunnel is not { Status: > 0 };

    protected override bool TakesBytes => _unconsumed < MaxUnconsumed;

    protected override bool HasEnded => _ended;

    /// <summary>Asks for its one tunnel; before the handshake too, after which the request is sent.</summary>
    public override bool TryOpen(
        TunnelRequest request, Func<ClientConnection, TunnelStream> create, out TunnelStream? tunnel)
    {
        tunnel = null;
        if (_tunnel is not null || IsEnded)
            return false;
        _request = request;
        _tunnel = tunnel = create(this);
        tunnel.Attach(this);
        Loop.MarkDirty(this);
        return true;
    }

    public override string DescribeTunnelEnd(ulong code) =>
        code == 0 ? "the end of its connection" : Errno.Describe((int)code);

    /// <inheritdoc/>
    public void Resume()
    {
        // This is its turn of writing, in which it pulls.
    }

    /// <inheritdoc/>
    public void Consume(long length)
    {
        var took = TakesBytes;
        _unconsumed -= Math.Min(length, _unconsumed);
        if (!took && TakesBytes)
            Loop.QueueRead(this);
    }

    /// <inheritdoc/>
    public void Abort(TunnelAbort reason) => Abort();

    protected override void OnEstablished() => Loop.Report(this, TunnelEvent.ConnectionReady);

    protected override void Receive(ReadOnlySpan<byte> data)
    {
        while (_tunnel is not { IsOpen: true } && !data.IsEmpty)
        {
            if (_tunnel is not { Status: 0 or (>= 100 and < 200) })
            {
                // The content of a refusal is nobody's. What comes without a request is none of HTTP.
                if (_tunnel is null)
                    Fail(Errno.EPROTO, "the relay spoke before it was asked");
                return;
            }
            data = data[_answer.Read(data)..];
            if (_answer.HasFailed)
                Fail(Errno.EPROTO, "the relay's answer is not HTTP/1.1");
            if (!_answer.IsComplete)
                return;
            _answer.Tell(_tunnel, _request!.IsUdp);
        }
        if (data.IsEmpty)
            return;
        _unconsumed += data.Length;
        _tunnel!.TakeBody(data);
    }

    protected override void ReceiveEnd()
    {
        if (_tunnel is { IsOpen: true })
            _tunnel.TakeEnd();
        else
            Fail(Errno.ECONNRESET, _tunnel is { Status: > 0 } ? null : "the relay closed the connection without an answer");
    }

    protected override int Write(Span<byte> destination)
    {
        if (_tunnel is null || _ended)
            return 0;
        if (!_asked)
        {
            _asked = true;
            _request!.Text.CopyTo(destination);
            return _request.Text.Length;
        }
        if (!_tunnel.IsOpen)
            return 0;
        var length = _tunnel.Pull(destination);
        _ended = length < 0;
        return Math.Max(length, 0);
    }

    protected override void CloseTunnels(ulong code) => _tunnel?.TakeClose(code);
}
