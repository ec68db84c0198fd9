using Relay.Native.Linux;

namespace Relay.Native.Quic;

/// <content>
/// A lone datagram need not be acknowledged at once, since what its target answers carries the acknowledgement, and an
/// acknowledgement asks for nothing. Packets that only acknowledge are half of what a relay sends to clients that have little
/// to say.
/// </content>
public abstract unsafe partial class QuicConnection
{
    /// <summary>
    /// Nanoseconds that a packet waits for its acknowledgement at most. RFC 9000 §13.2.1: "an endpoint … MUST acknowledge
    /// … within its advertised max_ack_delay", which is 25 ms; the rest is for the loop's turns.
    /// </summary>
    public const ulong Patience = 10_000_000;

    /// <summary>RFC 9000 §13.2.2: "SHOULD send an ACK frame after receiving at least two ack-eliciting packets".</summary>
    private const int PacketsPerAcknowledgement = 2;

    /// <summary>RFC 3168 §5, CE: to be acknowledged at once (RFC 9000 §13.2.1).</summary>
    private const byte CongestionExperienced = 3;

    /// <summary>Bytes of a packet in which acknowledgements go by themselves; little else is so short.</summary>
    private const int ShortPacket = 64;

    private SocketEndpoint _source;
    private ulong _waitsSince;
    private int _packetsUnacknowledged;
    private bool _hasMoreToSay = true;
    private bool _isShort;
    private bool _hasDatagram;

    /// <summary>
    /// Whether what was read asks for no turn of writing before <see cref="Patience"/> is over: one packet with datagrams,
    /// and some that are as short as acknowledgements, of a connection that had said all it had to say and has no bytes of
    /// streams under way. Loss of what else is under way is noticed as much later.
    /// </summary>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    /// <param name="until">When it does ask for one.</param>
    public bool CanWait(ulong now, out ulong until)
    {
        until = _waitsSince + Patience;
        return (_isShort || _hasDatagram) && !_hasMoreToSay && _unacknowledged == 0
            && _packetsUnacknowledged < PacketsPerAcknowledgement && State == QuicState.Open && now < until;
    }

    private void RecordPacket(in SocketEndpoint source, byte ecn, int length, ulong now)
    {
        _isShort = length < ShortPacket;
        _hasDatagram = false;
        if (_waitsSince == 0)
            _waitsSince = now;
        if (!_isShort)
            CountPacket(now);
        // A new path is to be validated; bytes in flight may be lost, or allow for more, by what the packet acknowledges.
        // RFC 9000 §8.2.2: "An endpoint MUST NOT delay transmission of a packet containing a PATH_RESPONSE frame". Its
        // question is in 1200 bytes or more (§8.2.1).
        if (ecn == CongestionExperienced || _unacknowledged > 0 || source != _source || length >= MinimumPayload)
            _hasMoreToSay = true;
        _source = source;
    }

    private void RecordDatagram()
    {
        if (_isShort && !_hasDatagram)
            CountPacket(_readAt);
        _hasDatagram = true;
    }

    private void CountPacket(ulong now)
    {
        if (++_packetsUnacknowledged == 1)
            _waitsSince = now;
    }

    private void RecordTurn(QuicWriteResult result, ulong now)
    {
        // What was to be answered at once is not waited with when the engine asks for another turn.
        if (_hasMoreToSay || _packetsUnacknowledged >= PacketsPerAcknowledgement)
            _isShort = _hasDatagram = false;
        // The engine gives an acknowledgement to what it writes once an eighth of the round trip is over.
        if (_waitsSince != 0 && now >= _waitsSince + (Statistics.SmoothedRtt / 8))
            (_waitsSince, _packetsUnacknowledged) = (0, 0);
        _hasMoreToSay = result != QuicWriteResult.Done || _datagramWaits;
    }
}
