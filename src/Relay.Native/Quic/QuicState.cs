namespace Relay.Native.Quic;

/// <summary>The life of a connection.</summary>
public enum QuicState
{
    /// <summary>The handshake is under way.</summary>
    Handshaking,

    /// <summary>Application data flows.</summary>
    Open,

    /// <summary>Something ended it on this side; CONNECTION_CLOSE is to be written (RFC 9000 §10.2.1).</summary>
    Closing,

    /// <summary>The other side closed it: nothing may be sent any more (RFC 9000 §10.2.2).</summary>
    Draining,

    /// <summary>It ended without a word: idle timeout, stateless reset, or a handshake that never was.</summary>
    Lost,
}

/// <summary>How a write ended.</summary>
public enum QuicWriteResult
{
    /// <summary>Everything that there was to say has been said.</summary>
    Done,

    /// <summary>Congestion control or pacing allows no more until an acknowledgement or the next expiry.</summary>
    Blocked,

    /// <summary>The send quantum is used up; the connection wants another turn.</summary>
    Quantum,

    /// <summary>The sink is full; the connection wants another turn.</summary>
    SinkFull,

    /// <summary>The connection is no longer open; see <see cref="QuicConnection.State"/>.</summary>
    Ended,
}

/// <summary>What became of a datagram that a connection pulled.</summary>
public enum DatagramFate
{
    /// <summary>It is in a packet.</summary>
    Sent,

    /// <summary>The path, or the other side, takes no datagram of this size.</summary>
    TooLarge,
}
