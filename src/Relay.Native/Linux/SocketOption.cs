using System.Text;
using static Relay.Native.Linux.SocketConstants;

namespace Relay.Native.Linux;

/// <summary>setsockopt and getsockopt, typed. <c>Try*</c> answers 0 or -errno; the rest throw what failed.</summary>
internal static unsafe class SocketOption
{
    internal static int TrySet(int fd, int level, int name, int value) =>
        NativeMethods.setsockopt(fd, level, name, &value, sizeof(int)) == 0 ? 0 : -NativeMethods.LastErrno;

    internal static void Set(int fd, int level, int name, int value, string operation)
    {
        var result = TrySet(fd, level, name, value);
        if (result < 0)
            throw new SocketSystemException($"setsockopt {operation}", -result);
    }

    /// <summary>The option's value, or -errno. For options whose values are never negative.</summary>
    internal static int TryGet(int fd, int level, int name)
    {
        var value = 0;
        uint length = sizeof(int);
        return NativeMethods.getsockopt(fd, level, name, &value, &length) == 0 ? value : -NativeMethods.LastErrno;
    }

    /// <summary>
    /// Buffers beyond the system's limit need CAP_NET_ADMIN; without it the limit cuts the request silently.
    /// </summary>
    internal static void SetBuffer(int fd, int forced, int limited, int bytes, string operation)
    {
        if (bytes > 0 && TrySet(fd, SOL_SOCKET, forced, bytes) < 0)
            Set(fd, SOL_SOCKET, limited, bytes, operation);
    }

    internal static void SetInterface(int fd, string name)
    {
        Span<byte> bytes = stackalloc byte[64];
        if (!Encoding.UTF8.TryGetBytes(name, bytes, out var length))
            throw new SocketSystemException($"setsockopt SO_BINDTODEVICE {name}", Errno.ENODEV);
        fixed (byte* pointer = bytes)
        {
            if (NativeMethods.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, pointer, (uint)length) < 0)
                throw new SocketSystemException($"setsockopt SO_BINDTODEVICE {name}", NativeMethods.LastErrno);
        }
    }
}
