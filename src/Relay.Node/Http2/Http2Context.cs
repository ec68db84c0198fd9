using Relay.Native.Http2;
using Relay.Node.Options;
using Relay.Node.Streams;

namespace Relay.Node.Http2;

/// <summary>What the HTTP/2 connections of one loop share.</summary>
/// <param name="parameters">What each connection announces.</param>
internal sealed class Http2Context(Http2Parameters parameters)
{
    /// <summary>What each connection announces.</summary>
    internal Http2Parameters Parameters { get; } = parameters;

    /// <summary>Streams that a connection may have reset in a second, for long.</summary>
    internal int ResetsPerSecond { get; init; } = NodeDefaults.MaxResetsPerSecond;

    /// <summary>Frames that ask for nothing, of a connection in a second, for long.</summary>
    internal int ControlFramesPerSecond { get; init; } = NodeDefaults.MaxControlFramesPerSecond;

    /// <summary>Scratch for responses.</summary>
    internal ResponseBlock Fields { get; } = new();
}
