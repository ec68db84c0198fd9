using Relay.Testing;
using Relay.Testing.Behaviour;

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

    private readonly ManualTime time = new();
    private LocalFleet fleet;

    public LocalHarness() => fleet = Begin();

    public IFleet Fleet => fleet;

    public FleetTimings Timings => ShortTimings;

    public TimeProvider Time => time.True;

    public bool KeepsState => false;

    public Task AdvanceAsync(TimeSpan by)
    {
        time.Advance(by);
        fleet.Tick();
        return Task.CompletedTask;
    }

    public void SetClock(TimeSpan by) => time.SetClock(by);

    public Task RestartAsync()
    {
        fleet = Begin();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private LocalFleet Begin() => new(new LocalFleetConfig { Timings = ShortTimings }, [], time, new Random(4));
}
