using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Relay.Interop.Tests.Curl;
using Relay.Interop.Tests.Loopback;

namespace Relay.Interop.Tests.Tls;

/// <summary>
/// A client that opens streams and resets them, as fast as it can and again and again (CVE-2023-44487), beside one that
/// has a tunnel and uses it.
/// </summary>
public sealed class ChurnTests
{
    private const int Settings = 4;
    private const int Headers = 1;
    private const int Reset = 3;
    private const int EndHeaders = 4;

    // HPACK without its tables: :method CONNECT, :authority a port of this machine that nobody listens on.
    private static readonly byte[] Request = [2, 7, .. "CONNECT"u8, 1, 11, .. "127.0.0.1:9"u8];

    [Fact]
    public async Task StreamChurn_EndsItsConnections_AndLeavesTheNeighbourItsTunnel()
    {
        await using var world = await CurlWorld.StartAsync("--workers", "1");
        var (port, pid) = (world.Relay.Port, $"{world.Relay.Id}");
        var alone = await LoadRun.AgainstAsync(port, Limits.Transfer, "echo", "--http", "2", "--count", "20000");

        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var trust = X509CertificateLoader.LoadCertificateFromFile(world.Trust);
        var flood = Task.Run(() => FloodAsync(port, trust, end.Token));
        await Eventually.HoldsAsync(async () => await EndedAsync(world) > 0);
        var beside = await LoadRun.AgainstAsync(
            port, Limits.Transfer, "echo", "--http", "2", "--count", "20000", "--relay-pid", pid);
        await end.CancelAsync();
        var connections = await flood;

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"echoes beside {connections} connections of the flood: p50 {beside.Figure("latency_p50_us")} µs, "
            + $"p99 {beside.Figure("latency_p99_us")} µs; without: {alone.Figure("latency_p50_us")} µs, "
            + $"{alone.Figure("latency_p99_us")} µs; resident {beside["relay_rss_after_kib"]} KiB");
        Assert.Equal((0L, 20_000L), (beside["lost"], beside["echoes"]));
        Assert.True(connections > 1, "The flood was not ended.");
        Assert.InRange(beside["relay_rss_after_kib"] - beside["relay_rss_before_kib"], long.MinValue, 64 * 1024);
        await world.Relay.StopAsync();
    }

    /// <summary>Floods by one connection after the other, as each is ended; how many there were.</summary>
    private static async Task<int> FloodAsync(int port, X509Certificate2 trust, CancellationToken end)
    {
        for (var count = 0; ; count++)
        {
            if (end.IsCancellationRequested)
                return count;
            try
            {
                await FloodOnceAsync(port, trust, end);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // Ended by the relay, or by the test.
            }
        }
    }

    private static async Task FloodOnceAsync(int port, X509Certificate2 trust, CancellationToken end)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, end);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { trust },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            }, end);
        await tls.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])], end);
        for (var stream = 1; ;)
        {
            var frames = new List<byte>();
            for (var i = 0; i < 100; i++, stream += 2)
            {
                frames.AddRange(Frame(Headers, EndHeaders, stream, Request));
                frames.AddRange(Frame(Reset, 0, stream, [0, 0, 0, 8]));
            }
            await tls.WriteAsync(frames.ToArray(), end);
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        byte[] frame = [0, 0, (byte)payload.Length, type, flags, 0, 0, 0, 0, .. payload];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        return frame;
    }

    private static Task<long> EndedAsync(CurlWorld world) =>
        world.MetricAsync(@"relay_http2_floods_total\{[^}]*reason=""resets""[^}]*\}");
}
