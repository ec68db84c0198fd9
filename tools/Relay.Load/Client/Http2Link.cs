using Relay.Native.Http2;

namespace Relay.Load.Client;

/// <summary>HTTP/2 of a connection: what the engine hears.</summary>
internal sealed class Http2Link(Http2Connection owner) : Http2Session(server: false, Parameters)
{
    private static readonly Http2Parameters Parameters = new()
    {
        InitialStreamWindow = 4 * 1024 * 1024,
        InitialConnectionWindow = 16 * 1024 * 1024,
    };

    private bool _ready;

    /// <summary>Sends a request; null when the relay takes no more.</summary>
    public TunnelStream? Open(TunnelRequest request, Func<ClientConnection, TunnelStream> create)
    {
        if (!TakesRequests)
            return null;
        var tunnel = create(owner);
        var stream = new Http2Request(this, tunnel);
        tunnel.Attach(stream);
        SubmitRequest(stream, request.Headers);
        return tunnel;
    }

    protected override void OnSettings()
    {
        if (!_ready)
            owner.Loop.Report(owner, TunnelEvent.ConnectionReady);
        _ready = true;
    }

    protected override void OnGoAway(uint errorCode) => owner.IsGoingAway = true;
}
