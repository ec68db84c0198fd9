namespace Relay.Node.Io;

/// <summary>A deadline that a <see cref="TimerHeap"/> holds. Owned by one loop.</summary>
internal abstract class LoopTimer
{
    /// <summary>Place in the heap; −1 outside it.</summary>
    internal int Index { get; set; } = -1;

    /// <summary>When it fires, on the loop's clock in nanoseconds.</summary>
    internal ulong Due { get; set; }

    internal bool IsSet => Index >= 0;

    /// <summary>The deadline has come; the timer is no longer set.</summary>
    internal abstract void Fire();
}

/// <summary>A timer that calls a delegate made once.</summary>
/// <param name="fire">What to do.</param>
internal sealed class ActionTimer(Action fire) : LoopTimer
{
    internal override void Fire() => fire();
}
