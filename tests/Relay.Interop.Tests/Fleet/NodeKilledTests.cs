using Relay.Fleet.Contract;
using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Fleet;

/// <summary>A node dies without a word.</summary>
public abstract class NodeKilledTests(bool silos) : FleetProcessTests(silos)
{
    [Fact]
    public async Task Node_Killed_ItsSessionsVanishItsBlockIsQuarantinedAndNobodyElseNotices()
    {
        await using var world = await StartAsync();
        await using var doomed = await HeldTunnel.OpenAsync(world.Nodes[0]);
        await using var other = await HeldTunnel.OpenAsync(world.Nodes[1]);
        await FleetApi.WaitUntilAsync(
            "both sessions are listed",
            async () => (await world.Api.SessionsAsync("node-1")).Count == 1
                && (await world.Api.SessionsAsync("node-2")).Count == 1,
            Limits.Exchange);
        var held = Assert.Single(
            await world.Api.LeasesAsync(FleetWorld.Pool), static one => one.Node == "node-1");
        Assert.True(held.Prefix.Contains(doomed.Egress), $"{doomed.Egress} is not of {held.Prefix}");

        await world.Nodes[0].KillAsync();
        await FleetApi.WaitUntilAsync(
            "the dead node is silent, and its session gone",
            async () => (await world.Api.NodeAsync("node-1"))?.State == NodeState.Silent
                && (await world.Api.SessionsAsync("node-1")).Count == 0,
            Limits.Transfer);
        await other.ExchangeAsync();
        await FleetApi.WaitUntilAsync(
            "its block is quarantined",
            async () => (await world.Api.LeasesAsync(FleetWorld.Pool)).Any(
                one => one.Prefix == held.Prefix && one.State == LeaseState.Quarantined),
            2 * Limits.Transfer);
        await other.ExchangeAsync();

        // It comes back with a block that nobody else has, and not with the one that is kept from everybody.
        await world.Nodes[0].StartAsync();
        await world.WaitUntilAllServeAsync();
        var leases = (await world.Api.LeasesAsync(FleetWorld.Pool)).Where(static one => one.State == LeaseState.Held)
            .ToList();
        Assert.Equal(3, leases.Select(static one => one.Prefix).Distinct().Count());
        Assert.DoesNotContain(held.Prefix, leases.Select(static one => one.Prefix));
        await other.ExchangeAsync();
    }
}

/// <summary>By one coordinator, in memory.</summary>
public sealed class LocalNodeKilledTests() : NodeKilledTests(silos: false);

/// <summary>By three silos with a Redis.</summary>
public sealed class SiloNodeKilledTests() : NodeKilledTests(silos: true);
