using Relay.Fleet.Contract;

namespace Relay.Testing.Behaviour;

/// <summary>
/// What every fleet does, whatever runs it. The classes that derive from this one have the tests; those that run say in
/// <see cref="StartAsync"/> what they run over. Nothing here knows who decides, or how soon after a report its effects
/// are seen: tests wait for them.
/// </summary>
public abstract class FleetBehaviour : IAsyncLifetime
{
    private FleetWorld? _world;

    protected FleetWorld World => _world!;

    protected IFleet Fleet => World.Fleet;

    protected FleetTimings Timings => World.Timings;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = new FleetWorld(await StartAsync());

    public async ValueTask DisposeAsync()
    {
        if (_world is not null)
            await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<IFleetHarness> StartAsync();
}
