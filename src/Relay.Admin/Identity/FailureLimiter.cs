using System.Threading.RateLimiting;

namespace Relay.Admin.Identity;

/// <summary>
/// Bounds wrong tokens by source: ten at once, then one each five seconds. A right token always passes.
/// </summary>
internal sealed class FailureLimiter : IDisposable
{
    /// <summary>After how many seconds a source may show another wrong token.</summary>
    public const int IntervalSeconds = 5;

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(
        static source => RateLimitPartition.GetTokenBucketLimiter(source, static _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 10,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(IntervalSeconds),
        }), StringComparer.Ordinal);

    /// <summary>Takes one attempt off a source's account.</summary>
    /// <returns>False when it has none left.</returns>
    public bool TryTake(string source)
    {
        using var lease = _limiter.AttemptAcquire(source);
        return lease.IsAcquired;
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();
}
