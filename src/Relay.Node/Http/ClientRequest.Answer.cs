using Relay.Hosting.Credentials;
using Relay.Node.Credentials;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http;

/// <content>What the client is told: that its tunnel is open, or why it gets none; and its end.</content>
internal sealed partial class ClientRequest
{
    void ITunnelRequest.Accept(string nextHop)
    {
        if (_answered || _stream.IsClosed)
            return;
        _answered = true;
        _client.OnActivity();
        _stream.Answer(new ResponseHead(200, ProxyStatus.Format(nextHop)) { HasCapsules = Udp is not null });
    }

    void ITunnelRequest.Reject(in ConnectFailure failure)
    {
        if (!Identify())
            Challenge();
        else if (_refusal is { } refusal)
            Refuse(refusal);
        else
        {
            Refuse(new ResponseHead(
                ProxyStatus.GetStatusCode(failure.Error),
                ProxyStatus.Format(failure.NextHop, failure.Error, failure.Rcode, failure.Details)));
        }
    }

    void ITunnelRequest.Finish()
    {
        _stream.Resume();
        LeaveToClient();
        _client.OnRequestOver();
    }

    void ITunnelRequest.Abort(TunnelAbort reason)
    {
        _stream.Abort(reason);
        _client.OnRequestOver();
    }

    // 407: RFC 9110 §15.5.8, where the operator has not chosen 401. 429 (RFC 6585 §4) for a source that guesses.
    private void Challenge()
    {
        var (outcome, kind, _, challenges) = _authentication;
        if (outcome == AuthenticationOutcome.Busy)
        {
            Refuse(Refusal.Limit(RefusalDetails.CredentialsBusy, retryAfterSeconds: 1));
            return;
        }
        _client.Loop.Counters.AuthFailures[(int)kind]++;
        if (outcome == AuthenticationOutcome.Limited)
            Refuse(Refusal.TooMany(RefusalDetails.WrongCredentials, (int)FailureLimiter.Interval.TotalSeconds));
        else
        {
            var denied = ProxyStatus.Format(null, ProxyErrorType.HttpRequestDenied);
            Refuse(new ResponseHead(_client.Context.Authenticator.DeniedStatus, denied) { Challenges = challenges });
        }
    }

    /// <summary>What is no request to a proxy at all is not told that here is one.</summary>
    private void Refuse(in ConnectDecision decision)
    {
        if (decision.Status is 414 or 431)
            _client.Loop.Counters.RefusedTooLarge++;
        Refuse(new ResponseHead(
            decision.Status,
            decision.Status is 404 or 405 ? null : ProxyStatus.Format(null, ProxyErrorType.HttpRequestError)));
    }

    private void Refuse(in Refusal refusal) => Refuse(
        new ResponseHead(refusal.Status, ProxyStatus.Format(null, refusal.Error, details: refusal.Details))
        {
            RetryAfterSeconds = refusal.RetryAfterSeconds,
        });

    private void Refuse(in ResponseHead head)
    {
        if (_answered || _stream.IsClosed)
            return;
        _answered = _refused = true;
        _isBlameless = !head.IsClientsFault;
        _client.Loop.Counters.RequestsRefused++;
        _stream.Answer(head);
        // Nobody will take them.
        _stream.DeliverEarlyDatagrams();
        LeaveToClient();
        _client.OnRequestOver();
    }

    /// <summary>All that is to come is that the client ends its side, which it may never do: of many such streams it is asked.</summary>
    private void LeaveToClient()
    {
        if (_isLeft || _stream.IsClosed)
            return;
        _isLeft = true;
        if (_client.MayLeaveOpen())
            return;
        _client.Loop.Counters.StreamsStopped++;
        _stream.StopReceiving();
    }
}
