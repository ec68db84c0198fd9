using Relay.Native.Http2;
using Relay.Node.Http;

namespace Relay.Node.Http2;

/// <summary>What the HTTP/2 connections of one loop share.</summary>
/// <param name="context">What the loop's connections share, whatever carries their requests.</param>
/// <param name="parameters">What each connection announces.</param>
internal sealed class Http2Context(ConnectionContext context, Http2Parameters parameters)
{
    /// <summary>What the loop's connections share, whatever carries their requests.</summary>
    internal ConnectionContext Context { get; } = context;

    /// <summary>What each connection announces.</summary>
    internal Http2Parameters Parameters { get; } = parameters;

    /// <summary>Streams that a connection may have reset in a second, for long.</summary>
    internal int ResetsPerSecond { get; init; } = 50;

    /// <summary>Frames that ask for nothing, of a connection in a second, for long.</summary>
    internal int ControlFramesPerSecond { get; init; } = 100;

    /// <summary>Scratch for responses.</summary>
    internal ResponseFields Fields { get; } = new();
}
