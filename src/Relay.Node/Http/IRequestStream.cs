using Relay.Node.Tunnels;

namespace Relay.Node.Http;

/// <summary>
/// One request's stream as its version of HTTP has it: carries what <see cref="ClientRequest"/> and its tunnel say, and
/// tells <see cref="ClientRequest"/> what comes. Belongs to one loop.
/// </summary>
internal interface IRequestStream : ITunnelStream
{
    /// <summary>Whether nothing can be said on it any more.</summary>
    bool IsClosed { get; }

    /// <summary>Bytes of the body that arrived and whose window is not given back.</summary>
    long Unconsumed { get; }

    /// <summary>
    /// Sends the response's head. Where it opens a tunnel, the client gets the whole window, and the body is what
    /// <see cref="ClientRequest.PullBody"/> gives; else the response ends with it.
    /// </summary>
    void Answer(in ResponseHead head);

    /// <summary>Hands over the datagrams that came before the request; without DATAGRAM frames there are none.</summary>
    void DeliverEarlyDatagrams();

    /// <summary>Asks the client to send no more, without an error.</summary>
    void StopReceiving();

    /// <summary>Aborts both directions.</summary>
    /// <param name="reason">Why; the carrier has a code for it.</param>
    void Abort(TunnelAbort reason);
}
