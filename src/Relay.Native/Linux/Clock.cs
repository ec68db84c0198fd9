using System.Diagnostics;

namespace Relay.Native.Linux;

/// <summary>The clocks that only rise.</summary>
public static unsafe class Clock
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

    /// <summary>
    /// Nanoseconds of CLOCK_BOOTTIME: like <see cref="Now"/>, but it counts while the machine is suspended.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">
    /// The kernel has no such clock (Linux has since 2.6.39).
    /// </exception>
    public static ulong NowWithSuspend
    {
        get
        {
            timespec now;
            if (NativeMethods.clock_gettime(NativeMethods.CLOCK_BOOTTIME, &now) != 0)
                throw new PlatformNotSupportedException("clock_gettime CLOCK_BOOTTIME failed");
            return ((ulong)now.tv_sec * 1_000_000_000) + (ulong)now.tv_nsec;
        }
    }

    /// <summary>
    /// Nanoseconds that a process was on a processor, with its threads that have ended (clock_getcpuclockid(3)): the sum over
    /// /proc/PID/task has only those that live.
    /// </summary>
    /// <exception cref="SocketSystemException">There is no such process (ESRCH).</exception>
    public static long ProcessorTime(int process)
    {
        int clock;
        var error = NativeMethods.clock_getcpuclockid(process, &clock);
        if (error != 0)
            throw new SocketSystemException("clock_getcpuclockid", error);
        timespec now;
        if (NativeMethods.clock_gettime(clock, &now) != 0)
            throw new SocketSystemException("clock_gettime", NativeMethods.LastErrno);
        return (now.tv_sec * 1_000_000_000) + now.tv_nsec;
    }

    private static void ThrowFrequency() =>
        throw new PlatformNotSupportedException("The monotonic clock does not count nanoseconds.");
}
