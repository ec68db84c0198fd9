namespace Relay.Node.Tunnels;

/// <summary>
/// What a client may send to a UDP target that has not answered yet: enough for the first flight of any protocol, too
/// little to flood somebody who never asked. A trickle always passes: WireGuard, for one, calls every five seconds
/// until its peer is there, however long that takes.
/// </summary>
internal struct UnansweredBudget
{
    /// <summary>Datagrams that pass at any speed: a QUIC client's 0-RTT flight has some thirty.</summary>
    internal const int MaxDatagrams = 128;

    /// <summary>Bytes that pass at any speed.</summary>
    internal const int MaxBytes = 128 * 1024;

    /// <summary>Once those are used up, one datagram passes in this many nanoseconds.</summary>
    internal const ulong TrickleInterval = 1_000_000_000;

    private int _datagrams;
    private int _bytes;
    private ulong _next;

    /// <summary>Takes a datagram's part of the budget, or says that there is none left.</summary>
    internal bool TryTake(int length, ulong now)
    {
        if (_datagrams < MaxDatagrams && _bytes + length <= MaxBytes)
        {
            _datagrams++;
            _bytes += length;
            _next = now + TrickleInterval;
            return true;
        }
        if (now < _next)
            return false;
        _next = now + TrickleInterval;
        return true;
    }
}
