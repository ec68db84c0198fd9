using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Grains.Hosting;
using Relay.Grains.Tests.History;
using Relay.Grains.Tests.Stores;

namespace Relay.Grains.Tests.Cluster;

/// <summary>One silo in memory, whose time the test drives.</summary>
internal sealed class MemoryFleet : IAsyncDisposable
{
    private readonly GrainFleetHost _host;

    private readonly SetClock _wallClock;

    private MemoryFleet(GrainFleetHost host, FakeTimeProvider clock, SetClock wallClock) =>
        (_host, Clock, _wallClock) = (host, clock, wallClock);

    internal FakeTimeProvider Clock { get; }

    internal IGrainFactory Grains => _host.Silo!.Services.GetRequiredService<IGrainFactory>();

    internal GrainFleet Fleet => (GrainFleet)_host.Fleet;

    internal static async Task<MemoryFleet> StartAsync(
        FleetTimings? timings = null, SharedStorage? storage = null, Action<ISiloBuilder>? configure = null, bool? isPatient = null)
    {
        var clock = new FakeTimeProvider();
        var wallClock = new SetClock(clock);
        var host = await GrainFleetHost.StartAsync(
            new SiloConfig { Address = new IPEndPoint(IPAddress.Loopback, 0), Timings = timings ?? new FleetTimings() },
            NullLoggerFactory.Instance, new GrainClock(wallClock, ticks: false, isPatient), silo =>
            {
                storage?.AddTo(silo);
                configure?.Invoke(silo);
            }, default);
        return new MemoryFleet((GrainFleetHost)host, clock, wallClock);
    }

    /// <summary>Lets a time pass in steps of a second, with the fleet's tick after each.</summary>
    internal async Task PassAsync(TimeSpan time, Func<Task>? eachSecond = null)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(1))
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            if (eachSecond is not null)
                await eachSecond();
            await Fleet.TickAsync(default);
        }
    }

    /// <summary>Sets the coordinator's wall clock ahead of true time.</summary>
    internal void SetClock(TimeSpan error) => _wallClock.Set(error);

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
