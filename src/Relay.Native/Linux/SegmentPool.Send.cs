using static Relay.Native.Linux.SocketConstants;
using static Relay.Native.Linux.UdpConstants;

namespace Relay.Native.Linux;

public sealed unsafe partial class SegmentPool
{
    private const int MaxMessages = 64;
    private const int MaxVectors = 512;
    private const int ControlLength = 24; // UDP_SEGMENT

    private readonly PinnedArray<mmsghdr> _headers;
    private readonly PinnedArray<iovec> _vectors;
    private readonly PinnedArray<byte> _control;
    private readonly SegmentRun[] _runs;

    /// <summary>Datagrams of a list that make one message.</summary>
    private struct SegmentRun
    {
        internal int First; // index + 1
        internal int Count;
    }

    /// <summary>Sends all of the list and empties it: what cannot be sent now is dropped, as UDP does.</summary>
    /// <param name="connected">A connected socket.</param>
    /// <param name="list">The datagrams, sent in order.</param>
    /// <param name="sent">Datagrams that the kernel took.</param>
    /// <param name="dropped">
    /// Datagrams that it did not: each too large for the path alone, or all that met a full buffer.
    /// </param>
    /// <returns>
    /// 0; -EAGAIN when the buffer was full; or the first other -errno but -EMSGSIZE, such as -ECONNREFUSED for an ICMP
    /// error that an earlier datagram met: the datagrams of this list were attempted none the less.
    /// </returns>
    public int Send(DatagramSocket connected, ref SegmentList list, out int sent, out int dropped)
    {
        var total = list.Count;
        sent = 0;
        var result = 0;
        try
        {
            if (total == 1)
                sent = SendOne(connected, list.First, ref result);
            else
            {
                for (var next = list.First; next != 0 && result != -Errno.EAGAIN;)
                {
                    var runs = Gather(connected, ref next);
                    sent += SendRuns(connected, runs, ref result);
                }
            }
        }
        finally
        {
            // Whatever becomes of it: a list that stays is sent again, or holds the pool's memory.
            Discard(ref list);
        }
        dropped = total - sent;
        GC.KeepAlive(connected);
        return result;
    }

    /// <summary>
    /// Sends one datagram as it is; 1 if that went well. The first error of its kind is kept in the result.
    /// </summary>
    private int SendOne(DatagramSocket socket, int segment, ref int result)
    {
        ref var data = ref _segments[segment - 1];
        var retried = false;
        while (true)
        {
            SyscallCount++;
            if (NativeMethods.send(socket.Fd, _arena.Pointer + data.Offset, (nuint)data.Length, MSG_DONTWAIT) >= 0)
                return 1;
            var errno = NativeMethods.LastErrno;
            if (errno == Errno.EINTR)
                continue;
            AddError(errno, ref result);
            if (retried || !IsPending(errno))
                return 0;
            retried = true;
        }
    }

    /// <summary>Sends messages that were gathered; the datagrams that went well.</summary>
    private int SendRuns(DatagramSocket socket, int runs, ref int result)
    {
        var sent = 0;
        var retried = false;
        for (var head = 0; head < runs;)
        {
            SyscallCount++;
            var left = (uint)(runs - head);
            var messages = NativeMethods.sendmmsg(socket.Fd, _headers.Pointer + head, left, MSG_DONTWAIT);
            if (messages > 0)
            {
                for (var end = head + messages; head < end; head++)
                    sent += _runs[head].Count;
                retried = false;
                continue;
            }
            var errno = NativeMethods.LastErrno;
            if (errno == Errno.EINTR)
                continue;
            if (_runs[head].Count > 1 && errno is Errno.EIO or Errno.EINVAL or Errno.EMSGSIZE)
            {
                GsoFallbacks++;
                socket.OnGsoRefused(errno);
                sent += SendSingly(socket, _runs[head], ref result);
                head++;
                continue;
            }
            AddError(errno, ref result);
            if (errno == Errno.EAGAIN)
                return sent;
            if (IsPending(errno) && !retried)
            {
                retried = true;
                continue;
            }
            retried = false;
            head++;
        }
        return sent;
    }

    private int SendSingly(DatagramSocket socket, SegmentRun run, ref int result)
    {
        var sent = 0;
        var segment = run.First;
        for (var i = 0; i < run.Count && result != -Errno.EAGAIN; i++, segment = _segments[segment - 1].Next)
            sent += SendOne(socket, segment, ref result);
        return sent;
    }

    /// <summary>
    /// May be an ICMP error that came before: it is reported in place of a send, which was not tried. EMSGSIZE is one
    /// when a router asked for smaller packets; where the datagram itself is too large the second attempt says so
    /// again.
    /// </summary>
    private static bool IsPending(int errno) => errno is Errno.ECONNREFUSED or Errno.EHOSTUNREACH or Errno.ENETUNREACH
        or Errno.EMSGSIZE or Errno.EPROTO or Errno.ENOPROTOOPT;

    /// <summary>
    /// A full buffer matters most, since it ends the attempt; a datagram too large is no error of the socket.
    /// </summary>
    private static void AddError(int errno, ref int result)
    {
        if (errno == Errno.EAGAIN || (result == 0 && errno != Errno.EMSGSIZE))
            result = -errno;
    }

    /// <summary>
    /// Makes messages of the next datagrams: runs of one size, whose last may be shorter, where GSO works.
    /// </summary>
    private int Gather(DatagramSocket socket, ref int next)
    {
        var vectors = 0;
        var runs = 0;
        while (next != 0 && runs < MaxMessages && vectors + SendBatch.MaxSegments <= MaxVectors)
        {
            var size = _segments[next - 1].Length;
            var limit = socket.GsoSupported && size > 0 ? SendBatch.MaxSegments : 1;
            var run = new SegmentRun { First = next };
            var firstVector = vectors;
            for (int bytes = 0, last = size; next != 0 && run.Count < limit && last == size; run.Count++)
            {
                ref var segment = ref _segments[next - 1];
                var fits = segment.Length > 0 && segment.Length <= size
                    && bytes + segment.Length <= SendBatch.MaxRunBytes;
                if (run.Count > 0 && !fits)
                    break;
                AddVector(firstVector, ref vectors, ref segment);
                bytes += last = segment.Length;
                next = segment.Next;
            }
            _runs[runs] = run;
            PrepareHeader(runs++, firstVector, vectors - firstVector, run.Count > 1 ? size : 0);
        }
        return runs;
    }

    /// <summary>Datagrams that lie one behind the other share a vector.</summary>
    private void AddVector(int firstVector, ref int vectors, ref Segment segment)
    {
        var start = _arena.Pointer + segment.Offset;
        var last = _vectors.Pointer + vectors - 1;
        if (vectors > firstVector && (byte*)last->iov_base + last->iov_len == start)
            last->iov_len += (nuint)segment.Length;
        else
            _vectors.Pointer[vectors++] = new iovec { iov_base = start, iov_len = (nuint)segment.Length };
    }

    private void PrepareHeader(int message, int firstVector, int vectors, int segmentSize)
    {
        ref var header = ref _headers.Pointer[message].msg_hdr;
        header.msg_iov = _vectors.Pointer + firstVector;
        header.msg_iovlen = (nuint)vectors;
        header.msg_control = null;
        header.msg_controllen = 0;
        if (segmentSize == 0)
            return;
        var memory = _control.Pointer + (message * ControlLength);
        var control = new ControlWriter(memory);
        control.Add(SOL_UDP, UDP_SEGMENT, (ushort)segmentSize);
        header.msg_control = memory;
        header.msg_controllen = (nuint)control.Length;
    }
}
