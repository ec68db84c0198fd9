using Relay.Fleet.Contract;
using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Fleet;

/// <summary>A node dies while it drains, and the next has its turn.</summary>
public abstract class LostInDrainTests(bool silos) : FleetProcessTests(silos)
{
    [Fact]
    public async Task RollingDrain_NodeKilledInItsTurnWithABudgetOfOne_TheNextIsDrained()
    {
        await using var world = await StartAsync();
        await using var doomed = await HeldTunnel.OpenAsync(world.Nodes[0]);
        var drain = await world.Api.PostDrainAsync(new
        {
            nodes = new[] { "node-1", "node-2" },
            maxConcurrent = 1,
            deadlineSeconds = 3600,
        });
        await FleetApi.WaitUntilAsync(
            "node-1 drains",
            async () => (await world.Api.DrainAsync(drain)).Nodes[0].Step == DrainStep.Draining, Limits.Transfer);

        await world.Nodes[0].KillAsync();

        DrainInfo state = null!;
        await FleetApi.WaitUntilAsync(
            "node-2 is drained",
            async () => (state = await world.Api.DrainAsync(drain)).Nodes[1].Step == DrainStep.Drained, Limits.Transfer);
        Assert.Equal((DrainStep.Lost, DrainState.Completed, 1), (state.Nodes[0].Step, state.State, state.Lost));
        Assert.True(
            state.Nodes[1].StartedAt - state.Nodes[0].EndedAt < new FleetTimings().ReturnTime, state.ToString());
    }
}

/// <summary>By one coordinator, in memory.</summary>
public sealed class LocalLostInDrainTests() : LostInDrainTests(silos: false);

/// <summary>By three silos with a Redis.</summary>
public sealed class SiloLostInDrainTests() : LostInDrainTests(silos: true);
