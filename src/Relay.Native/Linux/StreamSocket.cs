using System.Net;
using static Relay.Native.Linux.InternetConstants;
using static Relay.Native.Linux.SocketConstants;
using static Relay.Native.Linux.TcpConstants;

namespace Relay.Native.Linux;

/// <summary>
/// A non-blocking TCP socket. Belongs to one loop: no member may be called from two threads at a time.
/// </summary>
public sealed unsafe partial class StreamSocket : IDisposable
{
    private readonly FileDescriptorHandle _handle;
    private readonly SocketEndpoint _target;
    private int _fd;

    private StreamSocket(FileDescriptorHandle handle, in SocketEndpoint target)
    {
        _handle = handle;
        _fd = handle.Fd;
        _target = target;
    }

    private StreamSocket(in SocketEndpoint address, string operation)
        : this(FileDescriptorHandle.ForTarget(OpenSocket(address.NativeFamily), operation), in address)
    {
    }

    /// <summary>The descriptor, for epoll; -1 once disposed.</summary>
    public int Fd => _fd;

    /// <summary>The local address, asked of the kernel: an unconnected socket's may be a wildcard.</summary>
    public IPEndPoint LocalEndPoint => NativeAddress.GetLocal(_fd).ToIPEndPoint();

    /// <summary>A socket for a target, which <see cref="Connect"/> connects.</summary>
    /// <exception cref="SocketSystemException">A call failed.</exception>
    public static StreamSocket Create(IPEndPoint target, StreamSocketOptions? options = null)
    {
        var socket = new StreamSocket(new SocketEndpoint(target), $"socket for {target}");
        try
        {
            SocketOption.Set(socket._fd, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
            if (options?.KeepAlive is { } keepAlive)
                socket.Set(keepAlive);
            if (options?.Interface is { } name)
                SocketOption.SetInterface(socket._fd, name);
            if (options?.Local is { } local)
                socket.BindSource(new SocketEndpoint(local));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Starts to connect: 0 when done, -EINPROGRESS while it is being done (the socket becomes writable, and
    /// <see cref="GetPendingError"/> tells the outcome), or -errno.
    /// </summary>
    public int Connect()
    {
        var result = NativeAddress.TryConnect(_fd, in _target);
        GC.KeepAlive(this);
        return result == -Errno.EINTR ? -Errno.EINPROGRESS : result; // connect(2): an interrupted one goes on
    }

    /// <summary>Takes the socket's pending error (SO_ERROR): 0 or a positive errno.</summary>
    public int GetPendingError() => Math.Abs(SocketOption.TryGet(_fd, SOL_SOCKET, SO_ERROR));

    /// <summary>Ends this side's stream (FIN); the other's goes on. Returns 0 or -errno.</summary>
    public int ShutdownWrite() => NativeMethods.shutdown(_fd, SHUT_WR) == 0 ? 0 : -NativeMethods.LastErrno;

    /// <summary>Closes the socket at once and drops what was not sent (RST).</summary>
    public void Abort()
    {
        if (_fd >= 0)
        {
            var value = new linger { l_onoff = 1, l_linger = 0 };
            _ = NativeMethods.setsockopt(_fd, SOL_SOCKET, SO_LINGER, &value, (uint)sizeof(linger));
        }
        Dispose();
    }

    /// <summary>
    /// Closes the socket; what the kernel has taken is still sent, unless received data was left unread.
    /// </summary>
    public void Dispose()
    {
        _fd = -1;
        _handle.Dispose();
    }

    private void Set(KeepAlive value)
    {
        SocketOption.Set(_fd, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
        SocketOption.Set(_fd, IPPROTO_TCP, TCP_KEEPIDLE, value.Idle, "TCP_KEEPIDLE");
        SocketOption.Set(_fd, IPPROTO_TCP, TCP_KEEPINTVL, value.Interval, "TCP_KEEPINTVL");
        SocketOption.Set(_fd, IPPROTO_TCP, TCP_KEEPCNT, value.Probes, "TCP_KEEPCNT");
        SocketOption.Set(_fd, IPPROTO_TCP, TCP_USER_TIMEOUT, value.UserTimeout, "TCP_USER_TIMEOUT");
    }

    private void BindSource(in SocketEndpoint local)
    {
        if (local.IsIPv6)
            SocketOption.Set(_fd, IPPROTO_IPV6, IPV6_FREEBIND, 1, "IPV6_FREEBIND");
        else
            SocketOption.Set(_fd, IPPROTO_IP, IP_FREEBIND, 1, "IP_FREEBIND");
        // The option belongs to the IP level and serves IPv6 sockets as well.
        SocketOption.Set(_fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1, "IP_BIND_ADDRESS_NO_PORT");
        NativeAddress.Bind(_fd, in local);
    }

    private static int OpenSocket(int family) =>
        NativeMethods.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}
