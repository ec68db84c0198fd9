namespace Relay.Node.Tunnels;

/// <summary>What asked for a tunnel: answers the client, and hears of an end that the tunnel makes.</summary>
internal interface ITunnelRequest
{
    /// <summary>The client's side.</summary>
    ITunnelStream Stream { get; }

    /// <summary>Answers 200 and opens the tunnel.</summary>
    /// <param name="nextHop">The target's address and port.</param>
    void Accept(string nextHop);

    /// <summary>Answers with the failure's status and Proxy-Status, and ends the stream.</summary>
    void Reject(in ConnectFailure failure);

    /// <summary>The tunnel has ended: ends this side of the stream in order.</summary>
    void Finish();

    /// <summary>The tunnel has ended: aborts both directions of the stream.</summary>
    /// <param name="reason">Why.</param>
    void Abort(TunnelAbort reason);
}
