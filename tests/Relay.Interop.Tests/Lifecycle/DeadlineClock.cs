namespace Relay.Interop.Tests.Lifecycle;

/// <summary>A clock on which one deadline is waited for, and which stands still until the test moves it.</summary>
internal sealed class DeadlineClock : TimeProvider
{
    private readonly TaskCompletionSource<TimeSpan> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Deadline? _deadline;
    private TimeSpan _now;

    /// <summary>How long is waited, once somebody does.</summary>
    public Task<TimeSpan> Asked => _asked.Task.WaitAsync(Limits.Exchange);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _deadline = new Deadline(callback, state, dueTime);
        _asked.TrySetResult(dueTime);
        return _deadline;
    }

    public void Advance(TimeSpan by)
    {
        _now += by;
        if (_deadline is { } deadline && deadline.Due <= _now)
            deadline.Fire();
    }

    private sealed class Deadline(TimerCallback callback, object? state, TimeSpan due) : ITimer
    {
        public TimeSpan Due { get; } = due;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
