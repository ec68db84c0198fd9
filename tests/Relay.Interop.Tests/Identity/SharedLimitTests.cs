using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Interop.Tests.Curl;
using Relay.Interop.Tests.Egress.Client;
using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Tls;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Identity;

/// <summary>What somebody has over HTTP/2 counts where they come by HTTP/3.</summary>
public sealed class SharedLimitTests
{
    private const string Token = "0123456789abcdefghijklmnop";

    [Fact]
    public async Task TunnelsOverHttp2_CountForTheSameToken_OverHttp3()
    {
        var admin = $"127.0.0.1:{Ports.FreeTcp()}";
        await using var world = await CurlWorld.StartAsync(world =>
        [
            "--fleet", "local", "--node-id", "edge-1", "--admin-address", admin, "--auth-bearer-file",
            world.Folder.Write("bearer", $"phone:sha256${Hash(Token)}\nlaptop:sha256${Hash("other" + Token)}\n"),
        ]);
        await world.Relay.Log.WaitForAsync("admin API listening on", Limits.Start);
        using var api = new HttpClient { BaseAddress = new Uri($"http://{admin}/v1/"), Timeout = Limits.Exchange };
        using (var set = await api.PutAsJsonAsync(
            new Uri("limits/credential:phone", UriKind.Relative), new { tunnels = 2 },
            TestContext.Current.CancellationToken))
            Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        using (var client = UdpTunnel.Client())
        {
            client.DefaultRequestHeaders.Add("Proxy-Authorization", $"Bearer {Token}");
            var target = new IPEndPoint(IPAddress.Loopback, Ports.FreeUdp());
            using var first = await UdpTunnel.OpenAsync(client, world.Relay.Port, target);
            using var second = await UdpTunnel.OpenAsync(client, world.Relay.Port, target);
            await FleetApi.WaitUntilAsync(
                "HTTP/3 is refused for the limit", async () => await AskAsync(world, Token) == "503", Limits.Transfer);
            Assert.Equal(2, await world.CountTunnelsAsync("2"));
            Assert.Equal("200", await AskAsync(world, "other" + Token));
        }
        await FleetApi.WaitUntilAsync(
            "there is room again", async () => await AskAsync(world, Token) == "200", Limits.Transfer);
        await world.Relay.StopAsync();
    }

    [Fact]
    public async Task Sessions_TellTheirVersion()
    {
        var admin = $"127.0.0.1:{Ports.FreeTcp()}";
        await using var world = await CurlWorld.StartAsync(
            "--fleet", "local", "--node-id", "edge-1", "--admin-address", admin);
        await world.Relay.Log.WaitForAsync("admin API listening on", Limits.Start);
        var relay = new IPEndPoint(IPAddress.Loopback, world.Relay.Port);
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        using var third = RelayClient.Start(relay);
        _ = await third.OpenTcpAsync(await third.ConnectAsync(), $"{target.LocalEndpoint}");
        using var second = await RawTunnel.OpenAsync(
            await TlsClient.ConnectAsync(relay, "h2", world.Trust), target.LocalEndpoint);
        using var first = await RawTunnel.OpenAsync(
            await TlsClient.ConnectAsync(relay, "http/1.1", world.Trust), target.LocalEndpoint);

        using var api = new HttpClient { BaseAddress = new Uri($"http://{admin}/v1/"), Timeout = Limits.Exchange };
        var versions = await Eventually.HoldsAsync("the sessions are known", async () =>
            (await api.GetFromJsonAsync("sessions?node=edge-1", FleetJson.Of<Page<SessionRecord>>()))!.Items
                .Select(static session => session.HttpVersion ?? "none").Order(StringComparer.Ordinal).ToArray(),
            static versions => versions.Length == 3);
        Assert.Equal(["1.1", "2", "3"], versions);
        await world.Relay.StopAsync();
    }

    /// <summary>The status of a UDP tunnel over HTTP/3.</summary>
    private static async Task<string> AskAsync(CurlWorld world, string token)
    {
        var output = await LoadProcess.ProbeAsync(
            world.Relay.Port, world.Trust, "--header", $"proxy-authorization: Bearer {token}");
        return System.Text.RegularExpressions.Regex.Match(output, @"""connect_udp_status"": (\d+)").Groups[1].Value;
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
}
