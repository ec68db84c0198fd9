namespace Relay.Native.Linux;

/// <summary>Limits on open files: every tunnel needs one.</summary>
public static unsafe class FileLimits
{
    /// <summary>Raises the soft limit to the hard one, and returns what may be open now.</summary>
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
        return limit.rlim_cur > long.MaxValue ? long.MaxValue : (long)limit.rlim_cur;
    }
}
