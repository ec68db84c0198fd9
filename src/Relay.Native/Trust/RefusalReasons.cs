namespace Relay.Native.Trust;

/// <summary>Why clients were not let in, for the log: each reason once a minute, and so many at most. Thread-safe.</summary>
public sealed class RefusalReasons
{
    /// <summary>Most of a minute: who is refused may be anybody, and as often as he likes.</summary>
    public const int Max = 8;

    private static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<string> _new = [];
    private TimeSpan _begin;

    /// <summary>Those since the last time.</summary>
    /// <param name="now">A clock that is never set.</param>
    public IReadOnlyList<string> Take(TimeSpan now)
    {
        lock (_gate)
        {
            var taken = _new.ToArray();
            if (now - _begin >= Span)
            {
                _begin = now;
                _known.Clear();
                _known.UnionWith(taken);
            }
            _new.Clear();
            return taken;
        }
    }

    /// <summary>A client is refused.</summary>
    internal void Note(string reason)
    {
        lock (_gate)
        {
            if (_known.Count < Max && _known.Add(reason))
                _new.Add(reason);
        }
    }
}
