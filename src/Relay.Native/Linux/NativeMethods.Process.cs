using System.Runtime.InteropServices;

namespace Relay.Native.Linux;


internal static unsafe partial class NativeMethods
{
    [NativeConstant("PR_SET_TIMERSLACK", "sys/prctl.h")]
    internal const int PR_SET_TIMERSLACK = 29;

    [NativeConstant("RLIMIT_NOFILE", "sys/resource.h")]
    internal const int RLIMIT_NOFILE = 7;

    [NativeConstant("M_ARENA_MAX", "malloc.h")]
    internal const int M_ARENA_MAX = -8;

    /// <summary>malloc_trim(3): 1 if memory was released, else 0. glibc only.</summary>
    [DllImport(Libc)]
    internal static extern int malloc_trim(nuint pad);

    /// <summary>mallinfo2(3). glibc only, since 2.33.</summary>
    [DllImport(Libc)]
    internal static extern mallinfo2 mallinfo2();

    /// <summary>mallopt(3): 1 on success, 0 on error; errno is not set. glibc only.</summary>
    [DllImport(Libc)]
    internal static extern int mallopt(int param, int value);

    /// <summary>malloc(3): null, and ENOMEM.</summary>
    [DllImport(Libc)]
    internal static extern void* malloc(nuint size);

    /// <summary>calloc(3): as malloc.</summary>
    [DllImport(Libc)]
    internal static extern void* calloc(nuint nmemb, nuint size);

    /// <summary>realloc(3): null, and what was there is left.</summary>
    [DllImport(Libc)]
    internal static extern void* realloc(void* ptr, nuint size);

    /// <summary>free(3).</summary>
    [DllImport(Libc)]
    internal static extern void free(void* ptr);

    /// <summary>prctl(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    /// <summary>sched_setaffinity(2): 0, or -1 and errno; pid 0 is the calling thread.</summary>
    [DllImport(Libc)]
    internal static extern int sched_setaffinity(int pid, nuint cpusetsize, void* mask);

    /// <summary>getrlimit(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int getrlimit(int resource, rlimit* rlim);

    /// <summary>setrlimit(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int setrlimit(int resource, rlimit* rlim);
}
