namespace Relay.Interop.Tests.Lifecycle;

/// <summary>A clock on which one deadline is waited for, and which stands still until the test moves it.</summary>
internal sealed class DeadlineClock : TimeProvider
{
    private readonly TaskCompletionSource<TimeSpan> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Action<TimeSpan>? _advance;
    private TimeSpan _now;

    /// <summary>How long is waited, once somebody does.</summary>
    public Task<TimeSpan> Asked => _asked.Task.WaitAsync(Limits.Exchange);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _advance = now =>
        {
            if (dueTime <= now)
                callback(state);
        };
        _asked.TrySetResult(dueTime);
        return new Deadline();
    }

    public void Advance(TimeSpan by)
    {
        _now += by;
        _advance?.Invoke(_now);
    }

    private sealed class Deadline : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
