using Relay.Grains.Contracts;
using Relay.Grains.Membership;
using Relay.Testing.Admin;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>The host of what the fleet has only one of hangs.</summary>
[Trait("Needs", "Cluster")]
public sealed class HungGrainTests
{
    [Fact]
    public async Task FleetGrain_WhoseHostHangs_LeavesTheOtherCoordinatorsReady()
    {
        var hung = new TaskCompletionSource();
        var hangs = false;
        await using var cluster = await TestCluster.StartAsync(2, (_, silo) => silo.AddIncomingGrainCallFilter(
            async call =>
            {
                if (Volatile.Read(ref hangs) && call.Grain is FleetGrain)
                    await hung.Task;
                await call.Invoke();
            }), isPatient: false);
        var single = cluster.Grains(cluster.Silos[0]).GetGrain<IFleetGrain>(GrainKeys.Single);
        await Eventually.DoneAsync("the fleet's grain", () => single.PulseAsync());
        var host = await cluster.SiloOfAsync(single);
        var other = cluster.FleetOf(cluster.Silos.First(silo => !silo.SiloAddress.Equals(host.SiloAddress)));
        var node = new SimulatedNode("edge-1");
        await node.ReportPersistentlyAsync(other);
        await using var admin = await AdminApp.StartAsync(other);
        using var client = admin.Client(null);

        Volatile.Write(ref hangs, true);
        try
        {
            using var first = await client.GetAsync("/readyz");
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            await Eventually.HoldsAsync("what does not answer", async () =>
            {
                using var ready = await client.GetAsync("/readyz");
                Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
                return await ready.Content.ReadAsStringAsync();
            }, static text => text.StartsWith("ok, degraded: ", StringComparison.Ordinal));
            await node.ReportPersistentlyAsync(other);
        }
        finally
        {
            hung.SetResult();
        }
        await Eventually.HoldsAsync(
            "the whole fleet", () => client.GetStringAsync("/readyz"), static text => text == "ok\n");
        other.Detach();
        await Eventually.HoldsAsync("it is no member", async () =>
        {
            using var ready = await client.GetAsync("/readyz");
            return ready.StatusCode;
        }, static status => status == HttpStatusCode.ServiceUnavailable);
    }
}
