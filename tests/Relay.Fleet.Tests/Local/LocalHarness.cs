using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Testing.Behaviour;
using Relay.Testing;

namespace Relay.Fleet.Tests.Local;

/// <summary>The fleet's behaviour over <see cref="LocalFleet"/>, by a clock that is moved by hand.</summary>
internal sealed class LocalHarness : IFleetHarness
{
    private readonly ManualTime _time = new();
    private LocalFleet _fleet;

    private LocalHarness() => _fleet = Begin();

    public static Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());

    public IFleet Fleet => _fleet;

    public TimeProvider Time => _time.True;

    public bool KeepsState => false;

    public Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        _fleet.Tick();
        return Task.CompletedTask;
    }

    public void SetClock(TimeSpan by) => _time.SetClock(by);

    public Task RestartAsync()
    {
        _fleet = Begin();
        return Task.CompletedTask;
    }

    public Task LoseStateAsync() => RestartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private LocalFleet Begin() =>
        new(new LocalFleetConfig { Timings = FleetBehaviour.Timings }, [], _time, new Random(4));
}
