namespace Relay.Node.Io;

/// <summary>
/// How much of a loop's turn work of one kind may take, which costs more than any packet: a piece of it in any case, and more until a
/// quarter of a millisecond, or of the turn, is used up. So what has to be done is done however long turns are, and nobody waits for all of
/// it.
/// </summary>
/// <param name="loop">Clock.</param>
internal sealed class TurnShare(ILoop loop)
{
    /// <summary>Nanoseconds for it.</summary>
    internal const ulong Most = 250_000;

    private ulong _turn;
    private ulong _since;
    private ulong _taken;
    private bool _isUsedUp;

    /// <summary>Whether the turn has no room for more.</summary>
    internal bool IsUsedUp => _isUsedUp && _turn == loop.Now;

    /// <summary>Begins a piece of work, where the turn has room for it.</summary>
    internal bool TryBegin()
    {
        if (IsUsedUp)
            return false;
        Begin();
        return true;
    }

    /// <summary>A piece of work has begun, for which it is too late to ask.</summary>
    internal void Begin()
    {
        // A turn is known by its time.
        if (_turn != loop.Now)
            BeginTurn();
        _since = loop.Clock;
    }

    /// <summary>The piece of work is done, or a part of it.</summary>
    /// <returns>How long it took, in nanoseconds.</returns>
    internal ulong End()
    {
        var clock = loop.Clock;
        var took = clock - _since;
        (_since, _taken) = (clock, _taken + took);
        _isUsedUp = _taken >= Math.Max(Most, (clock - _turn) / 4);
        return took;
    }

    /// <summary>As much again, for work that has waited until others had their turn.</summary>
    internal void BeginTurn() => (_turn, _taken, _isUsedUp) = (loop.Now, 0, false);
}
