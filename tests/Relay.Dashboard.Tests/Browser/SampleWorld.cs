using Relay.Dashboard.Tests.World;

namespace Relay.Dashboard.Tests.Browser;

/// <summary>One world with <see cref="SampleFleet"/> in it, for tests that only look.</summary>
public sealed class SampleWorld : IAsyncLifetime
{
    private FleetWorld? _world;

    public FleetWorld World => _world!;

    public async ValueTask InitializeAsync()
    {
        _world = await FleetWorld.StartAsync(ago: SampleFleet.Ago);
        await SampleFleet.FillAsync(_world);
    }

    public ValueTask DisposeAsync() => _world!.DisposeAsync();
}
