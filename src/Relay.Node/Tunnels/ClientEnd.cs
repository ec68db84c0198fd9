namespace Relay.Node.Tunnels;

/// <summary>How the client's side of a tunnel went away.</summary>
internal enum ClientEnd
{
    /// <summary>Its stream is over; the connection lives.</summary>
    Stream,

    /// <summary>Its client closed the connection, and told of no error.</summary>
    ClosedConnection,

    /// <summary>Its connection is over.</summary>
    Connection,

    /// <summary>Its connection was silent for too long.</summary>
    IdleConnection,
}
