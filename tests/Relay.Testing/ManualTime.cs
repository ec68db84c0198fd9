using Microsoft.Extensions.Time.Testing;

namespace Relay.Testing;

/// <summary>
/// A clock that moves only when told to, whose wall clock can be set apart from the time that passes, and that knows who
/// waits by it.
/// </summary>
public sealed class ManualTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly Lock _gate = new();
    private readonly HashSet<WatchedTimer> _waiting = [];
    private TimeSpan _error;

    public ManualTime()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Timers that wait for their time.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>The same clock, whose wall clock is right, whatever <see cref="SetClock"/> has done to this one.</summary>
    public TimeProvider True => field ??= new TrueTime(this);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return base.GetUtcNow() + _error;
    }

    public override long GetTimestamp() => RightNow.Ticks;

    /// <summary>Sets the wall clock ahead, or back.</summary>
    public void SetClock(TimeSpan by)
    {
        lock (_gate)
            _error += by;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WatchedTimer(this);
        timer.Inner = base.CreateTimer(
            _ =>
            {
                timer.Fired();
                callback(state);
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(dueTime, period);
        return timer;
    }

    private DateTimeOffset RightNow => base.GetUtcNow();

    private void Set(WatchedTimer timer, bool waits)
    {
        lock (_gate)
            _ = waits ? _waiting.Add(timer) : _waiting.Remove(timer);
    }

    private sealed class TrueTime(ManualTime time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => time.RightNow;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime, period);
    }

    private sealed class WatchedTimer(ManualTime time) : ITimer
    {
        private bool _isPeriodic;

        public ITimer Inner { get; set; } = null!;

        public void Fired()
        {
            if (!_isPeriodic)
                time.Set(this, waits: false);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _isPeriodic = period > TimeSpan.Zero;
            time.Set(this, dueTime != Timeout.InfiniteTimeSpan);
            return Inner.Change(dueTime, period);
        }

        public void Dispose()
        {
            time.Set(this, waits: false);
            Inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
