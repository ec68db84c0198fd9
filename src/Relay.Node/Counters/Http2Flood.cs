namespace Relay.Node.Counters;

/// <summary>What a client sent too much of, so that its HTTP/2 connection was ended.</summary>
internal enum Http2Flood
{
    /// <summary>Frames that carry nothing: PING, SETTINGS, WINDOW_UPDATE, empty DATA, those that are not known.</summary>
    ControlFrames,

    /// <summary>Streams that are reset, by itself or for what it did.</summary>
    Resets,

    /// <summary>Fields, or pieces, of one header section.</summary>
    HeaderSection,
}
