using System.Net;
using static Relay.Native.Linux.InternetConstants;
using static Relay.Native.Linux.SocketConstants;
using static Relay.Native.Linux.TcpConstants;

namespace Relay.Native.Linux;

public sealed unsafe partial class StreamSocket
{
    /// <summary>A socket that accepts connections.</summary>
    /// <param name="local">Its address; port 0 for one that is free.</param>
    /// <param name="backlog">Connections that may wait to be accepted.</param>
    /// <param name="reusePort">Whether others of this user may accept on the same port (SO_REUSEPORT).</param>
    /// <exception cref="SocketSystemException">A call failed.</exception>
    public static StreamSocket Listen(IPEndPoint local, int backlog = 4096, bool reusePort = false)
    {
        var address = new SocketEndpoint(local);
        var socket = new StreamSocket(in address, $"socket for {local}");
        try
        {
            SocketOption.Set(socket._fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
            if (reusePort)
                SocketOption.Set(socket._fd, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
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

    /// <summary>Accepts a connection: 0 and the socket, or -errno, -EAGAIN when none waits; -EMFILE, and one was closed,
    /// when only the reserve of open files is left.</summary>
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
        if (fd >= FileLimits.Ceiling)
        {
            // Only the reserve is left.
            _ = NativeMethods.close(fd);
            return -Errno.EMFILE;
        }
        accepted = new StreamSocket(new FileDescriptorHandle(fd), in remote);
        return SocketOption.TrySet(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    }

    /// <summary>
    /// Makes an accepted socket serve a client for long: notices one that vanished, and lets little wait that is not on
    /// its way yet (TCP_NOTSENT_LOWAT), so that what is urgent is never behind much that is not.
    /// </summary>
    /// <param name="keepAlive">When to look whether it is still there.</param>
    /// <param name="userTimeout">Milliseconds in which what is on its way must be acknowledged.</param>
    /// <param name="notSent">Bytes that may wait.</param>
    /// <exception cref="SocketSystemException">A call failed.</exception>
    public void ServeClient(KeepAlive keepAlive, int userTimeout, int notSent)
    {
        Set(keepAlive);
        SocketOption.Set(_fd, IPPROTO_TCP, TCP_USER_TIMEOUT, userTimeout, "TCP_USER_TIMEOUT");
        SocketOption.Set(_fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, notSent, "TCP_NOTSENT_LOWAT");
    }

    /// <summary>Has the kernel ask the other side whether it is there, soon.</summary>
    /// <param name="seconds">Of silence before it asks; at least 1.</param>
    public void ProbeAfter(int seconds) => _ = SocketOption.TrySet(_fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds);

    /// <summary>The other side's address, as sockets have it.</summary>
    public SocketEndpoint Remote => _target;

    /// <summary>The other side's address.</summary>
    public IPEndPoint RemoteEndPoint => _target.ToIPEndPoint();
}
