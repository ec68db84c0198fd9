using System.Diagnostics.CodeAnalysis;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http;

/// <summary>
/// One request of a client, from its header section to the end of its tunnel, whatever carries it: its stream tells it
/// what comes, and asks it for what goes.
/// </summary>
internal sealed partial class ClientRequest : ITunnelRequest, IAuthenticationWaiter
{
    /// <summary>Returned by <see cref="PullBody"/>: the body is complete.</summary>
    internal const int EndOfBody = -1;

    /// <summary>Bytes that a refused client may go on to send.</summary>
    private const int MaxIgnored = 64 * 1024;

    private readonly ClientConnection _client;
    private readonly IRequestStream _stream;
    private RequestHeaders? _headers;
    private TargetAuthority _target;
    private AuthenticationResult _authentication;
    private Refusal? _refusal;
    private bool _answered;
    private bool _refused;
    private bool _isBlameless;
    private bool _isLeft;
    private long _ignored;

    /// <summary>A request began.</summary>
    /// <param name="client">Whose it is.</param>
    /// <param name="stream">Its stream.</param>
    internal ClientRequest(ClientConnection client, IRequestStream stream)
    {
        _client = client;
        _stream = stream;
        _headers = client.Context.RentHeaders();
        client.Add(this);
    }

    /// <summary>Its place among its connection's requests; kept by that.</summary>
    internal int Slot { get; set; }

    /// <summary>What the request opened; null before, and for every other request.</summary>
    internal Tunnel? Tunnel { get; private set; }

    /// <summary>The tunnel, where it is one for UDP.</summary>
    internal UdpTunnel? Udp { get; private set; }

    /// <summary>Whether it waits for its answer: for a target, or for who asks.</summary>
    internal bool IsWaiting => Tunnel is { IsWaiting: true } || (Tunnel is null && _refusal is not null && !_answered);

    /// <summary>Whether a part of the header section is still to come.</summary>
    internal bool AwaitsHeaders => _headers is not null;

    /// <summary>
    /// Whether it is refused or its tunnel has ended: all that may be left is to deliver the last bytes.
    /// </summary>
    internal bool IsOver => _refused || Tunnel?.State == TunnelState.Closed;

    /// <summary>
    /// What it cost for nothing, in resets as <see cref="FrameBudget"/> counts them; meaningful once its stream is closed.
    /// </summary>
    internal int Waste => Tunnel switch
    {
        { DownstreamBytes: > 0 } => 0,
        null or { State: TunnelState.Closed, Outcome: TunnelOutcome.Refused } => _isBlameless ? 0 : 1,
        { State: TunnelState.Closed, Outcome: TunnelOutcome.ClientAborted or TunnelOutcome.ProtocolViolation } tunnel =>
            tunnel.HasOpened ? 1 : FrameBudget.UnansweredReset,
        // Its target's doing, or the relay's.
        _ => 0,
    };

    /// <summary>Room that <see cref="PullBody"/> needs to make progress, in bytes; at most 64 KiB.</summary>
    internal int NeededRoom => Tunnel?.NeededRoom ?? 1;

    ITunnelStream ITunnelRequest.Stream => _stream;

    /// <summary>A header field arrived, or a pseudo-header field of HTTP/2 and 3.</summary>
    internal void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_headers is null)
            return;
        var (limit, before) = (4 * _client.Context.MaxFieldSection, _headers.Size);
        _headers.Add(name, value);
        // A reference of one byte can stand for a field of thousands: too large is answered, endless is not.
        if (_headers.Size <= limit || before > limit)
            return;
        _client.Loop.Counters.RefusedTooLarge++;
        _client.Carrier.RefuseLoad();
    }

    /// <summary>The header section has a fault that only its version of HTTP could see.</summary>
    internal void OnFault(RequestFault fault) => _headers?.Fail(fault);

    /// <summary>The header section is complete.</summary>
    internal void OnHeadersComplete()
    {
        if (_headers is null)
            return;
        var decision = ConnectRequest.Evaluate(_headers, _client.Context.UdpTemplates.AsSpan());
        if (decision.IsAccepted)
        {
            _authentication = _client.Context.Authenticator.Authenticate(
                _headers[RequestField.ProxyAuthorization], _headers[RequestField.Authorization],
                _client.Carrier.SourceKey, this);
        }
        ReturnHeaders();
        _client.OnActivity();
        if (!decision.IsAccepted)
            Refuse(decision);
        else if (_authentication.Outcome != AuthenticationOutcome.Pending && !Identify())
            Challenge();
        else if (_client.Context.Limits.TryAdmit(_client, decision.Target, out var refusal))
            Start(decision);
        else if (_authentication.Outcome != AuthenticationOutcome.Pending)
            Refuse(refusal);
        else
            // Only who is known is told how the node is.
            _refusal = refusal;
    }

    /// <summary>Bytes of the body arrived; valid during the call.</summary>
    internal void OnBody(ReadOnlySpan<byte> data)
    {
        _client.OnActivity();
        if (Tunnel is { } tunnel && !_refused)
            tunnel.OnBody(data);
        else
            Ignore(data.Length);
    }

    /// <summary>The client has ended its sending side.</summary>
    internal void OnEndOfStream() => Tunnel?.OnEndOfStream();

    /// <summary>The client reset its sending side, or the stream.</summary>
    internal void OnReset() => Tunnel?.OnClientAborted();

    /// <summary>The client wants no more, found out by sending; why is not known yet.</summary>
    internal void OnStopSending() => Tunnel?.OnStopSending();

    /// <summary>The stream is gone. Nothing can be said on it any more.</summary>
    /// <param name="withError">Whether the client closed it, and told of an error.</param>
    internal void OnStreamClosed(bool withError)
    {
        _client.Remove(this);
        ReturnHeaders();
        _refusal = null;
        if (_isLeft)
            _client.OnLeftClosed();
        if (Tunnel is not null)
            _client.TunnelCount--;
        CloseTunnel(withError);
        // What a closed tunnel had not passed on is not missing from the connection's window.
        if (Tunnel is not TcpTunnel && _stream.Unconsumed is var left and > 0)
            _stream.Consume(left);
        _client.OnRequestOver();
    }

    /// <summary>
    /// Lets a tunnel go on to deliver what its client had sent; but where memory is used up, not who has more than others and takes it
    /// out of its connection's count.
    /// </summary>
    private void Detach(Tunnel tunnel)
    {
        if (_client.Carrier.End != ClientEnd.Stream && _stream.Unconsumed > 0 && _client.LeavesTooMuch)
            tunnel.ForceClose();
        else
            tunnel.Detach();
    }

    private void CloseTunnel(bool withError)
    {
        try
        {
            // A client that wanted no more and had sent all is only heard of here, where the relay had nothing to say
            // meanwhile.
            if (withError && _client.End == ClientEnd.Stream)
                Tunnel?.OnClientAborted();
            Tunnel?.OnStreamClosed(_client.End);
            if (Tunnel is { State: not TunnelState.Closed } draining)
                Detach(draining);
        }
        catch (Exception e)
        {
            // Nobody else would close its socket.
            _client.OnDefect(e);
            Tunnel!.ForceClose();
        }
    }

    /// <summary>Gives body bytes to send.</summary>
    /// <returns>
    /// Bytes written; 0 for none at the moment, and <see cref="ITunnelStream.Resume"/> follows;
    /// <see cref="EndOfBody"/>.
    /// </returns>
    internal int PullBody(Span<byte> destination)
    {
        if (Tunnel is null)
            return EndOfBody;
        var length = Tunnel.PullBody(destination);
        // A download is no silence, though its client sends nothing but acknowledgements.
        if (length > 0)
            _client.OnActivity();
        return length;
    }

    void IAuthenticationWaiter.OnVerified(AuthenticationResult result) =>
        _client.Loop.Post(_client, () => OnVerified(result));

    private void ReturnHeaders()
    {
        if (_headers is not null)
            _client.Context.ReturnHeaders(_headers);
        _headers = null;
    }

    private void Start(in ConnectDecision decision)
    {
        try
        {
            Create(decision);
        }
        catch
        {
            // There is no tunnel whose end would do it.
            _client.Context.Limits.GiveBack();
            throw;
        }
        _client.TunnelCount++;
        LoopTunnels.OnStarted(Tunnel);
        _client.Loop.Counters.Carried[(int)_client.Carrier.Protocol]++;
        _target = decision.Target;
        _stream.DeliverEarlyDatagrams();
        // What was held may have been a violation.
        if (Tunnel.IsWaiting && _authentication.Outcome == AuthenticationOutcome.Accepted)
            Connect();
    }

    [MemberNotNull(nameof(Tunnel))]
    private void Create(in ConnectDecision decision)
    {
        var context = _client.Context;
        if (decision.Kind == ConnectKind.Udp)
        {
            Tunnel = Udp = new UdpTunnel(this, context.Tunnels, context.Timeouts.UdpIdle)
            {
                Session = _client.Session,
                Target = decision.Target,
            };
        }
        else
        {
            Tunnel = new TcpTunnel(this, context.Tunnels, context.Timeouts.Tcp)
            {
                Session = _client.Session,
                Target = decision.Target,
            };
        }
    }

    private void Connect()
    {
        var (context, loop) = (_client.Context, _client.Loop);
        if (!context.Limits.TryEnter(Tunnel!, loop.Counters, loop.Now, out var refusal))
        {
            _refusal = refusal;
            Fail(refusal.Error);
        }
        else if (Udp is not null)
            context.Connector.OpenUdp(_target, _client.Egress, Udp);
        else
            context.Connector.OpenTcp(_target, _client.Egress, (TcpTunnel)Tunnel!);
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
        _authentication.Outcome == AuthenticationOutcome.Accepted && _client.TryIdentify(_authentication);

    private void OnVerified(in AuthenticationResult result)
    {
        _authentication = result;
        if (!IsWaiting)
            return;
        if (Tunnel is null && !Identify())
            Challenge();
        else if (Tunnel is null)
            Refuse(_refusal!.Value);
        else if (Identify())
            Connect();
        else
            Fail(ProxyErrorType.HttpRequestDenied);
    }

    /// <summary>
    /// A refused client may still be sending. RFC 9114 §4.1 lets the server ask it to stop, but a client that has not
    /// yet seen the answer takes that for the end of the request (Firefox): only one that keeps sending is asked.
    /// </summary>
    private void Ignore(int length)
    {
        _stream.Consume(length);
        _ignored += length;
        if (_ignored > MaxIgnored)
            _stream.StopReceiving();
    }
}
