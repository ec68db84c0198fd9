namespace Relay.Native.Linux;

// Layouts of <sys/socket.h> and <netinet/in.h> on 64-bit Linux, the same on x64 and arm64. musl declares
// msg_iovlen, msg_controllen and cmsg_len as 32 bits and padding: equal bytes on little-endian machines.
#pragma warning disable CS8981 // C names
#pragma warning disable CS0649 // written by the kernel

[NativeStruct("struct iovec", "sys/uio.h")]
internal unsafe struct iovec
{
    public void* iov_base;
    public nuint iov_len;
}

[NativeStruct("struct msghdr", "sys/socket.h")]
internal unsafe struct msghdr
{
    public void* msg_name;
    public uint msg_namelen;
    public iovec* msg_iov;
    public nuint msg_iovlen;
    public void* msg_control;
    public nuint msg_controllen;
    public int msg_flags;
}

[NativeStruct("struct mmsghdr", "sys/socket.h")]
internal struct mmsghdr
{
    public msghdr msg_hdr;
    public uint msg_len;
}

[NativeStruct("struct cmsghdr", "sys/socket.h")]
internal struct cmsghdr
{
    public nuint cmsg_len;
    public int cmsg_level;
    public int cmsg_type;
}

[NativeStruct("struct linger", "sys/socket.h")]
internal struct linger
{
    public int l_onoff;
    public int l_linger;
}

[NativeStruct("struct sockaddr_in", "netinet/in.h")]
internal struct sockaddr_in
{
    public ushort sin_family;
    public ushort sin_port;
    public uint sin_addr;
    public ulong sin_zero;
}

[NativeStruct("struct sockaddr_in6", "netinet/in.h")]
internal unsafe struct sockaddr_in6
{
    public ushort sin6_family;
    public ushort sin6_port;
    public uint sin6_flowinfo;
    public fixed byte sin6_addr[16];
    public uint sin6_scope_id;
}

[NativeStruct("struct in_pktinfo", "netinet/in.h")]
internal struct in_pktinfo
{
    public int ipi_ifindex;
    public uint ipi_spec_dst;
    public uint ipi_addr;
}

[NativeStruct("struct in6_addr", "netinet/in.h")]
internal unsafe struct in6_addr
{
    public fixed byte s6_addr[16];
}

[NativeStruct("struct in6_pktinfo", "netinet/in.h")]
internal struct in6_pktinfo
{
    public in6_addr ipi6_addr;
    public uint ipi6_ifindex;
}
