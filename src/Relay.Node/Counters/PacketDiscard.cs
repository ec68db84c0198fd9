namespace Relay.Node.Counters;

/// <summary>Why a packet that was received is not read.</summary>
internal enum PacketDiscard
{
    /// <summary>It belongs to nobody, and is not answered.</summary>
    Unknown,

    /// <summary>It came behind requests that wait for a turn, and as much as may wait does.</summary>
    Requests,

    /// <summary>It is of a handshake, and as many of those as may wait do.</summary>
    Handshakes,

    /// <summary>Too much is held of what its client, and others of its source, have sent.</summary>
    Memory,

    /// <summary>It is for another loop, which cannot keep up.</summary>
    Backlog,
}
