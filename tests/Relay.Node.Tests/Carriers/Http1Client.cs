using System.Runtime.InteropServices;
using System.Text;
using Relay.Node.Http;
using Relay.Node.Http1;
using Relay.Node.Streams;
using Relay.Node.Tests.Http;
using Relay.Node.Tests.Streams;

namespace Relay.Node.Tests.Carriers;

/// <summary>By lines of text over bytes in memory: one request a connection.</summary>
internal sealed class Http1Client : CarriedClient
{
    private readonly ProtocolCarrier _carrier;
    private readonly List<byte> _got = [];

    public Http1Client(Network network) : base(network)
    {
        _carrier = new ProtocolCarrier(
            static (client, stream) => new Http1Protocol(client, stream), new CarrierWorld(network));
        _carrier.Wrote = piece => _got.AddRange(piece.Span);
    }

    public override ClientConnection Connection => _carrier.Client;

    public override bool IsOver => _carrier.IsClosed;

    public override CarriedTunnel Ask(params (string Name, string Value)[] fields)
    {
        var pseudo = fields.Where(static field => field.Name[0] == ':').ToDictionary();
        var text = new StringBuilder();
        if (pseudo.TryGetValue(":protocol", out var protocol))
            text.Append($"GET {pseudo[":path"]} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n");
        else
            text.Append($"{pseudo[":method"]} {pseudo.GetValueOrDefault(":path") ?? pseudo[":authority"]} HTTP/1.1\r\n");
        text.Append($"Host: {pseudo[":authority"]}\r\n");
        foreach (var (name, value) in fields.Where(static field => field.Name[0] != ':'))
            text.Append($"{name}: {value}\r\n");
        var tunnel = new Tunnel(this);
        tunnel.Send(Encoding.ASCII.GetBytes(text.Append("\r\n").ToString()));
        return tunnel;
    }

    public override void AskInPart() => _carrier.Receive("CONNECT target.test:80 HTT"u8);

    public override void Vanish() => _carrier.Lose(inOrder: false);

    public override void CloseInOrder() => _carrier.Lose(inOrder: true);

    protected override void Close()
    {
        if (!_carrier.IsClosed)
            _carrier.Lose(inOrder: false);
        Assert.Equal((0, 0), (_carrier.Client.TunnelCount, _carrier.StreamCount));
        _carrier.Dispose();
    }

    private sealed class Tunnel(Http1Client client) : CarriedTunnel
    {
        private int HeadLength => client._got.Count == 0 ? -1
            : CollectionsMarshal.AsSpan(client._got).IndexOf("\r\n\r\n"u8) is var end and >= 0 ? end + 4 : -1;

        private string[] Head => Encoding.ASCII.GetString(
            CollectionsMarshal.AsSpan(client._got)[..Math.Max(0, HeadLength)]).Split("\r\n");

        public override int Status => HeadLength < 0 ? 0
            : int.Parse(Head[0].Split(' ')[1]) is var status && status == 101 ? 200 : status;

        public override long BodyLength => Body.Length;

        public override bool Ended => client._carrier is { HasEndedWriting: true } or { IsClosed: true, WasReset: false };

        public override bool WasReset => client._carrier.WasReset;

        public override ReadOnlySpan<byte> Body =>
            HeadLength < 0 ? default : CollectionsMarshal.AsSpan(client._got)[HeadLength..];

        public override string? Field(string name) => Array.Find(
            Head, line => line.StartsWith($"{name}: ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];

        public override void Send(ReadOnlySpan<byte> data)
        {
            for (; !data.IsEmpty; data = data[Math.Min(data.Length, StreamProtocol.MaxPiece)..])
            {
                Assert.True(client.Run(() => client._carrier.HttpProtocol.TakesBytes));
                client._carrier.Receive(data[..Math.Min(data.Length, StreamProtocol.MaxPiece)]);
            }
        }

        public override void Finish() => client._carrier.ReceiveEnd();

        public override void Reset() => client.Vanish();
    }
}
