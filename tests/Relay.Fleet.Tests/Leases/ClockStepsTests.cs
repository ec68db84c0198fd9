using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

public class ClockStepsTests
{
    private static readonly FleetTimings Timings = new();

    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(900)]
    [InlineData(-900)]
    [InlineData(3)]
    public void Read_AfterTheWallClockWasSet_SaysSoOnce(int seconds)
    {
        var steps = new ClockSteps(_time, Timings);

        _time.SetClock(TimeSpan.FromSeconds(seconds));

        Assert.Equal(_time.GetUtcNow(), steps.Read(out var by));
        Assert.Equal(TimeSpan.FromSeconds(seconds), by);
        steps.Read(out by);
        Assert.Equal(TimeSpan.Zero, by);
    }

    [Fact]
    public void Read_AfterAPause_IsNoStep()
    {
        var steps = new ClockSteps(_time, Timings);

        _time.Advance(TimeSpan.FromHours(3));

        steps.Read(out var by);
        Assert.Equal(TimeSpan.Zero, by);
    }

    [Fact]
    public void Read_OfAClockThatIsSlewed_IsNoStep()
    {
        var steps = new ClockSteps(_time, Timings);
        for (var i = 0; i < 24 * 3600; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _time.SetClock(TimeSpan.FromMilliseconds(0.5));
            steps.Read(out var by);
            Assert.Equal(TimeSpan.Zero, by);
        }
    }

    [Fact]
    public void Read_OfAClockThatIsSetInManySmallSteps_SaysSo()
    {
        var steps = new ClockSteps(_time, Timings);
        var found = 0;
        for (var i = 0; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _time.SetClock(TimeSpan.FromSeconds(1));
            steps.Read(out var by);
            found += by > TimeSpan.Zero ? 1 : 0;
        }
        Assert.InRange(found, 15, 30);
    }

    [Fact]
    public void Read_WithALongPauseBetweenTheTwoClocks_IsNoStep()
    {
        var paused = new PausedTime();
        var steps = new ClockSteps(paused, Timings);
        paused.Pause = TimeSpan.FromMinutes(5);

        steps.Read(out var by);

        Assert.Equal(TimeSpan.Zero, by);
    }

    // Between any two readings time passes.
    private sealed class PausedTime : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public TimeSpan Pause { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now += Pause;

        public override long GetTimestamp() => (_now += Pause).Ticks;
    }
}
