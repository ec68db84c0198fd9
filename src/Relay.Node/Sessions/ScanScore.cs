using Relay.Node.Targets;

namespace Relay.Node.Sessions;

/// <summary>
/// What one connection, source or identity has asked for lately: two budgets, and a table of remembered targets in
/// which a new one takes the place of an old one. Shared between loops; touched at the beginning and the end of a
/// tunnel.
/// </summary>
/// <param name="limits">The limits.</param>
internal sealed class ScanScore(ScanLimits limits)
{
    private readonly Lock _gate = new();
    private readonly int[] _recent = new int[limits.Remembered];
    private RateBudget _failures;
    private RateBudget _targets;

    /// <summary>Takes note of a request, unless it is one too many.</summary>
    /// <param name="target">A hash of the target.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    /// <returns>0; or nanoseconds after which it would not be one too many.</returns>
    internal ulong Ask(int target, ulong now)
    {
        lock (_gate)
        {
            var wait = _failures.WaitFor(limits.Failures, now);
            ref var recent = ref _recent[target & (_recent.Length - 1)];
            // 0 is an empty place; that one target in four billion is always new does not matter.
            if (wait > 0 || (recent == target && target != 0))
                return wait;
            wait = _targets.WaitFor(limits.Targets, now);
            if (wait > 0)
                return wait;
            _targets.Spend(limits.Targets, now);
            recent = target;
            return 0;
        }
    }

    /// <summary>A target was not reached.</summary>
    internal void Fail(ulong now)
    {
        lock (_gate)
            _failures.Spend(limits.Failures, now);
    }

    /// <summary>Whether nothing is held against it.</summary>
    internal bool IsCalm(ulong now)
    {
        lock (_gate)
            return _failures.IsWhole(now) && _targets.IsWhole(now);
    }
}
