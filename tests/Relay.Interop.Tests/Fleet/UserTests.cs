using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Fleet;

/// <summary>A user who is revoked while others use the same nodes, which are three processes.</summary>
public sealed class UserRevokedTests
{
    private static readonly string[] Versions = ["1", "2", "3"];

    [Fact]
    public async Task Revoked_UnderLoad_LosesEveryTunnelOnEveryNode_AndOthersLoseNothing()
    {
        await using var world = await UsersWorld.StartAsync(silos: false);
        var (alice, bob) = (await world.Api.AddUserAsync("alice"), await world.Api.AddUserAsync("bob"));
        await world.HandOverAsync();
        List<HeldTunnel> lost = [], kept = [];
        try
        {
            foreach (var (index, node) in world.Nodes.Index())
            {
                foreach (var http in Versions)
                    lost.Add(await UsersWorld.OpenAsync(node, alice, http));
                kept.Add(await UsersWorld.OpenAsync(node, bob, Versions[index]));
            }
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var begun = kept.Select(static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
            var transfers = kept.Select((tunnel, i) => tunnel.TransferAsync(begun[i], enough.Task)).ToArray();
            await Task.WhenAll(begun.Select(static one => one.Task)).WaitAsync(Limits.Transfer);

            await world.Api.RevokeUserAsync("alice");
            await Task.WhenAll(lost.Select(static tunnel => tunnel.WaitForResetAsync()));
            foreach (var node in world.Nodes)
                Assert.Equal(407, await UsersWorld.AskAsync(node, alice));

            enough.SetResult();
            // Every byte of them has arrived, in order.
            Assert.All(await Task.WhenAll(transfers), static length => Assert.True(length > 4 << 20));
            foreach (var node in world.Nodes)
            {
                Assert.NotEqual(407, await UsersWorld.AskAsync(node, bob));
                Assert.DoesNotContain(node.Log.Lines, static line => line.Contains("of user:bob ends", StringComparison.Ordinal));
            }
        }
        finally
        {
            foreach (var tunnel in lost.Concat(kept))
                await tunnel.DisposeAsync();
        }
    }
}

/// <summary>A user who uses up a quota on nodes, which are three processes.</summary>
public sealed class UserQuotaTests
{
    private const long Quota = 40;

    [Fact]
    public async Task Quota_UsedUpOnTwoNodes_EndsWhatUsesIt_RefusesMore_AndIsCountedOverARestart()
    {
        await using var world = await UsersWorld.StartAsync(silos: false);
        var (alice, bob) = (await world.Api.AddUserAsync("alice"), await world.Api.AddUserAsync("bob"));
        await world.Api.PutQuotaAsync("alice", Quota);
        await world.HandOverAsync();
        await using var first = await UsersWorld.OpenAsync(world.Nodes[0], alice, "3");
        await using var second = await UsersWorld.OpenAsync(world.Nodes[1], alice, "2");
        await using var kept = await UsersWorld.OpenAsync(world.Nodes[0], bob, "3");
        for (var used = 0; used < 12; used += 2)
        {
            await first.ExchangeAsync();
            await kept.ExchangeAsync();
        }
        await FleetApi.WaitUntilAsync(
            "it is counted", async () => await world.Api.UsageAsync("alice") == (2 * 2 + 12, Quota), Limits.Transfer);

        // It is the fleet's: neither node alone has seen as much.
        for (var used = 16; used < Quota; used += 2)
            await second.ExchangeAsync();
        await second.WaitForResetAsync();
        await FleetApi.WaitUntilAsync(
            "it is refused there", async () => await UsersWorld.AskAsync(world.Nodes[1], alice) == 429, Limits.Transfer);
        await first.ExchangeAsync();
        await first.WaitForResetAsync();
        await FleetApi.WaitUntilAsync(
            "it is refused on the node that he has not used", async () => await UsersWorld.AskAsync(world.Nodes[2], alice) == 429,
            Limits.Transfer);
        await kept.ExchangeAsync();
        Assert.NotEqual(429, await UsersWorld.AskAsync(world.Nodes[1], bob));

        await world.Coordinators[0].StopAsync();
        Assert.Equal(429, await UsersWorld.AskAsync(world.Nodes[1], alice));
        await world.Coordinators[0].StartAsync();
        await FleetApi.WaitUntilAsync("it is remembered", async () => (await world.Api.UsageAsync("alice")).Bytes >= Quota, Limits.Transfer);
        await FleetApi.WaitUntilAsync(
            "it is refused", async () => await UsersWorld.AskAsync(world.Nodes[0], alice) == 429, Limits.Transfer);
        await world.Api.PutQuotaAsync("alice", 1_000_000);
        await FleetApi.WaitUntilAsync(
            "it is let in", async () => await UsersWorld.AskAsync(world.Nodes[0], alice) is not (429 or 407), Limits.Transfer);
        await kept.ExchangeAsync();
    }
}

/// <summary>Nodes that start while no coordinator is there.</summary>
public sealed class UsersWithoutCoordinatorTests
{
    [Fact]
    public async Task CoordinatorsAway_NodesThatRestart_StillKnowTheirUsers()
    {
        await using var world = await UsersWorld.StartAsync(silos: false);
        var alice = await world.Api.AddUserAsync("alice");
        await world.HandOverAsync();
        await world.Coordinators[0].StopAsync();

        await world.Nodes[0].KillAsync();
        await world.Nodes[1].StopAsync();
        foreach (var node in world.Nodes.Take(2))
            await node.StartAsync();
        foreach (var node in world.Nodes)
        {
            await using var tunnel = await UsersWorld.OpenAsync(node, alice, "3");
            await tunnel.ExchangeAsync();
            Assert.Equal(407, await UsersWorld.AskAsync(node, alice + "x"));
        }

        // The answer to its first report brings what has changed meanwhile.
        await world.Coordinators[0].StartAsync();
        await world.Api.RevokeUserAsync("alice");
        await world.HandOverAsync();
        foreach (var node in world.Nodes)
            Assert.Equal(407, await UsersWorld.AskAsync(node, alice));
    }
}

/// <summary>Coordinators that have forgotten every user, since their Redis has.</summary>
public sealed class UsersOfALostStoreTests
{
    [Fact]
    public async Task RedisEmptied_NoNodeForgetsUsers_UntilAnOperatorConfirms()
    {
        await using var world = await UsersWorld.StartAsync(silos: true);
        var alice = await world.Api.AddUserAsync("alice");
        await world.HandOverAsync();
        await using var tunnel = await UsersWorld.OpenAsync(world.Nodes[0], alice, "2");

        foreach (var coordinator in world.Coordinators)
            await coordinator.StopAsync();
        await world.Redis!.StopAsync();
        await world.Redis.ResumeAsync();
        await Task.WhenAll(world.Coordinators.Select(static one => one.StartAsync()));
        await WaitUntilAllWaitAsync(world);
        var bob = await world.Api.AddUserAsync("bob");
        await world.Nodes[1].StopAsync();
        await world.Nodes[1].StartAsync();
        await WaitUntilAllWaitAsync(world);
        foreach (var node in world.Nodes)
        {
            Assert.NotEqual(407, await UsersWorld.AskAsync(node, alice));
            Assert.Equal(407, await UsersWorld.AskAsync(node, bob));
            // Of what an answer brought, the next report tells.
            await FleetApi.WaitUntilAsync(
                $"{node.Id} says so",
                async () => (await world.Api.NodeAsync(node.Id))!.Warnings.Any(
                    static line => line.Contains("until an operator confirms", StringComparison.Ordinal)),
                Limits.Transfer);
        }
        await tunnel.ExchangeAsync();

        var (store, _, _) = await world.Api.UserStoreAsync();
        await world.Api.ConfirmUserStoreAsync(store);
        await world.HandOverAsync();
        foreach (var node in world.Nodes)
        {
            Assert.Equal(407, await UsersWorld.AskAsync(node, alice));
            Assert.NotEqual(407, await UsersWorld.AskAsync(node, bob));
        }
        await tunnel.WaitForResetAsync();
    }

    private static Task WaitUntilAllWaitAsync(UsersWorld world) => FleetApi.WaitUntilAsync(
        "every node waits for a confirmation", async () => (await world.Api.UserStoreAsync()).Waiting.Length == world.Nodes.Count,
        2 * Limits.Transfer);
}
