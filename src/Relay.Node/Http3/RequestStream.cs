using Relay.Hosting.Credentials;
using Relay.Native.Http3;
using Relay.Node.Credentials;
using Relay.Node.Http;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http3;

/// <summary>One request of a client, from its header section to the end of its tunnel.</summary>
internal sealed class RequestStream : Http3Stream, ITunnelStream, IAuthenticationWaiter
{
    /// <summary>Bytes that a refused client may go on to send.</summary>
    private const int MaxIgnored = 64 * 1024;

    private readonly RelayConnection _client;
    private RequestHeaders? _headers;
    private TargetAuthority _target;
    private AuthenticationResult _authentication;
    private Refusal? _refusal;
    private bool _ended;
    private bool _answered;
    private bool _refused;
    private long _ignored;
    private byte[]? _datagramPrefix;

    /// <summary>A request began.</summary>
    internal RequestStream(RelayConnection client, long id) : base(client, id)
    {
        _client = client;
        _headers = client.Context.RentHeaders();
    }

    /// <summary>What the request opened; null before, and for every other request.</summary>
    internal Tunnel? Tunnel { get; private set; }

    /// <summary>The tunnel, where it is one for UDP.</summary>
    internal UdpTunnel? Udp { get; private set; }

    /// <summary>What goes before each datagram toward the client: quarter stream ID and context ID 0.</summary>
    internal ReadOnlySpan<byte> DatagramPrefix => _datagramPrefix ??= PrefixOf(Id);

    /// <summary>Whether a part of the header section is still to come.</summary>
    internal bool AwaitsHeaders => _headers is not null;

    /// <summary>Whether it stands in the connection's line for datagrams.</summary>
    internal bool InDatagramLine { get; set; }

    /// <summary>
    /// Whether it is refused or its tunnel has ended: all that may be left is to deliver the last bytes.
    /// </summary>
    internal bool IsOver => _refused || Tunnel?.State == TunnelState.Closed;

    /// <inheritdoc/>
    public bool TakesDatagrams => _client.PeerTakesDatagrams;

    /// <inheritdoc/>
    protected override void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_headers is null)
            return;
        _headers.Add(name, value);
        // A reference of one byte can stand for a field of thousands: too large is answered, endless is not.
        if (_headers.Size > 4 * _client.Context.MaxFieldSection)
            _client.RefuseLoad();
    }

    /// <inheritdoc/>
    protected override void OnHeadersComplete(bool endOfStream)
    {
        if (_headers is null)
            return;
        var decision = ConnectRequest.Evaluate(_headers);
        if (decision.IsAccepted)
            _authentication = _client.Authenticate(_headers, this);
        _client.Context.ReturnHeaders(_headers);
        _headers = null;
        _client.OnRequest();
        if (!decision.IsAccepted)
        {
            Refuse(decision);
            return;
        }
        if (_authentication.Outcome != AuthenticationOutcome.Pending && !Identify())
            Challenge();
        else if (_client.Context.Limits.TryAdmit(_client, decision.Target, out var refusal))
            Start(decision);
        else
            Refuse(refusal);
    }

    private static byte[] PrefixOf(long id)
    {
        Span<byte> prefix = stackalloc byte[HttpDatagram.MaxPrefixLength];
        return prefix[..HttpDatagram.WritePrefix(prefix, id, 0)].ToArray();
    }

    private void Start(in ConnectDecision decision)
    {
        var context = _client.Context;
        _client.TunnelCount++;
        if (decision.Kind == ConnectKind.Udp)
        {
            Udp = new UdpTunnel(this, context.Tunnels, context.Timeouts.UdpIdle)
            {
                Session = _client.Session,
                Target = decision.Target,
            };
            Tunnel = Udp;
        }
        else
        {
            Tunnel = new TcpTunnel(this, context.Tunnels, context.Timeouts.Tcp)
            {
                Session = _client.Session,
                Target = decision.Target,
            };
        }
        LoopTunnels.OnStarted(Tunnel);
        _target = decision.Target;
        _client.TakeEarlyDatagrams(this);
        // What was held may have been a violation.
        if (Tunnel.IsWaiting && _authentication.Outcome == AuthenticationOutcome.Accepted)
            Connect();
    }

    private void Connect()
    {
        var loop = _client.Context.Loop;
        if (!_client.Context.Limits.TryEnter(Tunnel!, loop.Counters, loop.Now, out var refusal))
        {
            _refusal = refusal;
            Fail(refusal.Error);
        }
        else if (Udp is not null)
            _client.Context.Connector.OpenUdp(_target, _client.Egress, Udp);
        else
            _client.Context.Connector.OpenTcp(_target, _client.Egress, (TcpTunnel)Tunnel!);
    }

    /// <summary>Ends the tunnel before it has a target.</summary>
    private void Fail(ProxyErrorType error)
    {
        if (Udp is not null)
            Udp.OnConnectFailed(new ConnectFailure(error));
        else
            ((TcpTunnel)Tunnel!).OnConnectFailed(new ConnectFailure(error));
    }

    /// <summary>Whether the request's credentials are good, and those of the session.</summary>
    private bool Identify() =>
        _authentication.Outcome == AuthenticationOutcome.Accepted && _client.TryIdentify(_authentication.Name);

    void IAuthenticationWaiter.OnVerified(AuthenticationResult result) =>
        _client.Context.Loop.Post(() => OnVerified(result));

    private void OnVerified(in AuthenticationResult result)
    {
        _authentication = result;
        if (Tunnel is not { IsWaiting: true })
            return;
        if (Identify())
            Connect();
        else
            Fail(ProxyErrorType.HttpRequestDenied);
    }

    /// <inheritdoc/>
    protected override void OnBody(ReadOnlySpan<byte> data)
    {
        _client.OnActivity();
        if (Tunnel is { } tunnel && !_refused)
            tunnel.OnBody(data);
        else
            Ignore(data.Length);
    }

    /// <summary>
    /// A refused client may still be sending. RFC 9114 §4.1 lets the server ask it to stop, but a client that has not
    /// yet seen the answer takes that for the end of the request (Firefox): only one that keeps sending is asked.
    /// </summary>
    private void Ignore(int length)
    {
        Consume(length);
        _ignored += length;
        if (_ignored > MaxIgnored)
            StopReceiving(Http3ErrorCode.NoError);
    }

    /// <inheritdoc/>
    protected override void OnEndOfStream() => Tunnel?.OnEndOfStream();

    /// <inheritdoc/>
    protected override void OnReset(ulong errorCode)
    {
        if (AwaitsHeaders)
            ResetSend(Http3ErrorCode.RequestIncomplete);
        else
            Tunnel?.OnClientAborted();
    }

    /// <inheritdoc/>
    protected override void OnStopSending() => Tunnel?.OnStopSending();

    /// <inheritdoc/>
    protected override void OnClosed(ulong errorCode)
    {
        if (_headers is not null)
            _client.Context.ReturnHeaders(_headers);
        _headers = null;
        _client.TakeEarlyDatagrams(this);
        if (Tunnel is not null)
            _client.TunnelCount--;
        // A client that wanted no more and had sent all is only heard of here, where the relay had nothing to say
        // meanwhile.
        if (_client.End == ClientEnd.Stream && Http3ErrorCode.IsError(errorCode))
            Tunnel?.OnClientAborted();
        Tunnel?.OnStreamClosed(_client.End);
        if (Tunnel is { State: not TunnelState.Closed } draining)
            draining.Detach();
        // What a closed tunnel had not passed on is not missing from the connection's window.
        if (Tunnel is not TcpTunnel)
            Consume(Unconsumed);
        _client.OnRequestOver();
    }

    /// <inheritdoc/>
    protected override int PullBody(Span<byte> destination)
    {
        if (_ended || Tunnel is null)
            return EndOfBody;
        var length = Tunnel.PullBody(destination);
        // A download is no silence, though its client sends nothing but acknowledgements.
        if (length > 0)
            _client.OnActivity();
        return length;
    }

    /// <inheritdoc/>
    protected override int MinimumRoom => Tunnel?.NeededRoom ?? 1;

    // A client that closes its connection acknowledges nothing more: where no window held anything back, it may have closed
    // on what came last.
    bool ITunnelStream.HasArrived => IsAcknowledged || (_client.End == ClientEnd.ClosedConnection && !IsBlocked);

    void ITunnelStream.Accept(string nextHop)
    {
        if (_answered || IsClosed)
            return;
        _answered = true;
        _client.OnActivity();
        var headers = _client.Http3.Headers;
        headers.Clear();
        headers.Add(":status"u8, "200"u8);
        if (Udp is not null)
            headers.Add("capsule-protocol"u8, "?1"u8); // RFC 9297 §3.4
        headers.Add("proxy-status"u8, ProxyStatus.Format(nextHop));
        SubmitResponse(headers, withBody: true);
        OpenWindow();
        _client.MarkDirty();
    }

    void ITunnelStream.Reject(in ConnectFailure failure)
    {
        if (!Identify())
            Challenge();
        else if (_refusal is { } refusal)
            Refuse(refusal);
        else
            Refuse(
                ProxyStatus.GetStatusCode(failure.Error),
                ProxyStatus.Format(failure.NextHop, failure.Error, failure.Rcode), retryAfter: null);
    }

    // 407: RFC 9110 §15.5.8. 429 (RFC 6585 §4) for a source that guesses.
    private void Challenge()
    {
        var (outcome, kind, _, challenges) = _authentication;
        var denied = ProxyStatus.Format(null, ProxyErrorType.HttpRequestDenied);
        if (outcome == AuthenticationOutcome.Busy)
        {
            Refuse(new Refusal(503, ProxyErrorType.ConnectionLimitReached, RetryAfterSeconds: 1));
            return;
        }
        _client.Context.Loop.Counters.AuthFailures[(int)kind]++;
        if (outcome == AuthenticationOutcome.Limited)
            Refuse(429, denied, (int)FailureLimiter.Interval.TotalSeconds);
        else
            Refuse(407, denied, retryAfter: null, challenges);
    }

    /// <summary>What is no request to a proxy at all is not told that here is one.</summary>
    private void Refuse(in ConnectDecision decision) => Refuse(
        decision.Status,
        decision.Status is 404 or 405 ? null : ProxyStatus.Format(null, ProxyErrorType.HttpRequestError),
        retryAfter: null);

    private void Refuse(in Refusal refusal) => Refuse(
        refusal.Status, ProxyStatus.Format(null, refusal.Error), refusal.RetryAfterSeconds);

    private void Refuse(int status, string? proxyStatus, int? retryAfter, string[]? challenges = null)
    {
        if (_answered || IsClosed)
            return;
        _answered = _ended = _refused = true;
        _client.Context.Loop.Counters.RequestsRefused++;
        var headers = _client.Http3.Headers;
        headers.Clear();
        headers.Add(":status"u8, status.ToString());
        if (proxyStatus is not null)
            headers.Add("proxy-status"u8, proxyStatus);
        if (status == 405)
            headers.Add("allow"u8, "CONNECT"u8);
        foreach (var challenge in challenges ?? [])
            headers.Add("proxy-authenticate"u8, challenge);
        if (retryAfter is { } seconds)
            headers.Add("retry-after"u8, seconds.ToString());
        SubmitResponse(headers, withBody: false);
        _client.TakeEarlyDatagrams(this);
        _client.OnRequestOver();
        _client.MarkDirty();
    }

    void ITunnelStream.Resume()
    {
        if (Tunnel?.State == TunnelState.Closed)
        {
            _ended = true;
            _client.OnRequestOver();
        }
        Resume();
        _client.MarkDirty();
    }

    void ITunnelStream.ResumeDatagrams() => _client.Line(this);

    void ITunnelStream.Consume(long length)
    {
        Consume(length);
        _client.MarkDirty();
    }

    void ITunnelStream.Abort(TunnelAbort reason)
    {
        _ended = true;
        var errorCode = AbortCode.Of(reason, Udp is not null);
        ResetSend(errorCode);
        StopReceiving(errorCode);
        _client.OnRequestOver();
        _client.MarkDirty();
    }
}
