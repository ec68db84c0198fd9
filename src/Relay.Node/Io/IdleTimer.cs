namespace Relay.Node.Io;

/// <summary>
/// Fires after a time of silence. It looks at the time of the last event only when it fires, so that an event costs one
/// store.
/// </summary>
/// <param name="owner">Whose it is.</param>
/// <param name="loop">Clock and timers.</param>
/// <param name="timeout">Nanoseconds of silence.</param>
/// <param name="onIdle">What to do then, once.</param>
internal sealed class IdleTimer(ITurnOwner owner, ILoop loop, ulong timeout, Action onIdle) : LoopTimer
{
    private ulong _last;

    /// <inheritdoc/>
    public override ITurnOwner? Owner => owner;

    /// <summary>Starts to wait.</summary>
    internal void Start()
    {
        Touch();
        loop.Timers.Set(this, _last + timeout);
    }

    /// <summary>Something happened.</summary>
    internal void Touch() => _last = loop.Now;

    /// <summary>Waits no more.</summary>
    internal void Stop() => loop.Timers.Clear(this);

    internal override void Fire()
    {
        if (loop.Now >= _last + timeout)
            onIdle();
        else
            loop.Timers.Set(this, _last + timeout);
    }
}
