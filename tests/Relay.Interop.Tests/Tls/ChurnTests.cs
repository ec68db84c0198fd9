using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Relay.Interop.Tests.Curl;
using Relay.Testing.Http2;

namespace Relay.Interop.Tests.Tls;

/// <summary>
/// A client that opens streams and resets them, as fast as it can and again and again (CVE-2023-44487), beside one that
/// has a tunnel and uses it. Times and memory depend on the machine: they are shown, and counts are asserted.
/// </summary>
public sealed class ChurnTests
{
    /// <summary>Echoes of the neighbour's while the flood goes on.</summary>
    private const int Echoes = 500;

    /// <summary>
    /// Requests of the flood for an echo, on average: 512 turns, each of which begins sixteen of a connection. A few dozen
    /// are usual; so many would be a neighbour that is left out, since what it waits for besides shares a machine with it.
    /// </summary>
    private const int MostBetween = 512 * 16;

    /// <summary>
    /// Requests of a connection of the flood: a reset of one that waits for its target counts for eight, and of resets it has
    /// ten times 50 at once, one for each of 4112 streams, and 50 a second.
    /// </summary>
    private const int MostOfConnection = 1000;

    [Fact]
    public async Task StreamChurn_EndsItsConnections_AndLeavesTheNeighbourItsTunnel()
    {
        await using var world = await CurlWorld.StartAsync("--workers", "1");
        using var trust = X509CertificateLoader.LoadCertificateFromFile(world.Trust);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        // The flood meets somebody: else the budget of a port scan would end most of it.
        using var met = new TcpListener(IPAddress.Loopback, 0);
        met.Start(backlog: 4096);
        var accepting = AcceptAsync(met, end.Token);
        using var target = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = UdpTunnel.Client();
        using var tunnel = await UdpTunnel.OpenAsync(client, world.Relay.Port, target.Client.LocalEndPoint!);
        // What the relay takes once, code and pools, it has taken after so many.
        var alone = await MeasureAsync(tunnel, target);
        var resident = ChildProcess.ResidentKib(world.Relay.Id);

        var flood = Task.Run(() => FloodAsync(world.Relay.Port, Frames.ConnectTo($"{met.LocalEndpoint}"), trust, end.Token));
        await Eventually.HoldsAsync(async () => await EndedAsync(world) > 0);
        var (before, most) = (await world.CountTunnelsAsync("2"), 0L);
        // The next connection floods too.
        await Eventually.HoldsAsync(async () => await world.CountTunnelsAsync("2") > before);
        var beside = await MeasureAsync(
            tunnel, target, async () => most = Math.Max(most, await ActiveAsync(world)));
        var begun = await world.CountTunnelsAsync("2") - before;
        var scans = await world.MetricAsync(@"relay_request_refusals_total\{[^}]*reason=""scanning""[^}]*\}");
        var residentBeside = ChildProcess.ResidentKib(world.Relay.Id);
        await end.CancelAsync();
        var connections = await flood;
        await accepting;

        TestContext.Current.TestOutputHelper?.WriteLine($"""
            {begun} requests of {connections} connections beside {Echoes} echoes; at most {most} tunnels
            an echo, p50 and p99: {Describe(alone)} without the flood, {Describe(beside)} beside it
            memory of the relay: {resident} KiB before, {residentBeside} KiB at the end of it
            """);
        Assert.True(connections > 1, "The flood was not ended.");
        Assert.Equal(0, scans);
        Assert.InRange(begun, 1, (long)Echoes * MostBetween);
        Assert.InRange(begun, 1, (long)(connections + 1) * MostOfConnection);
        // What may be in flight is a few turns' requests of two connections, one that ends and the next.
        Assert.InRange(most, 0, 2 * 128);
        // Nothing is left of the flood.
        await Eventually.HoldsAsync(async () => await ActiveAsync(world) == 0);
        await world.Relay.StopAsync();
    }

    /// <summary>How long each of so many echoes takes, in order of length.</summary>
    private static async Task<TimeSpan[]> MeasureAsync(UdpTunnel tunnel, UdpClient target, Func<Task>? look = null)
    {
        var times = new TimeSpan[Echoes];
        for (var i = 0; i < Echoes; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await EchoAsync(tunnel, target);
            times[i] = Stopwatch.GetElapsedTime(began);
            if (i % 25 == 24 && look is not null)
                await look();
        }
        Array.Sort(times);
        return times;
    }

    private static string Describe(TimeSpan[] sorted) =>
        $"{sorted[Echoes / 2].TotalMilliseconds:F2} and {sorted[Echoes * 99 / 100].TotalMilliseconds:F2} ms";

    private static async Task EchoAsync(UdpTunnel tunnel, UdpClient target)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        await tunnel.SendAsync("echo"u8.ToArray());
        var question = await target.ReceiveAsync(deadline.Token);
        await target.SendAsync(question.Buffer, question.RemoteEndPoint, deadline.Token);
        Assert.Equal("echo"u8.ToArray(), await tunnel.ReceiveAsync());
    }

    /// <summary>Takes every connection, and holds it until its other side ends it.</summary>
    private static async Task AcceptAsync(TcpListener listener, CancellationToken end)
    {
        try
        {
            while (true)
                _ = HoldAsync(await listener.AcceptSocketAsync(end));
        }
        catch (OperationCanceledException)
        {
            // By the test.
        }
    }

    private static async Task HoldAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                _ = await socket.ReceiveAsync(new byte[1], SocketFlags.None, TestContext.Current.CancellationToken);
            }
            catch (SocketException)
            {
                // Reset.
            }
        }
    }

    private static Task<long> ActiveAsync(CurlWorld world) =>
        world.MetricAsync(@"relay_tunnels_active\{[^}]*type=""tcp""[^}]*\}");

    /// <summary>Floods by one connection after the other, as each is ended; how many there were.</summary>
    private static async Task<int> FloodAsync(int port, byte[] request, X509Certificate2 trust, CancellationToken end)
    {
        for (var count = 0; ; count++)
        {
            if (end.IsCancellationRequested)
                return count;
            try
            {
                await FloodOnceAsync(port, request, trust, end);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // Ended by the relay, or by the test.
            }
        }
    }

    private static async Task FloodOnceAsync(int port, byte[] request, X509Certificate2 trust, CancellationToken end)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, end);
        await using var tls = await TlsClient.ShakeHandsAsync(socket, SslApplicationProtocol.Http2, trust, end);
        await tls.WriteAsync(Http2Wire.Preface, end);
        for (var stream = 1; ;)
        {
            var frames = new List<byte>();
            for (var i = 0; i < 100; i++, stream += 2)
            {
                frames.AddRange(Frames.Request(stream, request));
                frames.AddRange(Frames.Write(Frames.ResetStream, 0, stream, Frames.Number(8)));
            }
            await tls.WriteAsync(frames.ToArray(), end);
        }
    }

    private static Task<long> EndedAsync(CurlWorld world) =>
        world.MetricAsync(@"relay_http2_floods_total\{[^}]*reason=""resets""[^}]*\}");
}
