namespace Relay.Node.Tunnels;

/// <summary>The client's side of an open tunnel: the bytes and datagrams of one request stream.</summary>
internal interface ITunnelStream
{
    /// <summary>Whether the client receives HTTP datagrams in DATAGRAM frames.</summary>
    bool TakesDatagrams { get; }

    /// <summary>
    /// Whether the client has, as far as can be known, all bytes that were pulled for it. For a stream that is closing.
    /// </summary>
    bool HasArrived { get; }

    /// <summary>There are bytes to pull, or the end of them.</summary>
    void Resume();

    /// <summary>There are datagrams to pull.</summary>
    void ResumeDatagrams();

    /// <summary>Gives receive window back.</summary>
    void Consume(long length);
}
