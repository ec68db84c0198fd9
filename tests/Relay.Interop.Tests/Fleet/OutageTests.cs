using System.Diagnostics;
using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Loopback;

namespace Relay.Interop.Tests.Fleet;

/// <summary>All coordinators are away for a while.</summary>
public abstract class OutageTests(bool silos) : FleetProcessTests(silos)
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Coordinators_AwayForAMinute_NoTunnelBreaksNewOnesOpenAndAllRecovers()
    {
        // The outage, the transfer that is under way at its end, and the start of what comes back.
        await using var world = await StartAsync(Outage + TimeSpan.FromSeconds(180));
        var before = (await world.Api.LeasesAsync(FleetWorld.Pool))
            .ToDictionary(static one => one.Node, static one => one.Prefix);
        Assert.Equal(3, before.Count);
        await using var tunnel = await HeldTunnel.OpenAsync(world.Nodes[0]);

        await Task.WhenAll(world.Coordinators.Select(static one => one.StopAsync()));
        if (world.Redis is { } redis)
            await redis.StopAsync();
        var away = Stopwatch.StartNew();
        using var pulse = new PeriodicTimer(Outage / 12);
        for (var round = 0; away.Elapsed < Outage; round++)
        {
            var node = world.Nodes[round % world.Nodes.Count];
            var run = await LoadRun.AgainstAsync(
                node.Port, Limits.Transfer, "tcp-down", "--bytes", "4MiB", "--verify", "Sha256");
            Assert.True(run.Verified);
            await tunnel.ExchangeAsync();
            await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
        if (world.Redis is { } stopped)
            await stopped.ResumeAsync();
        await Task.WhenAll(world.Coordinators.Select(static one => one.StartAsync()));

        // A coordinator over memory has forgotten the pool; one with Redis has not.
        if (world.Redis is null)
            await world.Api.PutPoolAsync(FleetWorld.Pool, "127.96.0.0/16", 28);
        await world.WaitUntilAllServeAsync();
        var after = (await world.Api.LeasesAsync(FleetWorld.Pool))
            .ToDictionary(static one => one.Node, static one => one.Prefix);
        Assert.Equal(before, after);
        await tunnel.ExchangeAsync();
        await FleetApi.WaitUntilAsync(
            "the session is listed again",
            async () => (await world.Api.SessionsAsync("node-1")).Count >= 1, Limits.Exchange);
    }
}

/// <summary>By one coordinator, in memory.</summary>
public sealed class LocalOutageTests() : OutageTests(silos: false);

/// <summary>By three silos with a Redis.</summary>
public sealed class SiloOutageTests() : OutageTests(silos: true);
