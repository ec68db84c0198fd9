using Relay.Fleet.Contract;
using Relay.Grains.Contracts;

namespace Relay.Grains.Nodes;

/// <summary>What one node is ordered. Asked for when it may have changed; between, its times run down here.</summary>
internal sealed class OrderCache(string node, IGrainFactory grains, GrainClock clock)
{
    // An order that its node missed to be told of is found so late at the latest.
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(10);

    private long _askedAt;
    private long _changes = 1;
    private long _settled;
    private DrainOrder? _order;

    /// <summary>The operation that the node takes part in.</summary>
    internal string? Drain { get; private set; }

    /// <summary>
    /// Whether it was ever told: before that nothing can be said, not even that the node shall serve.
    /// </summary>
    internal bool IsKnown { get; private set; }

    /// <summary>The order may have changed.</summary>
    internal void Invalidate() => _changes++;

    /// <summary>Whether it has to be asked for.</summary>
    internal bool IsDue =>
        _settled != _changes || (Drain is not null && clock.Time.GetElapsedTime(_askedAt) >= Refresh);

    /// <summary>Asks what a process of the node is ordered.</summary>
    /// <param name="incarnation">The process.</param>
    /// <param name="standing">Where the node stands, if that has just been told; null to ask for it.</param>
    internal async Task AskAsync(Guid incarnation, NodeStanding? standing)
    {
        var (changes, askedAt) = (_changes, clock.Time.GetTimestamp());
        standing ??= await grains.GetGrain<IFleetGrain>(GrainKeys.Single).GetStandingAsync(node);
        var order = standing.Drain is null
            ? null
            : (await grains.GetGrain<IDrainGrain>(standing.Drain)
                .GetOrderAsync(new OrderQuestion(node, incarnation))).Order;
        (Drain, _order, _askedAt, _settled, IsKnown) = (standing.Drain, order, askedAt, changes, true);
    }

    /// <summary>The order as it is now; null to serve.</summary>
    internal DrainOrder? Read() => _order?.After(clock.Time.GetElapsedTime(_askedAt));
}
