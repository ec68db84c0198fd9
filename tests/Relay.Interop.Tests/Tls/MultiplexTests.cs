using System.Net.Sockets;
using System.Security.Cryptography;
using Relay.Interop.Tests.Curl;

namespace Relay.Interop.Tests.Tls;

/// <summary>Many tunnels on one connection of HTTP/2, which curl does not make: each of its tunnels has one to itself.</summary>
public sealed class MultiplexTests
{
    [Fact]
    public async Task TwoHundredUdpTunnels_OnOneConnection_EachHasItsOwnDatagramsBack()
    {
        const int many = 200;
        const int rounds = 20;
        await using var world = await CurlWorld.StartAsync();
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveBufferSize = 4 << 20,
        };
        target.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var echoing = EchoAsync(target, stop.Token);
        using (var client = UdpTunnel.Client())
        {
            var tunnels = await Task.WhenAll(Enumerable.Range(0, many).Select(
                _ => UdpTunnel.OpenAsync(client, world.Relay.Port, target.LocalEndPoint!)));
            Assert.Equal(1, await world.MetricAsync(@"relay_http_connections_total\{.*version=""2"".*\}"));
            await Task.WhenAll(tunnels.Select(async (tunnel, index) =>
            {
                for (var round = 0; round < rounds; round++)
                {
                    var payload = RandomNumberGenerator.GetBytes(1 + ((index * rounds + round) % 1200));
                    await tunnel.SendAsync(payload);
                    Assert.Equal(payload, await tunnel.ReceiveAsync());
                }
            }));
            foreach (var tunnel in tunnels)
                tunnel.Dispose();
        }
        await world.AssertTunnelsAsync("2", many, "udp");
        await world.Relay.StopAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => echoing);
    }

    private static async Task EchoAsync(Socket socket, CancellationToken cancel)
    {
        var buffer = new byte[2048];
        while (true)
        {
            var received = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Loopback, 0), cancel);
            await socket.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint, cancel);
        }
    }
}
