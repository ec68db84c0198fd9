using System.Net.Security;
using System.Text;
using Relay.Testing.Http2;

namespace Relay.Interop.Tests.Tls;

/// <summary>
/// A TCP tunnel that the test speaks by hand, by HTTP/1.1 or HTTP/2 as was negotiated: its client does nothing by itself.
/// </summary>
internal sealed class RawTunnel : IDisposable
{
    private const int Stream = 1;

    private readonly SslStream _client;
    private readonly bool _http2;

    private RawTunnel(SslStream client) =>
        (_client, _http2) = (client, client.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2);

    /// <summary>Whether it has read a GOAWAY.</summary>
    public bool IsToldToLeave { get; private set; }

    /// <summary>Asks for a target, and returns when that is reached and the client knows it.</summary>
    public static async Task<RawTunnel> OpenAsync(SslStream client, EndPoint target)
    {
        var tunnel = new RawTunnel(client);
        if (tunnel._http2)
        {
            await tunnel.WriteAsync([.. Http2Wire.Preface, .. Frames.Request(Stream, Frames.ConnectTo($"{target}"))]);
            var fields = await tunnel.ReadFrameAsync(Frames.Headers);
            // RFC 7541 appendix A: ":status: 200" is the eighth; before it may be the size of the table.
            Assert.Equal(0x88, Array.Find(fields, static one => one >> 5 != 1));
            return tunnel;
        }
        await tunnel.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"));
        var head = "";
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            head += (char)(await tunnel.ReadBytesAsync(1))[0];
        Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
        return tunnel;
    }

    public Task SendAsync(byte[] data) => WriteAsync(_http2 ? Frames.Write(Frames.Data, 0, Stream, data) : data);

    /// <summary>Reads what the target sent at once.</summary>
    public Task<byte[]> ReceiveAsync(int length) => _http2 ? ReadFrameAsync(Frames.Data) : ReadBytesAsync(length);

    /// <summary>Reads until the relay ends its side in order, and returns what the target had sent.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        using var deadline = Eventually.Deadline(Limits.Transfer);
        var all = new MemoryStream();
        if (!_http2)
            await _client.CopyToAsync(all, deadline.Token);
        for (var ended = !_http2; !ended;)
        {
            var (type, flags, payload) = await ReadFrameAsync();
            if (type != Frames.Data)
                continue;
            all.Write(payload);
            ended = (flags & Frames.EndStream) != 0;
        }
        return all.ToArray();
    }

    /// <summary>Ends the client's side in order.</summary>
    public Task EndAsync() => _http2
        ? WriteAsync(Frames.Write(Frames.Data, Frames.EndStream, Stream, [])) : _client.ShutdownAsync();

    public void Dispose() => _client.Dispose();

    /// <summary>The content of the next frame of a type; others are passed over.</summary>
    private async Task<byte[]> ReadFrameAsync(byte type)
    {
        while (true)
        {
            if (await ReadFrameAsync() is var frame && frame.Type == type)
                return frame.Payload;
        }
    }

    private async Task<(byte Type, byte Flags, byte[] Payload)> ReadFrameAsync()
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        var frame = await Http2Wire.ReadFrameAsync(_client, deadline.Token);
        IsToldToLeave |= frame.Type == Frames.GoAway;
        return frame;
    }

    private async Task<byte[]> ReadBytesAsync(int length)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        var bytes = new byte[length];
        await _client.ReadExactlyAsync(bytes, deadline.Token);
        return bytes;
    }

    private async Task WriteAsync(byte[] data)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        await _client.WriteAsync(data, deadline.Token);
    }
}
