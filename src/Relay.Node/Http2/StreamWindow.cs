namespace Relay.Node.Http2;

/// <summary>
/// The receive window of an open tunnel's stream. It grows until it holds what the target takes in half a second, which
/// is longer than any round trip that bulk is worth: window that nobody uses up is not given.
/// </summary>
internal struct StreamWindow
{
    private const int Most = 4 * 1024 * 1024;
    private const ulong Measure = 500_000_000;

    private int _initial;
    private long _taken;
    private ulong _since;

    /// <summary>Its size, in bytes; 0 before there is a tunnel.</summary>
    internal int Size { get; private set; }

    /// <summary>What it has grown by, in bytes.</summary>
    internal readonly int Growth => Size - _initial;

    /// <summary>There is a tunnel.</summary>
    internal void Open(int size, ulong now) => (_initial, Size, _since, _taken) = (size, size, now, 0);

    /// <summary>The target took bytes.</summary>
    /// <returns>How much larger it ought to be; mostly 0.</returns>
    internal int WantsMore(long length, ulong now)
    {
        _taken += length;
        if (_taken < Size || Size == 0)
            return 0;
        var isFast = now - _since < Measure;
        (_taken, _since) = (0, now);
        return isFast ? Math.Min(Size, Most - Size) : 0;
    }

    /// <summary>Makes it larger.</summary>
    /// <returns>Whether it is.</returns>
    internal bool Grow(int by)
    {
        Size += by;
        return by > 0;
    }
}
