using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Relay.Native.Linux.NetlinkConstants;
using static Relay.Native.Linux.RouteConstants;
using static Relay.Native.Linux.SocketConstants;

namespace Relay.Native.Linux;

/// <summary>
/// Adds, removes and lists routes that make all addresses of a prefix the machine's own (<c>local PREFIX dev lo</c>),
/// by rtnetlink(7). Blocking, and not for a loop. Belongs to the network namespace of the thread that made it.
/// </summary>
/// <remarks>
/// Routes made here bear <see cref="Protocol"/> and a metric of their own, so that they stand beside a route of the
/// operator's for the same prefix, and only they are ever removed.
/// </remarks>
public sealed unsafe class RouteSocket : IDisposable
{
    /// <summary>Who made the route, as <c>ip route</c> shows it (<c>proto 82</c>); unused in iproute2's list.</summary>
    public const byte Protocol = 82;

    private const uint Metric = 8200;

    /// <summary>The loopback interface's index in every network namespace.</summary>
    private const uint LoopbackIndex = 1;

    private readonly FileDescriptorHandle _handle = FileDescriptorHandle.OrThrow(
        NativeMethods.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "netlink socket");

    private readonly byte[] _buffer = GC.AllocateArray<byte>(64 * 1024, pinned: true);
    private int _length;
    private uint _sequence;

    /// <summary>Adds the route of a prefix: 0, -EEXIST when it is there already, or another -errno.</summary>
    public int Add(IPAddress network, int length) =>
        Change(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, network, length);

    /// <summary>Removes it: 0, -ESRCH when there is none, or another -errno.</summary>
    public int Remove(IPAddress network, int length) => Change(RTM_DELROUTE, 0, network, length);

    /// <summary>The routes with <see cref="Protocol"/>, of both families.</summary>
    /// <exception cref="SocketSystemException">The kernel refuses to say.</exception>
    public IReadOnlyList<(IPAddress Network, int Length)> List()
    {
        var found = new List<(IPAddress, int)>();
        foreach (var family in (int[])[AF_INET, AF_INET6])
        {
            Begin(RTM_GETROUTE, NLM_F_DUMP, new rtmsg { rtm_family = (byte)family });
            Send();
            while (ReadDump(found))
            {
                // One more part follows.
            }
        }
        return found;
    }

    /// <summary>Closes the socket. The routes stay.</summary>
    public void Dispose() => _handle.Dispose();

    private int Change(ushort type, int flags, IPAddress network, int length)
    {
        var destination = network.GetAddressBytes();
        var isIPv6 = destination.Length == 16;
        Begin(type, flags | NLM_F_ACK, new rtmsg
        {
            rtm_family = (byte)(isIPv6 ? AF_INET6 : AF_INET),
            rtm_dst_len = (byte)length,
            rtm_table = RT_TABLE_LOCAL,
            rtm_protocol = Protocol,
            rtm_scope = isIPv6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_HOST,
            rtm_type = RTN_LOCAL,
        });
        Append(RTA_DST, destination);
        Append(RTA_OIF, BitConverter.GetBytes(LoopbackIndex));
        Append(RTA_PRIORITY, BitConverter.GetBytes(Metric));
        Send();
        var received = Receive();
        var header = MemoryMarshal.Read<nlmsghdr>(received);
        if (header.nlmsg_type != NLMSG_ERROR)
            throw new SocketSystemException("netlink answer", Errno.EPROTO);
        return MemoryMarshal.Read<int>(received[sizeof(nlmsghdr)..]);
    }

    /// <returns>False when this was the last part.</returns>
    private bool ReadDump(List<(IPAddress, int)> found)
    {
        var rest = Receive();
        while (rest.Length >= sizeof(nlmsghdr))
        {
            var header = MemoryMarshal.Read<nlmsghdr>(rest);
            var message = rest[sizeof(nlmsghdr)..(int)header.nlmsg_len];
            switch (header.nlmsg_type)
            {
                case NLMSG_DONE:
                    return false;
                case NLMSG_ERROR:
                    throw new SocketSystemException("netlink dump", -MemoryMarshal.Read<int>(message));
                case RTM_NEWROUTE:
                    var route = MemoryMarshal.Read<rtmsg>(message);
                    if (IsOurs(route))
                        found.Add((Destination(message[sizeof(rtmsg)..]), route.rtm_dst_len));
                    break;
            }
            rest = rest[Math.Min(Aligned((int)header.nlmsg_len), rest.Length)..];
        }
        return true;
    }

    private static bool IsOurs(in rtmsg route) =>
        route is { rtm_protocol: Protocol, rtm_type: RTN_LOCAL, rtm_table: RT_TABLE_LOCAL };

    private static IPAddress Destination(ReadOnlySpan<byte> attributes)
    {
        while (attributes.Length >= sizeof(rtattr))
        {
            var attribute = MemoryMarshal.Read<rtattr>(attributes);
            if (attribute.rta_type == RTA_DST)
                return new IPAddress(attributes[sizeof(rtattr)..attribute.rta_len]);
            attributes = attributes[Math.Min(Aligned(attribute.rta_len), attributes.Length)..];
        }
        throw new SocketSystemException("netlink route without a destination", Errno.EPROTO);
    }

    private void Begin(ushort type, int flags, in rtmsg route)
    {
        var header = new nlmsghdr
        {
            nlmsg_type = type,
            nlmsg_flags = (ushort)(flags | NLM_F_REQUEST),
            nlmsg_seq = ++_sequence,
        };
        MemoryMarshal.Write(_buffer, header);
        MemoryMarshal.Write(_buffer.AsSpan(sizeof(nlmsghdr)), route);
        _length = sizeof(nlmsghdr) + sizeof(rtmsg);
    }

    private void Append(ushort type, ReadOnlySpan<byte> value)
    {
        var attribute = new rtattr { rta_len = (ushort)(sizeof(rtattr) + value.Length), rta_type = type };
        MemoryMarshal.Write(_buffer.AsSpan(_length), attribute);
        value.CopyTo(_buffer.AsSpan(_length + sizeof(rtattr)));
        _length += Aligned(attribute.rta_len);
    }

    private void Send()
    {
        Unsafe.As<byte, nlmsghdr>(ref _buffer[0]).nlmsg_len = (uint)_length;
        fixed (byte* pointer = _buffer)
        {
            if (NativeMethods.send(_handle.Fd, pointer, (nuint)_length, 0) < 0)
                throw new SocketSystemException("netlink request", NativeMethods.LastErrno);
        }
    }

    private ReadOnlySpan<byte> Receive()
    {
        nint received;
        fixed (byte* pointer = _buffer)
        {
            do
            {
                received = NativeMethods.recv(_handle.Fd, pointer, (nuint)_buffer.Length, 0);
            }
            while (NativeMethods.IsInterrupted(received));
        }
        if (received < sizeof(nlmsghdr))
            throw new SocketSystemException("netlink answer", received < 0 ? NativeMethods.LastErrno : Errno.EPROTO);
        return _buffer.AsSpan(0, (int)received);
    }

    private static int Aligned(int length) => (length + 3) & ~3;
}
