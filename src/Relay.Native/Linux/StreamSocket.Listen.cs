using System.Net;
using static Relay.Native.Linux.InternetConstants;
using static Relay.Native.Linux.SocketConstants;
using static Relay.Native.Linux.TcpConstants;

namespace Relay.Native.Linux;

public sealed unsafe partial class StreamSocket
{
    /// <summary>A socket that accepts connections.</summary>
    /// <exception cref="SocketSystemException">A call failed.</exception>
    public static StreamSocket Listen(IPEndPoint local, int backlog = 4096)
    {
        var address = new SocketEndpoint(local);
        var socket = new StreamSocket(in address, $"socket for {local}");
        try
        {
            SocketOption.Set(socket._fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
            if (address.IsIPv6)
                SocketOption.Set(socket._fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
            NativeAddress.Bind(socket._fd, in address);
            if (NativeMethods.listen(socket._fd, backlog) < 0)
                throw new SocketSystemException($"listen {local}", NativeMethods.LastErrno);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Accepts a connection: 0 and the socket, or -errno, -EAGAIN when none waits.</summary>
    public int Accept(out StreamSocket? accepted)
    {
        accepted = null;
        int fd;
        SocketEndpoint remote = default;
        do
        {
            uint length = SocketEndpoint.MaxLength;
            fd = NativeMethods.accept4(_fd, &remote, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0 && NativeMethods.LastErrno is var errno and not Errno.EINTR)
                return -errno;
            SocketEndpoint.Complete(ref remote, length);
        }
        while (fd < 0);
        accepted = new StreamSocket(new FileDescriptorHandle(fd), in remote);
        return SocketOption.TrySet(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    }

    /// <summary>The other side's address.</summary>
    public IPEndPoint RemoteEndPoint => _target.ToIPEndPoint();
}
