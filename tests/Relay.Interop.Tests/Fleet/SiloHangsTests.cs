using Relay.Fleet.Contract;
using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Fleet;

/// <summary>A silo that does not answer, and has not ended.</summary>
public sealed class SiloHangsTests() : FleetProcessTests(silos: true)
{
    private const int Stop = 19;
    private const int Continue = 18;

    [Fact]
    public async Task Silo_Hangs_TheOthersTakeOver()
    {
        await using var world = await StartAsync();
        await using var tunnel = await HeldTunnel.OpenAsync(world.Nodes[2]);
        world.Coordinators[0].Signal(Stop);
        // Every node is heard of again, and every question answered, without the one that hangs.
        var since = DateTimeOffset.UtcNow;
        await FleetApi.WaitUntilAsync(
            "all nodes report to the others",
            async () => (await world.Api.NodesAsync()).Count(
                one => one.State == NodeState.Serving && one.LastReportAt > since.AddSeconds(5)) == 3,
            Limits.Transfer);
        await tunnel.ExchangeAsync();
        var drain = await world.Api.PostDrainAsync(new { nodes = new[] { "node-1" }, deadlineSeconds = 5 });
        await FleetApi.WaitUntilAsync(
            "a drain is carried out",
            async () => (await world.Api.DrainAsync(drain)).Nodes[0].Step == DrainStep.Drained, Limits.Transfer);
        await FleetApi.WaitUntilAsync(
            "the fleet misses it",
            async () => (await world.Api.OverviewAsync()).Warnings.Any(static warning => warning.Kind == "coordinator-away"),
            Limits.Transfer);
        world.Coordinators[0].Signal(Continue);
        // Whoever supervises it is to start it again: what it was is dead to the others.
        Assert.Equal(1, await world.Coordinators[0].ExitAsync());
        await tunnel.ExchangeAsync();
    }
}
