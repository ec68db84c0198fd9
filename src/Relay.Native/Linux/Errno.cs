using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Relay.Native.Linux;

#pragma warning disable CS1591 // the names are errno(3)'s

/// <summary>
/// Error numbers of Linux, the same on x64 and arm64. Calls that return a count return <c>-errno</c> on failure.
/// </summary>
[NativeConstants("errno.h")]
public static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int EBADF = 9;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EFAULT = 14;
    public const int EEXIST = 17;
    public const int ENODEV = 19;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ENOSPC = 28;
    public const int EPIPE = 32;
    public const int ENOSYS = 38;
    public const int ENONET = 64;
    public const int EPROTO = 71;
    public const int ENOTSOCK = 88;
    public const int EDESTADDRREQ = 89;
    public const int EMSGSIZE = 90;
    public const int ENOPROTOOPT = 92;
    public const int EPROTONOSUPPORT = 93;
    public const int EOPNOTSUPP = 95;
    public const int EAFNOSUPPORT = 97;
    public const int EADDRINUSE = 98;
    public const int EADDRNOTAVAIL = 99;
    public const int ENETDOWN = 100;
    public const int ENETUNREACH = 101;
    public const int ENETRESET = 102;
    public const int ECONNABORTED = 103;
    public const int ECONNRESET = 104;
    public const int ENOBUFS = 105;
    public const int EISCONN = 106;
    public const int ENOTCONN = 107;
    public const int ETIMEDOUT = 110;
    public const int ECONNREFUSED = 111;
    public const int EHOSTDOWN = 112;
    public const int EHOSTUNREACH = 113;
    public const int EALREADY = 114;
    public const int EINPROGRESS = 115;

    /// <summary>
    /// The system's text and the name, such as <c>Connection refused (ECONNREFUSED)</c>. Takes either sign.
    /// </summary>
    public static string Describe(int errno) =>
        $"{Marshal.GetPInvokeErrorMessage(Math.Abs(errno))} ({Name(errno)})";

    /// <summary>The name, such as <c>ECONNREFUSED</c>, or <c>errno 123</c> for one that has no constant here.</summary>
    public static string Name(int errno)
    {
        errno = Math.Abs(errno);
        return Names.GetValueOrDefault(errno) ?? $"errno {errno}";
    }

    private static readonly FrozenDictionary<int, string> Names =
        typeof(Errno).GetFields(BindingFlags.Public | BindingFlags.Static).ToFrozenDictionary(
            static constant => (int)constant.GetRawConstantValue()!, static constant => constant.Name);
}
