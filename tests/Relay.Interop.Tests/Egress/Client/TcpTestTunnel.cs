using System.Threading.Channels;
using Relay.Load.Client;

namespace Relay.Interop.Tests.Egress.Client;

/// <summary>A TCP tunnel; what the test sends is made up as it goes out, so that much of it takes no memory.</summary>
internal sealed class TcpTestTunnel(RelayClient client, ClientConnection connection)
    : TunnelStream(connection), ISignalling
{
    private readonly Channel<byte[]> _received = Channel.CreateUnbounded<byte[]>();
    private long _toSend;
    private long _sent;
    private bool _ending;

    public TunnelSignals Signals { get; } = new();

    /// <summary>Bytes that went out.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Sends so many bytes, each of which is <see cref="ByteAt"/>.</summary>
    public void Send(long count) => client.Post(() =>
    {
        _toSend += count;
        Client.QueueResume(this);
    });

    public static byte ByteAt(long offset) => (byte)(offset * 31 >> 3);

    public void End() => client.Post(() =>
    {
        _ending = true;
        Client.QueueResume(this);
    });

    public async Task<byte[]> ReceiveAsync() =>
        await _received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limits.Exchange);

    protected override int PullBody(Span<byte> destination)
    {
        var length = (int)Math.Min(destination.Length, _toSend - _sent);
        if (length == 0)
            return _ending ? EndOfBody : 0;
        for (var i = 0; i < length; i++)
            destination[i] = ByteAt(_sent + i);
        Volatile.Write(ref _sent, _sent + length);
        return length;
    }

    protected override void OnBody(ReadOnlySpan<byte> data)
    {
        _received.Writer.TryWrite(data.ToArray());
        Consume(data.Length);
    }

    protected override void OnEndOfStream()
    {
        base.OnEndOfStream();
        _ending = true;
        Client.QueueResume(this);
    }
}
