namespace Relay.Interop.Tests.Deployment;

/// <summary>The component redis, whose primary ends: by its own scripts, over TLS, with the coordinator that stores in it.</summary>
public sealed class RedisFailoverTests
{
    private const string Pod = "127.0.0.1";

    [Fact]
    public async Task Primary_ThatEnds_IsFollowedByAnother_WhichHasWhatWasPromised()
    {
        await using var coordinator = await DeployedCoordinator.StartAsync(Pod);
        // What docs/fleet.md has the rest from.
        for (var pod = 0; pod < 3; pod++)
        {
            foreach (var (setting, value) in ((string, string)[])[("appendonly", "yes"), ("appendfsync", "always"), ("min-replicas-to-write", "1")])
                Assert.Equal($"{setting}\n{value}", await coordinator.Redis.AskAsync(pod, 6379, $"config get {setting}"));
        }
        await coordinator.PutPoolAsync(Pod, "one", "2001:db8:1::/60");
        // Nor does the coordinator find anything by which that could be lost.
        Assert.DoesNotContain("store-not-durable", await coordinator.GetAsync(Pod, "/v1/fleet"), StringComparison.Ordinal);

        await coordinator.Redis.KillAsync(0);
        await coordinator.PutPoolAsync(Pod, "two", "2001:db8:2::/60");
        var pools = await coordinator.PoolsAsync(Pod);
        Assert.Contains("\"one\"", pools, StringComparison.Ordinal);
        Assert.Contains("\"two\"", pools, StringComparison.Ordinal);

        // It comes back with a volume that is empty, and takes nothing from the others.
        coordinator.Redis.Lose(0);
        coordinator.Redis.Start(0);
        await coordinator.Redis.WaitAsync(
            0, 6379, "info replication", static answer => answer.Contains("role:slave", StringComparison.Ordinal)
                && answer.Contains("master_link_status:up", StringComparison.Ordinal));
        await coordinator.PutPoolAsync(Pod, "three", "2001:db8:3::/60");
        Assert.Contains("\"one\"", await coordinator.PoolsAsync(Pod), StringComparison.Ordinal);
    }
}
