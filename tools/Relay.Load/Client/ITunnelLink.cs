namespace Relay.Load.Client;

/// <summary>What carries one tunnel: a stream of HTTP/3 or HTTP/2, or a whole connection of HTTP/1.1.</summary>
internal interface ITunnelLink
{
    /// <summary>The tunnel has bytes to be pulled.</summary>
    void Resume();

    /// <summary>Bytes of the relay went on to where they belong: it may send as many more.</summary>
    void Consume(long length);

    /// <summary>Ends the tunnel at once, in both directions.</summary>
    void Abort(TunnelAbort reason);
}

/// <summary>Why this side gives a tunnel up.</summary>
internal enum TunnelAbort
{
    /// <summary>It is not needed any more.</summary>
    Cancelled,

    /// <summary>What was joined to it has failed (RFC 9114 §4.4).</summary>
    ConnectError,

    /// <summary>The relay sent a malformed datagram (RFC 9297 §3.3).</summary>
    DatagramError,
}
