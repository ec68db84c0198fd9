using Relay.Fleet.Local;
using Relay.Testing.Behaviour;

namespace Relay.Fleet.Tests.Local;

/// <summary>
/// The fleet's behaviour over <see cref="LocalFleet"/>, with a store or in memory alone, by a clock that is moved by hand.
/// </summary>
internal sealed class LocalHarness : IFleetHarness
{
    private readonly ManualTime _time = new();
    private MemoryStore? _store;
    private LocalFleet _fleet;

    private LocalHarness(MemoryStore? store)
    {
        _store = store;
        _fleet = Begin();
    }

    public static Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness(store: null));

    public static Task<IFleetHarness> StartWithStateAsync() =>
        Task.FromResult<IFleetHarness>(new LocalHarness(new MemoryStore()));

    public IFleet Fleet => _fleet;

    public TimeProvider Time => _time.True;

    public bool KeepsState => _store is not null;

    public Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        _fleet.Tick();
        // What is written can be read again, whatever nodes have said.
        _ = _store?.State;
        return Task.CompletedTask;
    }

    public void SetClock(TimeSpan by) => _time.SetClock(by);

    public Task RestartAsync()
    {
        _fleet = Begin();
        return Task.CompletedTask;
    }

    public Task LoseStateAsync()
    {
        _store = _store is null ? null : new MemoryStore();
        return RestartAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private LocalFleet Begin() =>
        new(new LocalFleetConfig { Timings = FleetBehaviour.Timings, SessionBytes = FleetBehaviour.SessionBytes }, [], _time, new Random(4), _store?.Open());
}
