namespace Relay.Native.Linux;

/// <summary>
/// The C allocator's settings, and the timer slack. What a C library lacks is not done, which is no error.
/// </summary>
public static class ProcessMemory
{
    /// <summary>Gives freed memory back to the system; says whether any was. glibc only.</summary>
    public static bool Trim()
    {
        try
        {
            return NativeMethods.malloc_trim(0) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>
    /// Limits the allocator's arenas, of which each keeps memory that it freed. Before other threads start. glibc only.
    /// </summary>
    public static bool LimitArenas(int count)
    {
        try
        {
            return NativeMethods.mallopt(NativeMethods.M_ARENA_MAX, count) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>
    /// How much later than asked the calling thread may be woken; 50 µs unless set. Returns 0 or -errno.
    /// </summary>
    public static int SetTimerSlack(ulong nanoseconds) =>
        NativeMethods.prctl(NativeMethods.PR_SET_TIMERSLACK, (nuint)nanoseconds, 0, 0, 0) == 0
            ? 0
            : -NativeMethods.LastErrno;
}
