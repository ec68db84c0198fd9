using System.Net;
using static Relay.Native.Linux.SocketConstants;

namespace Relay.Native.Linux;

/// <summary>
/// A non-blocking UDP socket that receives and sends in batches, with GRO and GSO. Belongs to one loop: no member may
/// be called from two threads at a time.
/// </summary>
public sealed unsafe partial class DatagramSocket : IDisposable
{
    private readonly FileDescriptorHandle _handle;
    private readonly bool _isIPv6;
    private SocketEndpoint _local;
    private int _fd;

    private DatagramSocket(int family, string operation, bool forTarget)
    {
        var fd = NativeMethods.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        _handle = forTarget
            ? FileDescriptorHandle.ForTarget(fd, operation) : FileDescriptorHandle.OrThrow(fd, operation);
        _fd = _handle.Fd;
        _isIPv6 = family == AF_INET6;
    }

    /// <summary>The descriptor, for epoll; -1 once disposed.</summary>
    public int Fd => _fd;

    /// <summary>The address bound to.</summary>
    public IPEndPoint LocalEndPoint => _local.ToIPEndPoint();

    /// <summary>The address bound to, in the kernel's layout.</summary>
    public ref readonly SocketEndpoint Local => ref _local;

    /// <summary>
    /// Can the socket send a run of packets as one message? Turned off for good when a device refuses (EIO).
    /// </summary>
    public bool GsoSupported { get; private set; }

    /// <summary>Messages that had to be sent again packet by packet.</summary>
    public long GsoFallbacks { get; private set; }

    internal bool IsIPv6 => _isIPv6;

    internal bool IsConnected { get; private set; }

    /// <summary>The local address differs from datagram to datagram, and replies name theirs.</summary>
    internal bool IsWildcard { get; private set; }

    /// <summary>
    /// A socket of the relay's own address; with <see cref="DatagramSocketOptions.ReusePort"/> one of several.
    /// </summary>
    /// <exception cref="SocketSystemException">A call failed.</exception>
    public static DatagramSocket Bind(IPEndPoint local, DatagramSocketOptions options)
    {
        var address = new SocketEndpoint(local);
        var socket = new DatagramSocket(address.NativeFamily, $"socket for {local}", forTarget: false);
        try
        {
            socket.Configure(options, options.PathMtu ?? PathMtuMode.Probe);
            if (options.ReusePort)
                socket.Set(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
            if (address.IsWildcard)
                socket.ReceiveLocalAddress();
            NativeAddress.Bind(socket._fd, in address);
            socket._local = NativeAddress.GetLocal(socket._fd);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A socket that exchanges datagrams with one target only, and hears of ICMP errors from its path.
    /// </summary>
    /// <exception cref="SocketSystemException">A call failed; for an unreachable target with ENETUNREACH.</exception>
    public static DatagramSocket Connect(IPEndPoint target, DatagramSocketOptions options)
    {
        var address = new SocketEndpoint(target);
        var socket = new DatagramSocket(address.NativeFamily, $"socket for {target}", forTarget: true);
        try
        {
            socket.Configure(options, options.PathMtu ?? PathMtuMode.Kernel);
            if (options.Local is { } local)
                socket.BindSource(new SocketEndpoint(local), options);
            var result = NativeAddress.TryConnect(socket._fd, in address);
            if (result < 0)
                throw new SocketSystemException($"connect {target}", -result);
            socket.IsConnected = true;
            socket._local = NativeAddress.GetLocal(socket._fd);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes the socket's pending error (SO_ERROR): 0 or a positive errno.</summary>
    public int GetPendingError() => Math.Abs(SocketOption.TryGet(_fd, SOL_SOCKET, SO_ERROR));

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        _fd = -1;
        _handle.Dispose();
    }

    /// <summary>A message was refused as a run. EIO is the device's answer to any run: it is asked no more.</summary>
    internal void OnGsoRefused(int errno)
    {
        GsoFallbacks++;
        if (errno == Errno.EIO)
            GsoSupported = false;
    }
}
