using System.Runtime.InteropServices;

namespace Relay.Native.Linux;

// The verbatim layer. Signatures are blittable and SetLastError stays off, so that a call is a bare transition; errno
// is read by LastErrno directly after the call, only when it failed: the runtime preserves errno across the return
// transition and lazy binding. No call here is marked SuppressGCTransition: each may enter the kernel for longer than a
// microsecond (softirq work of loopback runs inside a send) and would hold up a collection.

internal static unsafe partial class NativeMethods
{
    private const string Libc = "libc";

    /// <summary>errno of this thread: valid directly after a failed call.</summary>
    internal static int LastErrno => Marshal.GetLastSystemError();

    /// <summary>Whether a call that counts, directly before, was interrupted by a signal, and is to be made again.</summary>
    internal static bool IsInterrupted(nint result) => result < 0 && LastErrno == Errno.EINTR;

    /// <summary>socket(2): a descriptor, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int socket(int domain, int type, int protocol);

    /// <summary>bind(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int bind(int sockfd, void* addr, uint addrlen);

    /// <summary>connect(2): 0, or -1 and errno; EINTR and EINPROGRESS both leave the connection being made.</summary>
    [DllImport(Libc)]
    internal static extern int connect(int sockfd, void* addr, uint addrlen);

    /// <summary>listen(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int listen(int sockfd, int backlog);

    /// <summary>accept4(2): a descriptor, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int accept4(int sockfd, void* addr, uint* addrlen, int flags);

    /// <summary>shutdown(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int shutdown(int sockfd, int how);

    [NativeConstant("TIOCOUTQ", "sys/ioctl.h")]
    internal const nuint TIOCOUTQ = 0x5411;

    /// <summary>ioctl(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int ioctl(int fd, nuint request, int* argument);

    /// <summary>getsockname(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int getsockname(int sockfd, void* addr, uint* addrlen);

    /// <summary>getsockopt(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int getsockopt(int sockfd, int level, int optname, void* optval, uint* optlen);

    /// <summary>setsockopt(2): 0, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern int setsockopt(int sockfd, int level, int optname, void* optval, uint optlen);

    /// <summary>recv(2): bytes, 0 at the end of the stream, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern nint recv(int sockfd, void* buf, nuint len, int flags);

    /// <summary>send(2): bytes, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern nint send(int sockfd, void* buf, nuint len, int flags);

    /// <summary>sendmsg(2): bytes, or -1 and errno.</summary>
    [DllImport(Libc)]
    internal static extern nint sendmsg(int sockfd, msghdr* msg, int flags);

    /// <summary>
    /// recvmmsg(2): messages, or -1 and errno. An error after the first message is kept by the socket and reported by
    /// the next call.
    /// </summary>
    [DllImport(Libc)]
    internal static extern int recvmmsg(int sockfd, mmsghdr* msgvec, uint vlen, int flags, timespec* timeout);

    /// <summary>
    /// sendmmsg(2): messages sent, or -1 and errno if not even the first was; the errno of a later message is lost, and
    /// is found by sending that message again.
    /// </summary>
    [DllImport(Libc)]
    internal static extern int sendmmsg(int sockfd, mmsghdr* msgvec, uint vlen, int flags);

    /// <summary>
    /// close(2): 0, or -1 and errno; never repeated, since Linux frees the descriptor before it can fail.
    /// </summary>
    [DllImport(Libc)]
    internal static extern int close(int fd);
}
