using Relay.Native.Linux;

namespace Relay.Native.Quic;

/// <content>
/// A lone datagram need not be acknowledged at once: what its target answers carries the acknowledgement. Packets that do
/// nothing else are half of what a relay sends to clients that have little to say.
/// </content>
public abstract unsafe partial class QuicConnection
{
    /// <summary>
    /// Nanoseconds that a packet waits for its acknowledgement at most. RFC 9000 §13.2.1: "an endpoint … MUST acknowledge
    /// … within its advertised max_ack_delay", which is 25 ms; the rest is for the loop's turns.
    /// </summary>
    public const ulong Patience = 10_000_000;

    /// <summary>RFC 9000 §13.2.2: "SHOULD send an ACK frame after receiving at least two ack-eliciting packets".</summary>
    private const int PacketsUnacknowledged = 2;

    /// <summary>RFC 3168 §5, CE: to be acknowledged at once (RFC 9000 §13.2.1).</summary>
    private const byte CongestionExperienced = 3;

    private SocketEndpoint _source;
    private int _packetsSinceTurn;
    private bool _hasMoreToSay = true;
    private bool _hasDatagram;

    /// <summary>
    /// Whether what was read since the last turn of writing asks for none before <see cref="Patience"/> is over: one packet
    /// with datagrams, of a connection that had said all it had to say.
    /// </summary>
    public bool CanWait =>
        _hasDatagram && !_hasMoreToSay && _packetsSinceTurn < PacketsUnacknowledged && State == QuicState.Open;

    /// <summary>Where the last packet that was read came from.</summary>
    protected SocketEndpoint ReadFrom => _source;

    private void RecordPacket(in SocketEndpoint source, byte ecn, int length)
    {
        _packetsSinceTurn++;
        _hasDatagram = false;
        // A new path is to be validated; bytes in flight may be lost, or allow for more, by what the packet acknowledges.
        // RFC 9000 §8.2.2: "An endpoint MUST NOT delay transmission of a packet containing a PATH_RESPONSE frame". Its
        // question is in 1200 bytes or more (§8.2.1).
        if (ecn == CongestionExperienced || _unacknowledged > 0 || source != _source || length >= MinimumPayload)
            _hasMoreToSay = true;
        _source = source;
    }

    private void RecordTurn(QuicWriteResult result)
    {
        _packetsSinceTurn = 0;
        _hasMoreToSay = result != QuicWriteResult.Done || _datagramWaits;
    }
}
