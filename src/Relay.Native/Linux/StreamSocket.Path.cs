using static Relay.Native.Linux.InternetConstants;
using static Relay.Native.Linux.TcpConstants;

namespace Relay.Native.Linux;

/// <content>What the kernel knows of the way to the other side.</content>
public sealed unsafe partial class StreamSocket
{
    /// <summary>Whether the other side has acknowledged all that was sent (tcp(7), SIOCOUTQ).</summary>
    public bool IsAcknowledged
    {
        get
        {
            int waiting;
            return NativeMethods.ioctl(_fd, NativeMethods.TIOCOUTQ, &waiting) == 0 && waiting == 0;
        }
    }

    /// <summary>The state of the path (tcp(7), TCP_INFO); all zero once the socket has failed.</summary>
    public TcpPath GetPath()
    {
        tcp_info info = default;
        var length = (uint)sizeof(tcp_info);
        if (NativeMethods.getsockopt(_fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
            return default;
        return new TcpPath(
            1000UL * info.tcpi_rtt, 1000UL * info.tcpi_rttvar, (ulong)info.tcpi_snd_cwnd * info.tcpi_snd_mss,
            info.tcpi_total_retrans, 1_000_000UL * Math.Min(info.tcpi_last_ack_recv, info.tcpi_last_data_recv));
    }
}

/// <summary>The state of a TCP connection's path.</summary>
/// <param name="SmoothedRtt">Round-trip time, in nanoseconds.</param>
/// <param name="RttVariation">How much it varies, in nanoseconds.</param>
/// <param name="CongestionWindow">In bytes.</param>
/// <param name="Retransmissions">Segments that were sent again, since the beginning.</param>
/// <param name="Silence">Nanoseconds since anything came from the other side, be it an acknowledgement.</param>
public readonly record struct TcpPath(
    ulong SmoothedRtt, ulong RttVariation, ulong CongestionWindow, uint Retransmissions, ulong Silence);
