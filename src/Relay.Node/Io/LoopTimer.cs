using Relay.Native.Linux;

namespace Relay.Node.Io;

/// <summary>A deadline that a loop's <see cref="LoopTimers"/> hold.</summary>
internal abstract class LoopTimer : HeapTimer, IOwned
{
    /// <inheritdoc/>
    public abstract ITurnOwner? Owner { get; }

    /// <inheritdoc/>
    public sealed override void OnDue()
    {
        try
        {
            Fire();
        }
        catch (Exception e) when (Owner is not null)
        {
            Owner.OnDefect(e);
        }
    }

    /// <summary>Whether it waits, for folders that do not name Relay.Native.</summary>
    internal bool IsWaiting => IsSet;

    /// <summary>The deadline has come; the timer is no longer set.</summary>
    internal abstract void Fire();
}

/// <summary>A timer that calls a delegate made once.</summary>
/// <param name="owner">Whose it is; null for the loop's own.</param>
/// <param name="fire">What to do.</param>
internal sealed class ActionTimer(ITurnOwner? owner, Action fire) : LoopTimer
{
    /// <inheritdoc/>
    public override ITurnOwner? Owner => owner;

    internal override void Fire() => fire();
}
