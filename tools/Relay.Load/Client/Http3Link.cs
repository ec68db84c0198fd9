using System.Security.Cryptography;
using Relay.Native.Http3;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>HTTP/3 and QUIC of a connection: what the engine hears, and what it asks for.</summary>
internal sealed class Http3Link(QuicClientConnection owner, in ConnectionId id, in SocketEndpoint local)
    : Http3Connection(
        owner.Loop.Config.Tls, owner.Loop.Config.ServerName, owner.Loop.Parameters, owner.Loop.Blocks,
        owner.Loop.Config.QuicVersion, in id, in local, in owner.Loop.RelayEndpoint, owner.Loop.Now)
{
    public Exception? CallbackException { get; private set; }

    /// <summary>Opens a request stream; null when the relay allows no more at the moment.</summary>
    public TunnelStream? Open(TunnelRequest request, Func<ClientConnection, TunnelStream> create)
    {
        if (!TryOpenStream(out var id))
            return null;
        var tunnel = create(owner);
        var stream = new Http3Request(this, id, tunnel);
        tunnel.Attach(stream);
        SubmitRequest(stream, request.Headers);
        return tunnel;
    }

    protected override void OnHandshakeCompleted() => owner.OnHandshakeCompleted();

    protected override void OnGoAway() => owner.IsGoingAway = true;

    protected override void OnSettings() => owner.Loop.Report(owner, TunnelEvent.ConnectionReady);

    protected override void OnStreamsAvailable() => owner.Loop.Report(owner, TunnelEvent.StreamsAvailable);

    protected override void CreateConnectionId(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    protected override Http3Stream CreateStream(long id) =>
        throw new InvalidOperationException("The relay opened a request stream.");

    protected override void OnCallbackException(Exception exception) => CallbackException ??= exception;

    protected override void OnDatagram(ReadOnlySpan<byte> datagram)
    {
        if (HttpDatagram.Read(datagram, out var quarter, out var consumed) != HttpDatagramReadResult.Success)
        {
            FailConnection(Http3ErrorCode.DatagramError);
            return;
        }
        if (FindStream((long)quarter * 4) is Http3Request { Tunnel: UdpTunnelStream tunnel })
            tunnel.OnHttpDatagram(datagram[consumed..], Carrier.Datagram);
    }

    protected override bool TryPeekDatagram(out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> payload) =>
        owner.TryPeekDatagram(out prefix, out payload);

    protected override void AdvanceDatagram(DatagramFate fate) => owner.AdvanceDatagram(fate);
}
