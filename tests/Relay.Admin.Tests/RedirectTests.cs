using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Hosting.Files;
using Relay.Hosting.Fleet;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>A coordinator that sends nodes elsewhere.</summary>
public class RedirectTests
{
    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Report_ToACoordinatorThatSendsItElsewhere_GoesNowhereElse(int status)
    {
        var reports = 0;
        await using var elsewhere = await AdminApp.StartAsync(
            new ScriptedFleet
            {
                OnReport = report =>
                {
                    reports++;
                    return new NodeDirective { Sequence = report.Sequence };
                },
            }, static config => config with { TokenFile = null });
        var builder = BareHost.CreateBuilder();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Run(http =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = new Uri(elsewhere.Address, http.Request.Path).AbsoluteUri;
            return Task.CompletedTask;
        });
        await app.StartAsync();
        var place = BareHost.BoundAddress(app, new IPEndPoint(IPAddress.Loopback, 0));
        using var fleet = Coordinators.Join(
            [new Uri($"http://{place}")], new NamedFile("--fleet-token-file", null), new NamedFile("--fleet-ca", null));

        var refused = await Assert.ThrowsAsync<FleetUnavailableException>(async () => await fleet.ReportAsync(
            new NodeReport { Node = "node-1", Incarnation = Guid.NewGuid(), Sequence = 1, State = NodeState.Serving }, default));

        Assert.Contains($"status {status}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, reports);
    }
}
