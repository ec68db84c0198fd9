using System.Runtime.InteropServices;

namespace Relay.Native.Linux;

internal static unsafe partial class NativeMethods
{
    [NativeConstant("CLOCK_BOOTTIME", "time.h")]
    internal const int CLOCK_BOOTTIME = 7;

    /// <summary>
    /// clock_gettime(3): 0, or -1 and errno. Answered by the vDSO, or by a system call that does not wait: short enough
    /// to be made without a transition.
    /// </summary>
    [DllImport(Libc), SuppressGCTransition]
    internal static extern int clock_gettime(int clockid, timespec* tp);

    /// <summary>clock_getcpuclockid(3): 0, or an errno.</summary>
    [DllImport(Libc)]
    internal static extern int clock_getcpuclockid(int pid, int* clockid);
}
