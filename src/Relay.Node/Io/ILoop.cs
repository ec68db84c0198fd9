using Relay.Node.Counters;

namespace Relay.Node.Io;

/// <summary>What is on a loop needs of it.</summary>
internal interface ILoop
{
    /// <summary>The monotonic clock of this turn, in nanoseconds.</summary>
    ulong Now { get; }

    /// <summary>The same clock at this moment: a turn may take long.</summary>
    ulong Clock { get; }

    /// <summary>The loop's timers.</summary>
    LoopTimers Timers { get; }

    /// <summary>The loop's counters; written only by it.</summary>
    LoopCounters Counters { get; }

    /// <summary>Where durations go, shared by all loops.</summary>
    RelayHistograms Histograms { get; }

    /// <summary>Asks for a turn in the flush phase.</summary>
    void RequestFlush(IFlushable flow);

    /// <summary>Runs something on the loop, after the current turn. From any thread.</summary>
    /// <param name="owner">Whose it is; null for the loop's own, which ends the process if it fails.</param>
    /// <param name="command">What to do.</param>
    void Post(ITurnOwner? owner, Action command);

    /// <summary>Something threw that ought not to: counts and reports it; the loop goes on.</summary>
    void OnDefect(Exception exception);

    /// <summary>What was under way on the loop had no memory, and was given up; the loop goes on.</summary>
    void OnOutOfMemory(OutOfMemoryException exception);
}

/// <summary>What loops are told of failures.</summary>
internal static class LoopFailures
{
    /// <summary>Something threw: a defect, or a want of memory, which is none.</summary>
    internal static void OnFailure(this ILoop loop, Exception exception)
    {
        if (exception is OutOfMemoryException memory)
            loop.OnOutOfMemory(memory);
        else
            loop.OnDefect(exception);
    }
}
