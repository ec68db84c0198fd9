using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>What a fleet does that is away, or says no.</summary>
public class FailureTests
{
    [Theory]
    [InlineData("GET", "/v1/fleet")]
    [InlineData("GET", "/v1/nodes")]
    [InlineData("GET", "/v1/nodes/node-1")]
    [InlineData("POST", "/v1/nodes/node-1/undrain")]
    [InlineData("GET", "/v1/drains")]
    [InlineData("GET", "/v1/drains/d")]
    [InlineData("DELETE", "/v1/drains/d")]
    [InlineData("GET", "/v1/sessions")]
    [InlineData("GET", "/v1/sessions/s")]
    [InlineData("DELETE", "/v1/sessions/s")]
    [InlineData("GET", "/v1/prefix-pools")]
    [InlineData("GET", "/v1/prefix-pools/p")]
    [InlineData("DELETE", "/v1/prefix-pools/p")]
    [InlineData("GET", "/v1/prefix-pools/p/leases")]
    [InlineData("DELETE", "/v1/prefix-pools/p/leases/10.0.0.0/28")]
    [InlineData("GET", "/v1/limits")]
    [InlineData("GET", "/v1/limits/anonymous")]
    [InlineData("DELETE", "/v1/limits/anonymous")]
    [InlineData("GET", "/v1/stats")]
    public async Task Routes_FleetAway_Answer503WithRetryAfter(string method, string path)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var answer = await app.Operator.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Routes_FleetHangs_Answer504()
    {
        await using var app = await AdminApp.StartAsync(
            new ScriptedFleet { Hangs = true }, static config =>
                config with { RequestTimeout = TimeSpan.FromMilliseconds(50) });
        using var answer = await app.Viewer.GetAsync("/v1/stats");
        await answer.ProblemAsync(HttpStatusCode.GatewayTimeout);
    }

    [Fact]
    public async Task Routes_Defect_Answer500AndSayNothingOfIt()
    {
        var fleet = new ScriptedFleet { OnOverview = static () => throw new InvalidOperationException("secret") };
        await using var app = await AdminApp.StartAsync(fleet);
        using var answer = await app.Viewer.GetAsync("/v1/fleet");
        var problem = await answer.ProblemAsync(HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(app.Logs.Lines, static line => line.Id == 450 && line.Text.Contains("secret"));
    }

    [Fact]
    public async Task Ready_FleetAway_Is503AndLiveStays()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var ready = await app.Client(null).GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using var live = await app.Client(null).GetAsync("/livez");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task Ready_FleetThere_IsOk()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet
        {
            IsMember = true,
            OnOverview = static () => new FleetOverview { Coordination = "local" },
        });
        using var ready = await app.Client(null).GetAsync("/readyz");
        Assert.Equal(
            (HttpStatusCode.OK, "ok\n"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Ready_OnlyReportsAreAnswered_IsOkAndSaysWhatIsNot()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet { IsMember = true });
        using var client = app.Client(null);
        await Eventually.HoldsAsync(async () =>
        {
            using var ready = await client.GetAsync("/readyz");
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
            return await ready.Content.ReadAsStringAsync()
                == "ok, degraded: nodes, drains, pools and limits cannot be asked for or changed\n";
        }, "the answer to say what does not");
        // Why, is for the operator alone.
        Assert.Contains("storage is away", Assert.Single(app.Logs.Lines, static line => line.Id == 452).Text, StringComparison.Ordinal);
    }
}
