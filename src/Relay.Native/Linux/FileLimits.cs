namespace Relay.Native.Linux;

/// <summary>
/// Limits on open files: every tunnel needs one, and so does much else. A reserve is kept from tunnels, since .NET ends
/// the process when it finds none, for a pipe of a new thread for instance.
/// </summary>
public static unsafe class FileLimits
{
    /// <summary>Open files that a relay cannot do without: half of them are its own program files.</summary>
    public const long Least = 256;

    private const long LargestReserve = 256;

    private static long _refused;

    /// <summary>What the number of a target's descriptor must stay below.</summary>
    internal static int Ceiling { get; set; } = int.MaxValue;

    /// <summary>Sockets toward targets that were not opened, since the reserve would have been touched.</summary>
    public static long Refused => Interlocked.Read(ref _refused);

    /// <summary>How many files the process may have open now: the soft limit.</summary>
    /// <exception cref="SocketSystemException">getrlimit(2) failed.</exception>
    public static long MostOpenFiles
    {
        get
        {
            rlimit limit;
            if (NativeMethods.getrlimit(NativeMethods.RLIMIT_NOFILE, &limit) < 0)
                throw new SocketSystemException("getrlimit RLIMIT_NOFILE", NativeMethods.LastErrno);
            return limit.rlim_cur > long.MaxValue ? long.MaxValue : (long)limit.rlim_cur;
        }
    }

    /// <summary>
    /// Raises the soft limit to the hard one, keeps the reserve from sockets toward targets from now on, and returns
    /// what may be open.
    /// </summary>
    /// <exception cref="SocketSystemException">getrlimit(2) failed.</exception>
    public static long RaiseOpenFiles()
    {
        rlimit limit;
        if (NativeMethods.getrlimit(NativeMethods.RLIMIT_NOFILE, &limit) < 0)
            throw new SocketSystemException("getrlimit RLIMIT_NOFILE", NativeMethods.LastErrno);
        if (limit.rlim_cur < limit.rlim_max)
        {
            var raised = limit with { rlim_cur = limit.rlim_max };
            if (NativeMethods.setrlimit(NativeMethods.RLIMIT_NOFILE, &raised) == 0)
                limit = raised;
        }
        var maximum = limit.rlim_cur > long.MaxValue ? long.MaxValue : (long)limit.rlim_cur;
        Ceiling = (int)Math.Min(int.MaxValue, maximum - ReserveOf(maximum) - LookupsOf(maximum));
        return maximum;
    }

    /// <summary>How many of so many open files are kept from tunnels: an eighth, and 256 at most.</summary>
    public static long ReserveOf(long maximum) => Math.Min(LargestReserve, maximum / 8);

    /// <summary>
    /// How many more are kept for name lookups, of which each takes one a family while it waits: clients decide how many
    /// there are, and a server that is silent how long. An eighth, and 512 at most: 256 lookups.
    /// </summary>
    public static long LookupsOf(long maximum) => Math.Min(2 * LargestReserve, maximum / 8);

    /// <summary>Whether a new descriptor may be a tunnel's.</summary>
    /// <remarks>
    /// socket(2): "The file descriptor returned by a successful call will be the lowest-numbered file descriptor not
    /// currently open": its number says that as many are open, without anybody counting.
    /// </remarks>
    internal static bool IsForTargets(int fd)
    {
        if (fd < Ceiling)
            return true;
        Interlocked.Increment(ref _refused);
        return false;
    }
}
