using static Relay.Native.Linux.InternetConstants;
using static Relay.Native.Linux.SocketConstants;
using static Relay.Native.Linux.UdpConstants;

namespace Relay.Native.Linux;

public sealed unsafe partial class DatagramSocket
{
    private void Set(int level, int name, int value, string operation) =>
        SocketOption.Set(_fd, level, name, value, operation);

    private void Configure(DatagramSocketOptions options, PathMtuMode pathMtu)
    {
        SocketOption.SetBuffer(_fd, SO_RCVBUFFORCE, SO_RCVBUF, options.ReceiveBufferBytes, "SO_RCVBUF");
        SocketOption.SetBuffer(_fd, SO_SNDBUFFORCE, SO_SNDBUF, options.SendBufferBytes, "SO_SNDBUF");
        if (_isIPv6)
        {
            Set(IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
            var mode = pathMtu == PathMtuMode.Probe ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DO;
            Set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, mode, "IPV6_MTU_DISCOVER");
        }
        else
        {
            var mode = pathMtu == PathMtuMode.Probe ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DO;
            Set(IPPROTO_IP, IP_MTU_DISCOVER, mode, "IP_MTU_DISCOVER");
        }
        if (options.Ecn)
            ReceiveEcn();
        if (options.Gro)
            SocketOption.TrySet(_fd, SOL_UDP, UDP_GRO, 1); // absent before Linux 5.0: datagrams then come singly
        if (options.Interface is { } name)
            SocketOption.SetInterface(_fd, name);
        // Knowing the option is all that can be asked in advance: devices refuse only when something is sent.
        GsoSupported = SocketOption.TryGet(_fd, SOL_UDP, UDP_SEGMENT) >= 0;
    }

    private void ReceiveEcn()
    {
        if (_isIPv6)
            Set(IPPROTO_IPV6, IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS");
        else
            Set(IPPROTO_IP, IP_RECVTOS, 1, "IP_RECVTOS");
    }

    private void ReceiveLocalAddress()
    {
        IsWildcard = true;
        if (_isIPv6)
            Set(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
        else
            Set(IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
    }

    /// <summary>
    /// The source may lie in a prefix that is routed to this machine and is on none of its interfaces.
    /// </summary>
    private void BindSource(in SocketEndpoint local, DatagramSocketOptions options)
    {
        if (_isIPv6)
            Set(IPPROTO_IPV6, IPV6_FREEBIND, 1, "IPV6_FREEBIND");
        else
            Set(IPPROTO_IP, IP_FREEBIND, 1, "IP_FREEBIND");
        if (options.ReusePort)
            Set(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
        NativeAddress.Bind(_fd, in local);
    }
}
