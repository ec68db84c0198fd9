using static Relay.Native.Linux.InternetConstants;
using static Relay.Native.Linux.SocketConstants;
using static Relay.Native.Linux.UdpConstants;

namespace Relay.Native.Linux;

public sealed unsafe partial class SendBatch
{
    /// <summary>
    /// Sends what was committed. A message that the kernel refuses for its own sake is dropped and counted, and the
    /// rest goes on.
    /// </summary>
    /// <returns>
    /// 0 when nothing is left; -EAGAIN when the socket's buffer is full: the rest stays, in order and with
    /// <see cref="HasPending"/>, until a flush after the socket has become writable.
    /// </returns>
    public int Flush(DatagramSocket socket)
    {
        _open = false;
        for (; _prepared < _count; _prepared++)
            Prepare(_prepared, socket);
        var retried = false;
        while (_head < _count)
        {
            var result = !socket.GsoSupported && _runs[_head].Segments > 1
                ? SendSingly(socket)
                : SendRuns(socket, _head, Singly ? _head + 1 : socket.GsoSupported ? _count : EndOfSingles());
            if (result >= 0)
            {
                retried = false;
                continue;
            }
            if (result == -Errno.ECONNREFUSED && !retried)
            {
                retried = true; // a connected socket tells of an earlier packet; this one was not tried
                continue;
            }
            retried = false;
            if (result == -Errno.EAGAIN || OnRefused(socket, -result) == -Errno.EAGAIN)
                return -Errno.EAGAIN;
        }
        GC.KeepAlive(socket);
        _head = _prepared = _count = _used = 0;
        return 0;
    }

    private int EndOfSingles()
    {
        var end = _head + 1;
        while (end < _count && _runs[end].Segments == 1)
            end++;
        return end;
    }

    /// <summary>One call for many messages. Returns 0 after progress, else -errno of the message at the head.</summary>
    private int SendRuns(DatagramSocket socket, int from, int to)
    {
        int sent;
        do
        {
            SyscallCount++;
            sent = NativeMethods.sendmmsg(socket.Fd, _headers.Pointer + from, (uint)(to - from), MSG_DONTWAIT);
            if (sent < 0 && NativeMethods.LastErrno is var errno and not Errno.EINTR)
                return -errno;
        }
        while (sent < 0);
        for (var i = from; i < from + sent; i++)
        {
            Count(_runs[i].Segments, _runs[i].Length);
            SegmentsCoalesced += _runs[i].Segments - 1;
        }
        _head = from + sent;
        return 0;
    }

    /// <summary>Sends the run at the head packet by packet, as one that refuses runs must be served.</summary>
    private int SendSingly(DatagramSocket socket)
    {
        ref var run = ref _runs[_head];
        var header = _headers.Pointer + _head;
        while (run.Segments > 0)
        {
            var length = Math.Min(run.SegmentSize, run.Length);
            PrepareControl(_head, socket, segmentSize: 0);
            _vectors.Pointer[_head] = new iovec { iov_base = _arena.Pointer + run.Offset, iov_len = (nuint)length };
            SyscallCount++;
            if (NativeMethods.sendmsg(socket.Fd, &header->msg_hdr, MSG_DONTWAIT) < 0)
            {
                var errno = NativeMethods.LastErrno;
                if (errno == Errno.EINTR)
                    continue;
                if (errno == Errno.EAGAIN)
                {
                    Prepare(_head, socket); // what is left is a shorter run
                    return -errno;
                }
                Drop(1, errno);
            }
            else
            {
                Count(1, length);
            }
            run.Offset += length;
            run.Length -= length;
            run.Segments--;
        }
        _head++;
        return 0;
    }

    /// <summary>A run that is refused as such is sent singly; anything else is dropped. 0, or -EAGAIN midway.</summary>
    private int OnRefused(DatagramSocket socket, int errno)
    {
        ref var run = ref _runs[_head];
        // EIO: the device cannot checksum or cut a run. EINVAL, EMSGSIZE: a segment is larger than the path allows, and
        // the shorter last one may still fit.
        if (run.Segments > 1 && errno is Errno.EIO or Errno.EINVAL or Errno.EMSGSIZE)
        {
            socket.OnGsoRefused(errno);
            return SendSingly(socket);
        }
        Drop(run.Segments, errno);
        _head++;
        return 0;
    }

    private void Count(int packets, int bytes)
    {
        PendingPackets -= packets;
        PacketsSent += packets;
        BytesSent += bytes;
    }

    private void Drop(int packets, int errno)
    {
        PendingPackets -= packets;
        DroppedPackets += packets;
        LastError = errno;
    }

    private void Prepare(int index, DatagramSocket socket)
    {
        ref var run = ref _runs[index];
        ref var header = ref _headers.Pointer[index].msg_hdr;
        header.msg_name = socket.IsConnected ? null : _remotes.Pointer + index;
        header.msg_namelen = socket.IsConnected ? 0 : (uint)_remotes.Pointer[index].Length;
        header.msg_iov = _vectors.Pointer + index;
        header.msg_iovlen = 1;
        _vectors.Pointer[index] = new iovec { iov_base = _arena.Pointer + run.Offset, iov_len = (nuint)run.Length };
        PrepareControl(index, socket, run.Segments > 1 ? run.SegmentSize : 0);
    }

    private void PrepareControl(int index, DatagramSocket socket, int segmentSize)
    {
        var memory = _control.Pointer + (index * ControlLength);
        var control = new ControlWriter(memory);
        if (segmentSize > 0)
            control.Add(SOL_UDP, UDP_SEGMENT, (ushort)segmentSize);
        int ecn = _runs[index].Ecn;
        if (ecn != 0)
            control.Add(socket.IsIPv6 ? IPPROTO_IPV6 : IPPROTO_IP, socket.IsIPv6 ? IPV6_TCLASS : IP_TOS, ecn);
        ref var local = ref _locals[index];
        if (socket.IsWildcard && !local.IsWildcard)
        {
            if (local.IsIPv4)
                control.Add(IPPROTO_IP, IP_PKTINFO, new in_pktinfo { ipi_spec_dst = local.IPv4Address });
            else
                AddSource(ref control, in local);
        }
        ref var header = ref _headers.Pointer[index].msg_hdr;
        header.msg_control = control.Length > 0 ? memory : null;
        header.msg_controllen = (nuint)control.Length;
    }

    private static void AddSource(ref ControlWriter control, in SocketEndpoint local)
    {
        var info = new in6_pktinfo { ipi6_addr = local.IPv6Address, ipi6_ifindex = local.ScopeId };
        control.Add(IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}
