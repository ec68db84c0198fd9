using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Ngtcp2;
using static Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Quic;

/// <content>What ngtcp2 knows of the path.</content>
public abstract unsafe partial class QuicConnection
{
    /// <summary>The first ngtcp2 that counts packets (version 2 of ngtcp2_conn_info).</summary>
    private const int FirstThatCounts = 0x011000;

    private long _datagramsLost;

    /// <summary>
    /// Whether ngtcp2 counts lost packets itself. One that does not still tells of those that carried a datagram.
    /// </summary>
    internal static bool CountsPackets { get; } = ngtcp2_version(0)->version_num >= FirstThatCounts;

    /// <summary>Round-trip time, congestion window, what is in flight, and what was lost.</summary>
    public QuicStatistics Statistics
    {
        get
        {
            ConnectionInfo info = default;
            ngtcp2_conn_get_conn_info_versioned(
                Native, CountsPackets ? 2 : Ngtcp2Constants.NGTCP2_CONN_INFO_V1, &info.First);
            return new QuicStatistics(
                info.First.smoothed_rtt, info.First.min_rtt, info.First.cwnd, info.First.bytes_in_flight,
                CountsPackets ? info.PacketsLost : _datagramsLost);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int LostDatagram(nint conn, ulong id, nint userData)
    {
        From(userData)._datagramsLost++;
        return 0;
    }

    /// <summary>
    /// Version 2 of ngtcp2_conn_info, which the headers of the first libraries do not have: after version 1, the
    /// packets and bytes sent and received, then those lost; at the end, PING frames received and packets discarded.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ConnectionInfo
    {
        internal ngtcp2_conn_info First;
        internal ulong PacketsSent;
        internal ulong BytesSent;
        internal ulong PacketsReceived;
        internal ulong BytesReceived;
        internal long PacketsLost;
        internal ulong BytesLost;
        internal ulong PingsReceived;
        internal ulong PacketsDiscarded;
    }
}

/// <summary>What a connection knows of its path.</summary>
/// <param name="SmoothedRtt">In nanoseconds.</param>
/// <param name="MinRtt">In nanoseconds.</param>
/// <param name="CongestionWindow">In bytes.</param>
/// <param name="BytesInFlight">In bytes.</param>
/// <param name="PacketsLost">
/// Packets declared lost (RFC 9002 §6), path MTU probes aside; with an ngtcp2 before 1.16 only those that carried a
/// datagram.
/// </param>
public readonly record struct QuicStatistics(
    ulong SmoothedRtt, ulong MinRtt, ulong CongestionWindow, ulong BytesInFlight, long PacketsLost);
