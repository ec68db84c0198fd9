using System.Threading.Channels;
using Relay.Load.Client;
using Relay.Native.Quic;

namespace Relay.Interop.Tests.Egress.Client;

/// <summary>A UDP tunnel whose datagrams the test sends and receives one by one.</summary>
internal sealed class UdpTestTunnel(RelayClient client, ClientConnection connection)
    : UdpTunnelStream(connection), ISignalling
{
    private readonly Queue<byte[]> _outgoing = new();
    private readonly Channel<byte[]> _received = Channel.CreateUnbounded<byte[]>();

    public TunnelSignals Signals { get; } = new();

    /// <summary>The relay ended the stream in order.</summary>
    public bool EndedInOrder { get; private set; }

    protected override int MaxPayload => 2000;

    public void Send(byte[] payload) => client.Post(() =>
    {
        _outgoing.Enqueue(payload);
        QueueSend();
    });

    public async Task<byte[]> ReceiveAsync() =>
        await _received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limits.Exchange);

    /// <summary>Sends, and expects the same back.</summary>
    public async Task EchoAsync(params byte[] payload)
    {
        Send(payload);
        Assert.Equal(payload, await ReceiveAsync());
    }

    public void Close() => client.Post(Finish);

    public override void Advance(Carrier carrier, DatagramFate fate) => _outgoing.Dequeue();

    protected override void OnEndOfStream()
    {
        base.OnEndOfStream();
        EndedInOrder = true;
    }

    protected override bool TryPeek(
        Carrier carrier, Span<byte> head, out int headLength, out ReadOnlySpan<byte> body)
    {
        headLength = 0;
        body = _outgoing.TryPeek(out var payload) ? payload : default;
        return payload is not null;
    }

    protected override void OnPayload(ReadOnlySpan<byte> payload, Carrier carrier) =>
        _received.Writer.TryWrite(payload.ToArray());
}
