namespace Relay.Node.Streams;

/// <summary>
/// The way of bytes between a client and a <see cref="StreamProtocol"/>: TLS over TCP. Belongs to one loop.
/// </summary>
internal interface IByteStream
{
    /// <summary>
    /// Whether the other side's kernel has all bytes that were written so far, as far as can be known.
    /// </summary>
    bool HasArrived { get; }

    /// <summary>
    /// The value of <c>Alt-Svc</c> (RFC 7838 §3) in answers: where HTTP/3 is to be had, for a client that can go there;
    /// null where they say nothing of it.
    /// </summary>
    string? AltSvc { get; }

    /// <summary>
    /// There is something to write, or <see cref="StreamProtocol.HasEnded"/> or <see cref="StreamProtocol.IsOver"/> has
    /// changed: asks for a turn of writing.
    /// </summary>
    void RequestWrite();

    /// <summary><see cref="StreamProtocol.TakesBytes"/> is true again: asks for a turn of reading.</summary>
    void RequestRead();

    /// <summary>
    /// Ends the connection at once, by a TCP reset: what was written and has not arrived is lost, as is what has not
    /// been read. The protocol is <see cref="StreamProtocol.Lose"/>d in the turn of writing that follows.
    /// </summary>
    void Reset();
}
