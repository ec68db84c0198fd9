using Relay.Native.Http2;

namespace Relay.Node.Http2;

/// <summary>The HTTP/2 session of a client's connection: makes its streams, and tells what has to be counted.</summary>
internal sealed class ServerSession(Http2Protocol protocol, Http2Parameters parameters)
    : Http2Session(server: true, parameters)
{
    /// <summary>The connection is gone.</summary>
    internal void Lose(int most) => CloseStreams(most);

    /// <inheritdoc/>
    protected override Http2Stream? CreateStream(int id) =>
        protocol.TakesRequest() ? new RequestStream(protocol, this, id) : null;

    /// <inheritdoc/>
    protected override void OnDataSent(int length, bool cutShort) => protocol.OnDataSent(length, cutShort);

    /// <inheritdoc/>
    protected override void OnResetByLibrary(uint errorCode) => protocol.OnResetByLibrary(errorCode);

    /// <inheritdoc/>
    protected override void OnEndedByLibrary(uint errorCode) => protocol.OnEndedByLibrary(errorCode);
}
