using System.Net;
using Relay.Testing;
using Relay.Testing.Admin;

namespace Relay.Grains.Tests.Admin;

/// <summary>The program relay-admin with a silo in it.</summary>
[Trait("Needs", "Cluster")]
public class SiloProgramTests
{
    [Fact]
    public async Task Program_Silo_CoordinatesAndEndsInOrder()
    {
        await using var admin = new AdminProcess(
            "--fleet", "silo", "--silo-address", "127.0.0.1:0", "--admin-address", "127.0.0.1:0", "--cluster-id",
            "test");
        using var client = new HttpClient { BaseAddress = await admin.AddressAsync() };
        await Eventually.HoldsAsync(
            "the silo to be ready", async () => (await client.GetAsync("/readyz")).StatusCode,
            static status => status == HttpStatusCode.OK);
        // On a busy machine the first questions may take longer than a coordinator lets them.
        using var answer = await Eventually.HoldsAsync(
            "an answer", () => client.GetAsync("/v1/fleet"), static answer => answer.StatusCode == HttpStatusCode.OK);
        var fleet = await answer.JsonAsync(HttpStatusCode.OK);
        Assert.Equal(("orleans", "test"), ((string?)fleet["coordination"], (string?)fleet["clusterId"]));
        admin.Signal(AdminProcess.Terminate);
        Assert.Equal(0, await admin.ExitAsync());
    }

    [Fact]
    public async Task Program_SiloWithNonsenseForRedis_SaysSoAndExitsWith2()
    {
        await using var admin = new AdminProcess(
            "--fleet", "silo", "--redis", "connectTimeout=soon", "--silo-address", "127.0.0.1:0",
            "--admin-address", "127.0.0.1:0");
        Assert.Equal(2, await admin.ExitAsync());
        await admin.SaysAsync("relay-admin: --fleet silo: ");
    }
}
