namespace Relay.Node.Http;

/// <summary>
/// What a client may do that costs it nothing: so much at once, and then as time goes by, or as it earns more by what
/// tunnels carry (RFC 9113 §10.5: "use of these features" ought to be monitored and limited).
/// </summary>
/// <param name="most">At once.</param>
/// <param name="perSecond">As time goes by.</param>
internal struct FrameBudget(long most, long perSecond)
{
    /// <summary>Seconds of it that may be used up at once.</summary>
    private const int Burst = 10;

    /// <summary>
    /// Resets that one of a request by its client counts for which is not answered: its way to a target was begun, and given up.
    /// </summary>
    internal const int UnansweredReset = 8;

    private readonly long _most = most;
    private readonly ulong _step = 1_000_000_000 / (ulong)perSecond;
    private long _left = most;
    private ulong _filledAt;

    /// <summary>That of a connection: whoever may have many streams may say something on each, or end them all at once.</summary>
    /// <param name="perSecond">As time goes by.</param>
    /// <param name="streams">Requests that the client may have open.</param>
    internal static FrameBudget Of(int perSecond, long streams) => new((Burst * perSecond) + streams, perSecond);

    /// <summary>Takes from it.</summary>
    /// <returns>False when there is not so much left.</returns>
    internal bool TryTake(long amount, ulong now)
    {
        if (amount == 0)
            return true;
        if (_filledAt == 0)
            _filledAt = now;
        // By whole units: the rest of the time counts the next time.
        var units = (now - _filledAt) / _step;
        _filledAt += units * _step;
        Earn((long)Math.Min(units, (ulong)_most));
        _left -= amount;
        return _left >= 0;
    }

    /// <summary>Gives to it.</summary>
    internal void Earn(long amount) => _left = Math.Min(_left + amount, _most);
}
