
namespace Relay.Node.Tunnels;

/// <summary>The client's side of a tunnel: one request stream.</summary>
internal interface ITunnelStream
{
    /// <summary>Whether the client receives HTTP datagrams in DATAGRAM frames.</summary>
    bool TakesDatagrams { get; }

    /// <summary>
    /// Whether the client has, as far as can be known, all bytes that were pulled for it. For a stream that is closing.
    /// </summary>
    bool HasArrived { get; }

    /// <summary>Answers 200 and opens the tunnel.</summary>
    /// <param name="nextHop">The target's address and port.</param>
    void Accept(string nextHop);

    /// <summary>Answers with the failure's status and Proxy-Status, and ends the stream.</summary>
    void Reject(in ConnectFailure failure);

    /// <summary>There are bytes to pull.</summary>
    void Resume();

    /// <summary>There are datagrams to pull.</summary>
    void ResumeDatagrams();

    /// <summary>Gives receive window back.</summary>
    void Consume(long length);

    /// <summary>Aborts both directions of the stream.</summary>
    /// <param name="reason">Why.</param>
    void Abort(TunnelAbort reason);
}
