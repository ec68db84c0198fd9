namespace Relay.Native.Linux;

/// <summary>The calls that take or give a socket address.</summary>
internal static unsafe class NativeAddress
{
    internal static void Bind(int fd, in SocketEndpoint local)
    {
        fixed (SocketEndpoint* address = &local)
        {
            if (NativeMethods.bind(fd, address, (uint)local.Length) < 0)
                throw new SocketSystemException($"bind {local}", NativeMethods.LastErrno);
        }
    }

    internal static int TryConnect(int fd, in SocketEndpoint target)
    {
        fixed (SocketEndpoint* address = &target)
            return NativeMethods.connect(fd, address, (uint)target.Length) == 0 ? 0 : -NativeMethods.LastErrno;
    }

    internal static SocketEndpoint GetLocal(int fd)
    {
        SocketEndpoint local = default;
        uint length = SocketEndpoint.MaxLength;
        if (NativeMethods.getsockname(fd, &local, &length) < 0)
            throw new SocketSystemException("getsockname", NativeMethods.LastErrno);
        SocketEndpoint.Complete(ref local, length);
        return local;
    }
}
