namespace Relay.Node.Counters;

/// <summary>How a tunnel ended, named after the side that ended it.</summary>
internal enum TunnelOutcome
{
    /// <summary>
    /// Both sides ended their streams in order, or the client left without an error once all was delivered.
    /// </summary>
    Completed,

    /// <summary>The client reset the stream, cut a transfer short, or its connection went away.</summary>
    ClientAborted,

    /// <summary>The target reset the connection, or ICMP reported it unreachable.</summary>
    TargetAborted,

    /// <summary>The target could not be reached, or was not allowed.</summary>
    Refused,

    /// <summary>Nothing was relayed for too long.</summary>
    IdleTimeout,

    /// <summary>The client broke the protocol.</summary>
    ProtocolViolation,

    /// <summary>The drain deadline came first.</summary>
    ForceClosed,
}
