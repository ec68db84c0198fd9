using System.Runtime.InteropServices;

namespace Relay.Native.Linux;


internal static unsafe partial class NativeMethods
{
    /// <summary>
    /// epoll_pwait2's number, the same on every architecture; an ABI fact that has no place in libc's headers.
    /// </summary>
    [NativeConstant("SYS_epoll_pwait2", "sys/syscall.h")]
    internal const int SYS_epoll_pwait2 = 441;

    /// <summary>epoll_create1(2): a descriptor, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int epoll_create1(int flags);

    /// <summary>epoll_ctl(2): 0, or -1 and errno. The event's layout depends on the architecture.</summary>
    [DllImport(Libc)]
    internal static extern int epoll_ctl(int epfd, int op, int fd, void* @event);

    /// <summary>epoll_wait(2): events, 0 on time-out, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int epoll_wait(int epfd, void* events, int maxevents, int timeout);

    /// <summary>
    /// epoll_pwait2(2) through syscall(2), since musl and older C libraries lack the wrapper: events, 0 on time-out, or
    /// -1 and errno (ENOSYS before Linux 5.11, EPERM from old container filters).
    /// </summary>
    [DllImport(Libc, EntryPoint = "syscall")]
    internal static extern nint epoll_pwait2(
        nint number, nint epfd, void* events, nint maxevents, timespec* timeout, void* sigmask, nuint sigsetsize);

    /// <summary>eventfd(2): a descriptor, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int eventfd(uint initval, int flags);

    /// <summary>read(2): bytes, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern nint read(int fd, void* buf, nuint count);

    /// <summary>write(2): bytes, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern nint write(int fd, void* buf, nuint count);
}
