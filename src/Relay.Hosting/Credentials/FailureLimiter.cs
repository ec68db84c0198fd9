namespace Relay.Hosting.Credentials;

/// <summary>How many wrong credentials a source may show.</summary>
public static class FailureLimiter
{
    /// <summary>Wrong credentials that a source may show at once.</summary>
    public const int Burst = 10;

    /// <summary>After how long it may show another.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
}

/// <summary>
/// Bounds wrong credentials by source: ten at once, then one each five seconds. Each source costs one number; sources
/// that are in good standing again are forgotten.
/// </summary>
/// <param name="clock">The monotonic clock.</param>
/// <param name="overflow">
/// No source: what does not fit the table shares its place, so that many sources cannot make each other's attempts
/// unbounded.
/// </param>
public sealed class FailureLimiter<TSource>(TimeProvider clock, TSource overflow)
    where TSource : notnull
{
    private const int MaxSources = 65_536;

    private readonly Lock _gate = new();
    private readonly Dictionary<TSource, long> _paidUntil = [];
    private readonly long _cost = (long)(FailureLimiter.Interval.TotalSeconds * clock.TimestampFrequency);
    private long _forgetAfter;

    /// <summary>Takes one attempt off a source's account.</summary>
    /// <returns>False when it has none left.</returns>
    public bool TryTake(TSource source)
    {
        var now = clock.GetTimestamp();
        lock (_gate)
        {
            if (!_paidUntil.ContainsKey(source) && _paidUntil.Count >= MaxSources && !Forget(now))
                source = overflow;
            var from = Math.Max(now, _paidUntil.GetValueOrDefault(source, now));
            if (from - now > _cost * (FailureLimiter.Burst - 1))
                return false;
            _paidUntil[source] = from + _cost;
            return true;
        }
    }

    /// <summary>The attempt was a good one.</summary>
    public void GiveBack(TSource source)
    {
        lock (_gate)
        {
            if (_paidUntil.TryGetValue(source, out var until))
                _paidUntil[source] = until - _cost;
        }
    }

    // A walk over the whole table: not for each attempt.
    private bool Forget(long now)
    {
        if (now < _forgetAfter)
            return false;
        _forgetAfter = now + _cost;
        foreach (var (source, until) in _paidUntil)
        {
            if (until <= now)
                _paidUntil.Remove(source);
        }
        return _paidUntil.Count < MaxSources;
    }
}
