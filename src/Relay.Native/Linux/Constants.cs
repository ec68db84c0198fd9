namespace Relay.Native.Linux;

// Values of the Linux headers, the same on x64 and arm64. Each class is one header; the ABI test compares every value.

[NativeConstants("sys/socket.h")]
internal static class SocketConstants
{
    internal const int AF_INET = 2;
    internal const int AF_INET6 = 10;
    internal const int AF_NETLINK = 16;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_RAW = 3;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SO_REUSEADDR = 2;
    internal const int SO_ERROR = 4;
    internal const int SO_SNDBUF = 7;
    internal const int SO_RCVBUF = 8;
    internal const int SO_KEEPALIVE = 9;
    internal const int SO_LINGER = 13;
    internal const int SO_REUSEPORT = 15;
    internal const int SO_BINDTODEVICE = 25;
    internal const int SO_SNDBUFFORCE = 32;
    internal const int SO_RCVBUFFORCE = 33;
    internal const int SO_ATTACH_REUSEPORT_CBPF = 51;
    internal const int MSG_TRUNC = 0x20;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int SHUT_WR = 1;
}

[NativeConstants("netinet/in.h")]
internal static class InternetConstants
{
    internal const int IPPROTO_IP = 0;
    internal const int IPPROTO_TCP = 6;
    internal const int IPPROTO_IPV6 = 41;
    internal const int IP_TOS = 1;
    internal const int IP_PKTINFO = 8;
    internal const int IP_MTU_DISCOVER = 10;
    internal const int IP_RECVTOS = 13;
    internal const int IP_FREEBIND = 15;
    internal const int IP_BIND_ADDRESS_NO_PORT = 24;
    internal const int IP_PMTUDISC_DO = 2;
    internal const int IP_PMTUDISC_PROBE = 3;
    internal const int IPV6_MTU_DISCOVER = 23;
    internal const int IPV6_V6ONLY = 26;
    internal const int IPV6_RECVPKTINFO = 49;
    internal const int IPV6_PKTINFO = 50;
    internal const int IPV6_RECVTCLASS = 66;
    internal const int IPV6_TCLASS = 67;
    internal const int IPV6_FREEBIND = 78;
    internal const int IPV6_PMTUDISC_DO = 2;
    internal const int IPV6_PMTUDISC_PROBE = 3;
}

[NativeConstants("netinet/udp.h")]
internal static class UdpConstants
{
    internal const int SOL_UDP = 17;
    internal const int UDP_SEGMENT = 103;
    internal const int UDP_GRO = 104;
}

[NativeConstants("netinet/tcp.h")]
internal static class TcpConstants
{
    internal const int TCP_NODELAY = 1;
    internal const int TCP_KEEPIDLE = 4;
    internal const int TCP_KEEPINTVL = 5;
    internal const int TCP_KEEPCNT = 6;
    internal const int TCP_INFO = 11;
    internal const int TCP_USER_TIMEOUT = 18;
    internal const int TCP_NOTSENT_LOWAT = 25;
}

[NativeConstants("sys/epoll.h")]
internal static class EpollConstants
{
    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
}

[NativeConstants("sys/eventfd.h")]
internal static class EventFdConstants
{
    internal const int EFD_NONBLOCK = 0x800;
    internal const int EFD_CLOEXEC = 0x80000;
}

[NativeConstants("linux/filter.h")]
internal static class FilterConstants
{
    internal const ushort BPF_LD = 0x00;
    internal const ushort BPF_ALU = 0x04;
    internal const ushort BPF_JMP = 0x05;
    internal const ushort BPF_RET = 0x06;
    internal const ushort BPF_B = 0x10;
    internal const ushort BPF_ABS = 0x20;
    internal const ushort BPF_MOD = 0x90;
    internal const ushort BPF_JEQ = 0x10;
    internal const ushort BPF_JSET = 0x40;
    internal const ushort BPF_K = 0x00;
    internal const ushort BPF_A = 0x10;
}
