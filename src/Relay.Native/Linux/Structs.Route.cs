namespace Relay.Native.Linux;

// Layouts of <linux/netlink.h> and <linux/rtnetlink.h>, the same on every architecture; numbers in host order.
#pragma warning disable CS8981 // C names

[NativeStruct("struct nlmsghdr", "linux/netlink.h")]
internal struct nlmsghdr
{
    public uint nlmsg_len;
    public ushort nlmsg_type;
    public ushort nlmsg_flags;
    public uint nlmsg_seq;
    public uint nlmsg_pid;
}

[NativeStruct("struct rtmsg", "linux/rtnetlink.h")]
internal struct rtmsg
{
    public byte rtm_family;
    public byte rtm_dst_len;
    public byte rtm_src_len;
    public byte rtm_tos;
    public byte rtm_table;
    public byte rtm_protocol;
    public byte rtm_scope;
    public byte rtm_type;
    public uint rtm_flags;
}

[NativeStruct("struct rtattr", "linux/rtnetlink.h")]
internal struct rtattr
{
    public ushort rta_len;
    public ushort rta_type;
}

[NativeConstants("linux/netlink.h")]
internal static class NetlinkConstants
{
    internal const int NETLINK_ROUTE = 0;
    internal const int NLMSG_ERROR = 2;
    internal const int NLMSG_DONE = 3;
    internal const int NLM_F_REQUEST = 1;
    internal const int NLM_F_ACK = 4;
    internal const int NLM_F_DUMP = 0x300;
    internal const int NLM_F_EXCL = 0x200;
    internal const int NLM_F_CREATE = 0x400;
}

[NativeConstants("linux/rtnetlink.h")]
internal static class RouteConstants
{
    internal const ushort RTM_NEWROUTE = 24;
    internal const ushort RTM_DELROUTE = 25;
    internal const ushort RTM_GETROUTE = 26;
    internal const byte RT_TABLE_LOCAL = 255;
    internal const byte RT_SCOPE_HOST = 254;
    internal const byte RT_SCOPE_UNIVERSE = 0;
    internal const byte RTN_LOCAL = 2;
    internal const ushort RTA_DST = 1;
    internal const ushort RTA_OIF = 4;
    internal const ushort RTA_PRIORITY = 6;
}
