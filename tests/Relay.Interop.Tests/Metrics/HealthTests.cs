using Relay.Interop.Tests.Lifecycle;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Metrics;

/// <summary>What probes of the program hear while it serves and while it drains.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Drain_NotReadyAndAlive_UntilTheEnd()
    {
        var port = Ports.FreeTcp();
        var address = $"127.0.0.1:{port}";
        await using var world = await TunnelWorld.StartAsync(
            "--metrics-address", address, "--graceful-shutdown-timeout-secs", "600");
        var (client, target) = await world.OpenAsync();
        using var http = new HttpClient();
        Assert.Equal((HttpStatusCode.OK, """{"ready":true,"reasons":[]}"""), await GetAsync("readyz"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("livez")).Status);

        world.Relay.Signal(Signals.Terminate);
        await world.Relay.Log.WaitForAsync("draining: 1 tunnel", Limits.AtOnce);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                """{"ready":false,"reasons":[{"condition":"drain","reason":"the node drains"}]}"""),
            await GetAsync("readyz"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("livez")).Status);
        var metrics = (await GetAsync("metrics")).Body;
        Assert.Matches(@"(?m)^relay_drain_state(\{\})? 2$", metrics);
        Assert.Matches("(?m)^relay_ready\\{condition=\"drain\"\\} 0$", metrics);
        Assert.Matches("(?m)^relay_ready\\{condition=\"relay\"\\} 1$", metrics);
        Assert.Matches("(?m)^relay_tunnels_active\\{type=\"tcp\"\\} 1$", metrics);

        target.Close();
        client.Close();
        Assert.Equal(0, await world.Relay.WaitForExitAsync(Limits.Stop));

        async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
        {
            using var response = await http.GetAsync($"http://{address}/{path}", TestContext.Current.CancellationToken);
            return (response.StatusCode,
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }
}
