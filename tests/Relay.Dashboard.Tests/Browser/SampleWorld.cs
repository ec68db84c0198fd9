using Relay.Testing.Fleets;

namespace Relay.Dashboard.Tests.Browser;

/// <summary>One world with <see cref="SampleFleet"/> in it, for tests that only look.</summary>
public abstract class SampleWorld(FleetStart fleet, int interval) : IAsyncLifetime
{
    private FleetWorld? _world;

    public FleetWorld World => _world!;

    public async ValueTask InitializeAsync()
    {
        _world = await FleetWorld.StartAsync(fleet, ago: SampleFleet.Ago);
        await SampleFleet.FillAsync(_world, interval);
    }

    public async ValueTask DisposeAsync()
    {
        if (_world is not null)
            await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>By the fleet in one process, with every second of the hour.</summary>
public sealed class LocalSampleWorld() : SampleWorld(DrivenLocalFleet.StartAsync, interval: 1);

/// <summary>By grains; a report each ten seconds makes the same hour in a few seconds.</summary>
public sealed class GrainSampleWorld() : SampleWorld(DrivenGrainFleet.StartAsync, interval: 10);
