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

    /// <summary>Bytes that the process has in memory: its resident set.</summary>
    public static long Resident => Environment.WorkingSet;

    /// <summary>
    /// Bytes that are allocated with the C allocator and not freed. It looks at every free piece of memory, which can
    /// take milliseconds. 0 where the C library does not tell.
    /// </summary>
    public static long Allocated
    {
        get
        {
            try
            {
                var info = NativeMethods.mallinfo2();
                return (long)(info.uordblks + info.hblkhd);
            }
            catch (EntryPointNotFoundException)
            {
                return 0;
            }
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
