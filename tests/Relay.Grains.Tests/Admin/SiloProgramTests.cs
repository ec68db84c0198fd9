using Relay.Testing.Admin;
using Relay.Testing.Redis;

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
        await BecomesReadyAsync(client);
        // On a busy machine the first questions may take longer than a coordinator lets them.
        using var answer = await Eventually.HoldsAsync(
            "an answer", () => client.GetAsync("/v1/fleet"), static answer => answer.StatusCode == HttpStatusCode.OK);
        var fleet = await answer.JsonAsync(HttpStatusCode.OK);
        Assert.Equal(("orleans", "test"), ((string?)fleet["coordination"], (string?)fleet["clusterId"]));
        // Orleans warns at every start of a collector that we chose, and of a watchdog that has not looked before.
        // What it says of a turn that took long is true of a busy machine, and stays.
        Assert.DoesNotContain(
            admin.Output.Split('\n'),
            static line => line.Contains("Orleans.", StringComparison.Ordinal)
                && !line.Contains(" warn: Orleans.Runtime.Scheduler", StringComparison.Ordinal));
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

    [Fact]
    public async Task Program_SiloWithAWrongPassword_SaysSoInOneLineAndToWhoeverAsks()
    {
        const string Reason = "Redis refuses the user or the password";
        await using var redis = await RedisServer.StartAsync();
        await redis.SetPasswordAsync("right");
        await using var admin = Silo($"{redis.Configuration},password=given");
        using var client = new HttpClient { BaseAddress = await admin.AddressAsync() };

        using var ready = await client.GetAsync("/readyz");
        using var fleet = await client.GetAsync("/v1/fleet");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains(Reason, await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(
            Reason, (string?)(await fleet.JsonAsync(HttpStatusCode.ServiceUnavailable))["detail"], StringComparison.Ordinal);
        await redis.SetPasswordAsync("given", "right");
        await BecomesReadyAsync(client);
        var lines = admin.Output.Split('\n');
        Assert.Contains(Reason, Assert.Single(lines, static line => line.Contains("[701]", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, static line => line.Contains(" fail: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Program_SiloWithThePasswordInAFile_TakesItAsItIsAtTheNextConnection()
    {
        using var folder = new ScratchFolder();
        await using var redis = await RedisServer.StartAsync();
        await redis.SetPasswordAsync("right");
        await using var admin = Silo(redis.Configuration, "--redis-password-file", folder.Write("password", "wrong\n"));
        using var client = new HttpClient { BaseAddress = await admin.AddressAsync() };
        using (var ready = await client.GetAsync("/readyz"))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);

        folder.Write("password", "right\n");

        await BecomesReadyAsync(client);
    }

    [Fact]
    public async Task Program_WhoseSiloCannotBeKept_Ends()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var admin = Silo(redis.Configuration);
        using var client = new HttpClient { BaseAddress = await admin.AddressAsync() };
        await BecomesReadyAsync(client);

        await redis.FlushAsync();

        Assert.Equal(1, await admin.ExitAsync());
        await admin.SaysAsync("the table of members in Redis has lost this silo");
    }

    private static AdminProcess Silo(string redis, params string[] more) => new(
        ["--fleet", "silo", "--redis", redis, "--silo-address", "127.0.0.1:0", "--admin-address", "127.0.0.1:0", .. more]);

    private static Task<HttpStatusCode> BecomesReadyAsync(HttpClient client) => Eventually.HoldsAsync(
        "the silo to be ready", async () =>
        {
            using var answer = await client.GetAsync("/readyz");
            return answer.StatusCode;
        }, static status => status == HttpStatusCode.OK);
}
