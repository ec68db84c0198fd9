using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Testing.Behaviour;
using Relay.Testing;

namespace Relay.Fleet.Tests.Local;

/// <summary>The fleet's behaviour over <see cref="LocalFleet"/>, by a clock that is moved by hand.</summary>
internal sealed class LocalHarness : IFleetHarness
{
    public static readonly FleetTimings ShortTimings = new()
    {
        ReportInterval = TimeSpan.FromSeconds(1),
        NodeTimeout = TimeSpan.FromSeconds(6),
        LeaseTime = TimeSpan.FromSeconds(30),
        HolderMargin = TimeSpan.FromSeconds(4),
        MaxClockSkew = TimeSpan.FromSeconds(1),
        Quarantine = TimeSpan.FromSeconds(20),
        LameTime = TimeSpan.FromSeconds(3),
        ReturnTime = TimeSpan.FromSeconds(20),
        ForgetAfter = TimeSpan.FromSeconds(60),
    };

    private readonly ManualTime _time = new();
    private LocalFleet _fleet;

    public LocalHarness() => _fleet = Begin();

    public IFleet Fleet => _fleet;

    public FleetTimings Timings => ShortTimings;

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

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private LocalFleet Begin() => new(new LocalFleetConfig { Timings = ShortTimings }, [], _time, new Random(4));
}
