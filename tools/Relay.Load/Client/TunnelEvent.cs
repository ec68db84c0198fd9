namespace Relay.Load.Client;

/// <summary>What the loop is told by callbacks, to act on afterwards.</summary>
internal enum TunnelEvent
{
    /// <summary>Requests may be sent: with HTTP/3 and HTTP/2 the relay's SETTINGS arrived.</summary>
    ConnectionReady,

    /// <summary>The relay allows more streams.</summary>
    StreamsAvailable,

    /// <summary>An answer that opens the tunnel.</summary>
    Opened,

    /// <summary>Any other final answer.</summary>
    Refused,

    /// <summary>The tunnel is gone.</summary>
    Closed,
}
