using System.Net.Sockets;
using Relay.Interop.Tests.Curl;
using Relay.Interop.Tests.Egress.Client;

namespace Relay.Interop.Tests.Tls;

/// <summary>Clients over TCP that take more than is theirs.</summary>
public sealed class AbuseTests : IDisposable
{
    private readonly List<Socket> _sockets = [];

    public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());

    [Fact]
    public async Task Handshakes_BegunAndNotCompleted_MakeRoomAmongTheirSourcesOwn_FromTheOldestOn()
    {
        const int most = 32;
        const int ofSource = most / 8;
        await using var world = await CurlWorld.StartAsync("--workers", "1", "--max-tls-handshakes", $"{most}");
        _ = await ConnectAsync(world, from: "127.0.0.2");
        // The second half of them has begun to speak.
        var sockets = new List<Socket>();
        for (var i = 0; i < 2 * ofSource; i++)
        {
            sockets.Add(await ConnectAsync(world));
            await sockets[i].SendAsync(i < ofSource ? [] : (byte[])[22, 3, 1], SocketFlags.None);
        }
        foreach (var oldest in sockets[..ofSource])
            Assert.True(await IsOverAsync(oldest));
        Assert.Equal(ofSource, await EvictedAsync(world));

        // All places of the source are taken, and yet:
        await world.RunAsync("1.1", $"{world.Site.PlainAddress}/");
        await world.AssertTunnelsAsync("1.1", 1);
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("--max-connections-per-source", "127.0.0.1", "127.0.0.1")]
    [InlineData("--max-connections", "127.0.0.2", "127.0.0.3")]
    public async Task Connections_AreCountedOverTcpAndUdpTogether(string limit, string anothersAddress, string address)
    {
        await using var world = await CurlWorld.StartAsync("--workers", "1", limit, "2");
        using var client = RelayClient.Start(new IPEndPoint(IPAddress.Loopback, world.Relay.Port));
        _ = await client.ConnectAsync();
        var second = await ConnectAsync(world, anothersAddress);
        await world.Relay.Log.WaitForAsync("established on loop", Limits.Exchange);

        Assert.True(await IsRefusedAsync(world, address));
        await Assert.ThrowsAsync<IOException>(client.ConnectAsync);

        second.Dispose();
        await Eventually.HoldsAsync(async () =>
            (await world.EndAsync("1.1", $"{world.Site.PlainAddress}/")).Status == 0);
        await world.AssertLoggedAsync("1.1", 1);
        Assert.Equal(1, await world.CountTunnelsAsync("1.1"));
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("1.1", "--max-header-fields", "20")]
    [InlineData("2", "--max-header-fields", "20")]
    [InlineData("1.1", "--max-header-bytes", "1024")]
    [InlineData("2", "--max-header-bytes", "1024")]
    public async Task Fields_BeyondTheOperatorsBound_AreRefused(string version, string option, string bound)
    {
        await using var world = await CurlWorld.StartAsync(option, bound);
        foreach (var (count, status) in ((int, int)[])[(10, 0), (40, 56)])
        {
            var fields = Enumerable.Range(0, count).SelectMany(
                static number => (string[])["--proxy-header", $"x-{number}: y"]).ToArray();
            var end = await world.EndAsync(version, [.. fields, $"{world.Site.PlainAddress}/"]);
            Assert.Equal(status, end.Status);
            // Of HTTP/2 curl does not say it.
            if (version == "1.1")
                Assert.Equal(status != 0, end.Output.Contains(" 431", StringComparison.Ordinal));
        }
        Assert.Equal(1, await world.MetricAsync(@"relay_request_refusals_total\{[^}]*reason=""too_large""[^}]*\}"));
        await world.AssertTunnelsAsync(version, 1);
        await world.Relay.StopAsync();
    }

    private async Task<Socket> ConnectAsync(CurlWorld world, string from = "127.0.0.1")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, world.Relay.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    private async Task<bool> IsRefusedAsync(CurlWorld world, string from)
    {
        try
        {
            return await IsOverAsync(await ConnectAsync(world, from));
        }
        catch (SocketException)
        {
            // The reset may come before the connection is known to be there.
            return true;
        }
    }

    private static async Task<bool> IsOverAsync(Socket socket)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        try
        {
            return await socket.ReceiveAsync(new byte[1], SocketFlags.None, deadline.Token) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static Task<long> EvictedAsync(CurlWorld world) =>
        world.MetricAsync(@"relay_tls_handshakes_evicted_total(?:\{.*\})?");
}
