using System.Runtime.InteropServices;
using Relay.Node.Http;
using Relay.Node.Tests.Http;
using Relay.Node.Tests.Http2;
using Relay.Protocol;

namespace Relay.Node.Tests.Carriers;

/// <summary>By nghttp2's client over bytes in memory.</summary>
internal sealed class Http2Client(Network network) : CarriedClient(network)
{
    private readonly Http2World _world = new(new CarrierWorld(network));

    public override ClientConnection Connection => _world.Carrier.Client;

    public override bool IsOver => _world.Carrier.IsClosed;

    public override CarriedTunnel Ask(params (string Name, string Value)[] fields) =>
        new Tunnel(_world.Client.Ask(fields));

    // As if nghttp2's client had sent it.
    public override void AskInPart()
    {
        Assert.True(Run(() => _world.Client.HasPeerSettings));
        _world.Carrier.Receive(Frames.Write(Frames.Headers, 0, 1, Frames.Connect));
    }

    public override void Vanish() => _world.Carrier.Lose(inOrder: false);

    public override void CloseInOrder() => _world.Carrier.Lose(inOrder: true);

    protected override void Close()
    {
        if (!_world.Carrier.IsClosed)
            _world.Carrier.Lose(inOrder: false);
        Assert.Equal((0, 0), (_world.Carrier.Client.TunnelCount, _world.Carrier.StreamCount));
        _world.Dispose();
    }

    private sealed class Tunnel(ClientStream stream) : CarriedTunnel
    {
        public override int Status => stream.Status ?? 0;

        public override long BodyLength => stream.BodyLength;

        public override bool Ended => stream.Ended;

        public override bool WasReset => stream.ResetCode is not null;

        public override ReadOnlySpan<byte> Body => CollectionsMarshal.AsSpan(stream.Body);

        public override string? Field(string name) =>
            stream.Fields.Find(field => field.StartsWith($"{name}: ", StringComparison.Ordinal))?[(name.Length + 2)..];

        public override void Send(ReadOnlySpan<byte> data) => stream.Send(data);

        public override void Finish() => stream.Finish();

        public override void Reset() => stream.Reset(Http2ErrorCode.Cancel);
    }
}
