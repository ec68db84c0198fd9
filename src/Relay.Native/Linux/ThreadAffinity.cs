namespace Relay.Native.Linux;

/// <summary>Ties threads to processors.</summary>
public static unsafe class ThreadAffinity
{
    private const int MaxCpus = 1024; // CPU_SETSIZE

    /// <summary>
    /// Ties the calling thread to one processor; false when there is none of that number for this process.
    /// </summary>
    public static bool TryPin(int cpu)
    {
        if ((uint)cpu >= MaxCpus)
            return false;
        var mask = stackalloc ulong[MaxCpus / 64];
        new Span<ulong>(mask, MaxCpus / 64).Clear();
        mask[cpu / 64] = 1UL << (cpu % 64);
        return NativeMethods.sched_setaffinity(0, MaxCpus / 8, mask) == 0;
    }
}
