using System.Diagnostics;

namespace Relay.Native.Linux;

/// <summary>The loop's clock.</summary>
public static class Clock
{
    /// <summary>
    /// Nanoseconds of CLOCK_MONOTONIC, which is what <see cref="Stopwatch"/> reads on Linux, without a transition.
    /// </summary>
    public static ulong Now
    {
        get
        {
            if (Stopwatch.Frequency != 1_000_000_000)
                ThrowFrequency();
            return (ulong)Stopwatch.GetTimestamp();
        }
    }

    private static void ThrowFrequency() =>
        throw new PlatformNotSupportedException("The monotonic clock does not count nanoseconds.");
}
