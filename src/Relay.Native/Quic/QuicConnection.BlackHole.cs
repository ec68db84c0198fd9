using static Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Quic;

/// <content>
/// A path that carries less than it did and does not say so (RFC 8899 §4.3, black hole detection): stream bytes are in
/// flight, and none of them arrive. The library would repeat packets of the same size for ever.
/// </content>
public abstract unsafe partial class QuicConnection
{
    /// <summary>The least time without progress that is worth a thought, in nanoseconds.</summary>
    private const ulong ShortestStall = 2_000_000_000;

    /// <summary>
    /// Probe timeouts without progress: with their back-off, the third probe is lost by then as well.
    /// </summary>
    private const int StallProbeTimeouts = 6;

    /// <summary>
    /// How long packets stay small at first once they arrive, in nanoseconds. An outage looks no different, and after
    /// one there is no reason to stay small; a path that has shrunk shows by the next stall, and this doubles.
    /// </summary>
    private const ulong FirstReduction = 2_000_000_000;

    /// <summary>RFC 8899 §5.1.1: "PMTU_RAISE_TIMER … 600 seconds".</summary>
    private const ulong LongestReduction = 600_000_000_000;

    /// <summary>A stall whose last progress is no later than this after packets grew is the same one again.</summary>
    private const ulong RelapseTime = 10_000_000_000;

    private long _unacknowledged;

    /// <summary>Bytes of streams are on their way: what acknowledges them comes, or their loss is found.</summary>
    private protected bool HasUnacknowledged => _unacknowledged > 0;
    private ulong _progressAt;
    private ulong _readAt;
    private ulong _reducedUntil;
    private ulong _reduction;
    private ulong _raisedAt;
    private int _reducedMaximum;

    /// <summary>Whether packets are kept to what every path carries.</summary>
    public bool IsReduced { get; private set; }

    private protected void RecordSent(long bytes, ulong now)
    {
        if (_unacknowledged == 0)
            _progressAt = now;
        _unacknowledged += bytes;
    }

    private protected void RecordAcknowledged(long bytes)
    {
        _unacknowledged -= bytes;
        _progressAt = _readAt;
        if (IsReduced && _reducedUntil == 0)
            _reducedUntil = _readAt + _reduction;
    }

    /// <summary>Bytes that nobody waits for any more.</summary>
    private protected void RecordForgotten(long bytes) => _unacknowledged -= bytes;

    /// <summary>The buffer of a packet, in bytes.</summary>
    private int PacketSize(ulong now)
    {
        if (!IsReduced)
        {
            if (_unacknowledged > 0 && now >= _progressAt + ShortestStall && IsBlackHole(now))
                Reduce();
        }
        else if (LibraryMaximum < _reducedMaximum || (_reducedUntil > 0 && now >= _reducedUntil))
        {
            // Another path, which discovery looks at from the beginning; or time to try again.
            IsReduced = false;
            _raisedAt = _progressAt = now;
        }
        return IsReduced ? MinimumPayload : _parameters.MaxUdpPayload;
    }

    private void Reduce()
    {
        IsReduced = true;
        _reducedUntil = 0;
        _reducedMaximum = LibraryMaximum;
        _reduction = _raisedAt > 0 && _progressAt < _raisedAt + RelapseTime
            ? Math.Min(2 * _reduction, LongestReduction) : FirstReduction;
    }

    private bool IsBlackHole(ulong now) =>
        LibraryMaximum > MinimumPayload && now >= _progressAt + (StallProbeTimeouts * ProbeTimeout)
        && Statistics.BytesInFlight > 0;

    private int LibraryMaximum => (int)ngtcp2_conn_get_path_max_tx_udp_payload_size(Native);
}
