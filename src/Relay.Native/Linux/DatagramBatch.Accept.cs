using static Relay.Native.Linux.InternetConstants;
using static Relay.Native.Linux.SocketConstants;
using static Relay.Native.Linux.UdpConstants;

namespace Relay.Native.Linux;

public sealed unsafe partial class DatagramBatch
{
    /// <summary>The vector that recvmmsg fills.</summary>
    internal mmsghdr* Headers => _headers.Pointer;

    /// <summary>
    /// Takes over what recvmmsg wrote, and prepares the same headers for the next call while they are cached.
    /// </summary>
    internal void Accept(int messages, in SocketEndpoint local, bool drained)
    {
        Drained = drained;
        _messages = messages;
        var headers = _headers.Pointer;
        for (var i = 0; i < messages; i++)
        {
            ref var header = ref headers[i].msg_hdr;
            SocketEndpoint.Complete(ref _remotes.Pointer[i], header.msg_namelen);
            _locals[i] = local;
            _ecn[i] = 0;
            var segmentSize = header.msg_controllen == 0 ? 0 : ReadControl(i, in header, in local);
            Split(i, (int)headers[i].msg_len, segmentSize, (header.msg_flags & MSG_TRUNC) != 0);
            header.msg_namelen = SocketEndpoint.MaxLength;
            header.msg_controllen = ControlLength;
        }
    }

    /// <summary>Reads what came beside the payload and returns the segment size of a merged run, or 0.</summary>
    private int ReadControl(int message, in msghdr header, in SocketEndpoint local)
    {
        var segmentSize = 0;
        var control = new ControlReader((byte*)header.msg_control, header.msg_controllen);
        while (control.MoveNext())
        {
            switch (control.Level, control.Type)
            {
                case (SOL_UDP, UDP_GRO):
                    segmentSize = control.Read<int>();
                    break;
                case (IPPROTO_IP, IP_TOS):
                    _ecn[message] = (byte)(control.Read<byte>() & 3); // RFC 3168 §5: the two low bits of the TOS octet
                    break;
                case (IPPROTO_IPV6, IPV6_TCLASS):
                    _ecn[message] = (byte)(control.Read<int>() & 3);
                    break;
                case (IPPROTO_IP, IP_PKTINFO):
                    _locals[message] = local.WithAddress(control.Read<in_pktinfo>().ipi_addr);
                    break;
                case (IPPROTO_IPV6, IPV6_PKTINFO):
                    var info = control.Read<in6_pktinfo>();
                    _locals[message] = local.WithAddress(in info.ipi6_addr, info.ipi6_ifindex);
                    break;
            }
        }
        return segmentSize;
    }

    /// <summary>Every segment of a merged run has the run's segment size, but the last may be shorter.</summary>
    private void Split(int message, int length, int segmentSize, bool truncated)
    {
        var offset = message * _messageSize;
        if (truncated)
            TruncatedCount++;
        if (segmentSize <= 0 || segmentSize >= length)
        {
            if (!truncated)
                Append(offset, length, message);
            return;
        }
        for (; length >= segmentSize; offset += segmentSize, length -= segmentSize)
            Append(offset, segmentSize, message);
        if (length > 0 && !truncated)
            Append(offset, length, message);
    }

    private void InitializeHeader(int message)
    {
        var vector = _vectors.Pointer + message;
        vector->iov_base = _memory.Pointer + (message * _messageSize);
        vector->iov_len = (nuint)_messageSize;
        _headers.Pointer[message].msg_hdr = new msghdr
        {
            msg_name = _remotes.Pointer + message,
            msg_namelen = SocketEndpoint.MaxLength,
            msg_iov = vector,
            msg_iovlen = 1,
            msg_control = _control.Pointer + (message * ControlLength),
            msg_controllen = ControlLength,
        };
    }
}
