using Relay.Node.Http;
using Relay.Protocol;

namespace Relay.Node.Tests.Carriers;

/// <summary>By QUIC in memory.</summary>
internal sealed class Http3Client : CarriedClient
{
    private readonly TestClient _client;

    public Http3Client(Network network) : base(network)
    {
        var others = network.Node.Connections.Open.ToArray();
        _client = network.Establish();
        Connection = Assert.Single(network.Node.Connections.Open, one => !others.Contains(one));
    }

    public override ClientConnection Connection { get; }

    public override bool IsOver => _client.IsOver;

    public override CarriedTunnel Ask(params (string Name, string Value)[] fields) =>
        new Tunnel(_client.Request(fields));

    // By a client beside, whose streams carry what it is given: HEADERS, and half of its length.
    public override void AskInPart()
    {
        var raw = Network.EstablishRaw();
        raw.Send(raw.OpenBidirectional(), [1, 64]);
    }

    public override void Vanish() => _client.IsAlive = false;

    public override void CloseInOrder() => _client.CloseWith(Http3ErrorCode.NoError);

    protected override void Close()
    {
        _client.IsAlive = true;
        CloseInOrder();
    }

    private sealed class Tunnel(TestStream stream) : CarriedTunnel
    {
        public override int Status => stream.Status;

        public override long BodyLength => stream.BodyLength;

        public override bool Ended => stream.Ended;

        public override bool WasReset => stream.ResetCode is not null;

        public override ReadOnlySpan<byte> Body => stream.Body;

        public override string? Field(string name) => stream.All(name) is [var first, ..] ? first : null;

        public override void Send(ReadOnlySpan<byte> data) => stream.Send(data);

        public override void Finish() => stream.Finish();

        public override void Reset() => stream.Reset(Http3ErrorCode.RequestCancelled);
    }
}
