namespace Relay.Node.Targets;

/// <summary>What a <see cref="TargetResolver"/> may use in each of the two families.</summary>
internal sealed record TargetResolverLimits
{
    public static TargetResolverLimits Default { get; } = new();

    /// <summary>Names in the cache, at least 1. Beyond it the oldest go.</summary>
    public int CacheEntries { get; init; } = 4096;

    /// <summary>Lookups under way, at least 1, hung ones included; each occupies a thread. Beyond it the answer is
    /// <see cref="ResolveStatus.Overloaded"/>.</summary>
    public int LookupsInFlight { get; init; } = 128;

    /// <summary>Lookups that a source may always have under way, though others have taken most; an eighth where none is set.</summary>
    public int SourceShare { get => field > 0 ? field : Math.Max(1, LookupsInFlight / 8); init; }

    /// <summary>Lookups under way beyond which a source has no more than its share: the rest is kept for others.</summary>
    public int FreeForAll => LookupsInFlight - SourceShare;

    /// <summary>How long addresses are kept. The system's resolver does not tell their time to live.</summary>
    public TimeSpan PositiveLifetime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a failure is kept. RFC 9520 §3.2 wants 1 s at least.</summary>
    public TimeSpan NegativeLifetime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a caller waits.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
