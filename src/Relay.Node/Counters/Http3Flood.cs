namespace Relay.Node.Counters;

/// <summary>What a client sent too much of, so that its HTTP/3 connection was ended.</summary>
internal enum Http3Flood
{
    /// <summary>Requests that came to nothing: reset by the client or for what it did, or refused.</summary>
    Resets,
}
