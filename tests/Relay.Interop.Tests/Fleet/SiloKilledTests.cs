using Relay.Fleet.Contract;
using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Fleet;

/// <summary>Two of three silos die.</summary>
public sealed class SiloKilledTests() : FleetProcessTests(silos: true)
{
    [Fact]
    public async Task Silo_KilledInTheMiddleOfADrain_TheDrainGoesOn()
    {
        await using var world = await StartAsync();
        await using var tunnel = await HeldTunnel.OpenAsync(world.Nodes[0]);
        var drain = await world.Api.PostDrainAsync(new
        {
            nodes = new[] { "node-1", "node-2" },
            maxConcurrent = 2,
            deadlineSeconds = 600,
            mode = "immediate",
        });
        await FleetApi.WaitUntilAsync(
            "the drain has begun",
            async () => (await world.Api.DrainAsync(drain)).Nodes.Any(
                static one => one is { Node: "node-1", Step: DrainStep.Draining }),
            Limits.Transfer);
        foreach (var coordinator in world.Coordinators.Take(2))
        {
            coordinator.Signal(9);
            await coordinator.DisposeAsync();
        }
        await tunnel.ExchangeAsync();
        await tunnel.CloseAsync();
        await FleetApi.WaitUntilAsync(
            "the drain is carried out by who is left",
            async () => (await world.Api.DrainAsync(drain)).Nodes.All(static one => one.Step == DrainStep.Drained),
            2 * Limits.Transfer);
        var state = await world.Api.DrainAsync(drain);
        Assert.Equal((1, 0, 0), (state.Finished, state.ForceClosed, state.Lost));
    }
}
