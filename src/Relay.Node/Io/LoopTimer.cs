using Relay.Native.Linux;

namespace Relay.Node.Io;

/// <summary>A deadline that a loop's <see cref="LoopTimers"/> hold.</summary>
internal abstract class LoopTimer : HeapTimer
{
    /// <inheritdoc/>
    public sealed override void OnDue() => Fire();

    /// <summary>Whether it waits, for folders that do not name Relay.Native.</summary>
    internal bool IsWaiting => IsSet;

    /// <summary>The deadline has come; the timer is no longer set.</summary>
    internal abstract void Fire();
}

/// <summary>A timer that calls a delegate made once.</summary>
/// <param name="fire">What to do.</param>
internal sealed class ActionTimer(Action fire) : LoopTimer
{
    internal override void Fire() => fire();
}
