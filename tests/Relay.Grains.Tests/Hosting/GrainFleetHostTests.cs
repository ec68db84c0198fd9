using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Grains.Hosting;
using Relay.Testing.Admin;
using Relay.Testing.Redis;

namespace Relay.Grains.Tests.Hosting;

[Trait("Needs", "Cluster")]
public sealed class GrainFleetHostTests
{
    [Fact]
    public async Task StartAsync_WithoutRedis_IsOneSiloInMemory()
    {
        await using var host = (GrainFleetHost)await GrainFleetHost.StartAsync(
            new SiloConfig { Address = new IPEndPoint(IPAddress.Loopback, 0) }, NullLoggerFactory.Instance, TimeProvider.System, default);

        var hosts = await Eventually.HoldsAsync(
            "a silo", () => Task.FromResult(host.Silo), static silo => silo is not null);
        var management = hosts!.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        Assert.Single(await Eventually.HoldsAsync(
            "an answer", () => management.GetHosts(onlyActive: true), static _ => true));
    }

    [Fact]
    public async Task StartAsync_OfASilo_WarnsOfNothing()
    {
        using var logs = new RecordingLogs();
        await using var host = (GrainFleetHost)await GrainFleetHost.StartAsync(
            new SiloConfig { Address = new IPEndPoint(IPAddress.Loopback, 0) }, logs, TimeProvider.System, default);
        await Eventually.HoldsAsync("a silo", () => Task.FromResult(host.Silo), static silo => silo is not null);
        await Eventually.HoldsAsync("an answer", () => host.Fleet.GetOverviewAsync(default).AsTask(), static _ => true);

        Assert.DoesNotContain(logs.Lines, static line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task StartAsync_ThreeWithOneRedis_FormOneCluster()
    {
        await using var redis = await RedisServer.StartAsync();
        var config = new SiloConfig { Address = new IPEndPoint(IPAddress.Loopback, 0), Redis = redis.Configuration };
        await using var first =
            (GrainFleetHost)await GrainFleetHost.StartAsync(config, NullLoggerFactory.Instance, TimeProvider.System, default);
        await using var second = await GrainFleetHost.StartAsync(config, NullLoggerFactory.Instance, TimeProvider.System, default);
        await using var third = await GrainFleetHost.StartAsync(config, NullLoggerFactory.Instance, TimeProvider.System, default);

        var silo = await Eventually.HoldsAsync(
            "a silo", () => Task.FromResult(first.Silo), static silo => silo is not null);
        var management = silo!.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        await Eventually.HoldsAsync(
            "three silos", () => management.GetHosts(onlyActive: true), static hosts => hosts.Count == 3);
    }

    [Fact]
    public async Task StartAsync_PortThatAnotherTookBeforeItListened_TakesAnother()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var choices = new Queue<IPEndPoint>([(IPEndPoint)other.LocalEndpoint]);

        using var meter = new SiloMeter();
        await using var silo = await RunningSilo.StartAsync(
            new SiloConfig { Address = new IPEndPoint(IPAddress.Loopback, 0) },
            address => choices.TryDequeue(out var taken) ? taken : FreePort.Resolve(address),
            new GrainClock(TimeProvider.System), meter, NullLoggerFactory.Instance, configure: null, default);

        Assert.Empty(choices);
        Assert.NotEqual(other.LocalEndpoint, silo.Address);
    }
}
