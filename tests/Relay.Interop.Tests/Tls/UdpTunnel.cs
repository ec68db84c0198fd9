using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Tls;

/// <summary>A UDP tunnel (RFC 9298) by HTTP/2, whose other end is .NET's own client: a request that is extended CONNECT.</summary>
internal sealed class UdpTunnel(HttpResponseMessage response, Stream stream) : IDisposable
{
    /// <summary>A client of which everything goes by one connection.</summary>
    public static HttpClient Client() => new(TestAuthority.NotAsked()) { Timeout = Limits.Exchange };

    public static async Task<UdpTunnel> OpenAsync(HttpClient client, int relay, EndPoint target)
    {
        var (host, port) = (((IPEndPoint)target).Address, ((IPEndPoint)target).Port);
        using var request = new HttpRequestMessage(
            HttpMethod.Connect, $"https://127.0.0.1:{relay}/.well-known/masque/udp/{host}/{port}/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Protocol = "connect-udp";
        request.Headers.Add("Capsule-Protocol", "?1");
        var response = await client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new UdpTunnel(
            response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Sends a datagram, as a capsule (RFC 9297 §3.5) with context 0.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> payload)
    {
        await stream.WriteAsync(
            (byte[])[0, .. Varint(payload.Length + 1), 0, .. payload.Span], TestContext.Current.CancellationToken);
        await stream.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Receives one.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        var head = new byte[3];
        await stream.ReadExactlyAsync(head.AsMemory(0, 2), deadline.Token);
        Assert.Equal(0, head[0]);
        var length = head[1] & 0x3f;
        if (head[1] >> 6 != 0)
        {
            Assert.Equal(1, head[1] >> 6);
            await stream.ReadExactlyAsync(head.AsMemory(2, 1), deadline.Token);
            length = (length << 8) | head[2];
        }
        var value = new byte[length];
        await stream.ReadExactlyAsync(value, deadline.Token);
        Assert.Equal(0, value[0]);
        return value[1..];
    }

    public void Dispose() => response.Dispose();

    private static byte[] Varint(int value) =>
        value < 64 ? [(byte)value] : [(byte)(0x40 | (value >> 8)), (byte)value];
}
