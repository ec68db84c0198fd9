namespace Relay.Node.Io;

/// <summary>
/// How much of a loop's turn work of one kind may take, which costs more than any packet: a few pieces of it in any case, and more
/// until a millisecond, or a quarter of the turn, is used up. So what has to be done is done however long turns are, and nobody waits
/// for all of it.
/// </summary>
/// <param name="loop">Clock.</param>
internal sealed class TurnShare(ILoop loop)
{
    /// <summary>Pieces in any case.</summary>
    internal const int Least = 4;

    /// <summary>Nanoseconds for more.</summary>
    internal const ulong Most = 1_000_000;

    private ulong _turn;
    private ulong _since;
    private ulong _taken;
    private int _done;
    private bool _isUsedUp;

    /// <summary>Begins a piece of work, where the turn has room for it.</summary>
    internal bool TryBegin()
    {
        // A turn is known by its time.
        if (_turn != loop.Now)
            BeginTurn();
        if (_isUsedUp)
            return false;
        var clock = loop.Clock;
        _isUsedUp = _done >= Least && _taken >= Math.Max(Most, (clock - _turn) / 4);
        if (_isUsedUp)
            return false;
        _done++;
        _since = clock;
        return true;
    }

    /// <summary>The piece of work is done.</summary>
    internal void End() => _taken += loop.Clock - _since;

    /// <summary>As much again, for work that has waited until others had their turn.</summary>
    internal void BeginTurn() => (_turn, _taken, _done, _isUsedUp) = (loop.Now, 0, 0, false);
}
