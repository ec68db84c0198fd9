namespace Relay.Admin.Diagnostics;

/// <summary>
/// Lets the first of a kind from a source through in each interval, and counts the others: what a stranger can do as often as he
/// likes must not cost a log line each time.
/// </summary>
/// <param name="clock">The monotonic clock.</param>
internal sealed class FirstOfKind(TimeProvider clock)
{
    /// <summary>Between two of a kind from a source.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Kinds and sources that are told apart; those beyond share one place.</summary>
    public const int MaxPlaces = 1024;

    private static readonly (string Kind, string Source) Beyond = ("", "");

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Kind, string Source), (long At, long Held)> _places = [];
    private long _forgotAt = clock.GetTimestamp();

    /// <summary>Whether this one is let through.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="held">How many were not, since the last one that was.</param>
    public bool TryPass(string kind, string source, out long held)
    {
        var (now, place) = (clock.GetTimestamp(), (kind, source));
        lock (_gate)
        {
            if (_places.Count >= MaxPlaces && !_places.ContainsKey(place) && !Forget(now))
                place = Beyond;
            var isKnown = _places.TryGetValue(place, out var last);
            held = last.Held;
            var passes = !isKnown || clock.GetElapsedTime(last.At, now) >= Interval;
            _places[place] = passes ? (now, 0) : (last.At, held + 1);
            return passes;
        }
    }

    /// <summary>What a line says at its end of those that have none.</summary>
    /// <param name="held">How many they are.</param>
    public static string More(long held) => held == 0 ? "" : $"; {held} more like it since the last such line";

    // A walk over all of them: not for each.
    private bool Forget(long now)
    {
        if (clock.GetElapsedTime(_forgotAt, now) < Interval)
            return false;
        _forgotAt = now;
        foreach (var (place, last) in _places)
        {
            if (clock.GetElapsedTime(last.At, now) >= Interval)
                _places.Remove(place);
        }
        return _places.Count < MaxPlaces;
    }
}
