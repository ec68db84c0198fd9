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
    private string? _by;

    /// <summary>The operation that the node takes part in.</summary>
    internal string? Drain { get; private set; }

    /// <summary>
    /// Whether it was ever told: before that nothing can be said, not even that the node shall serve.
    /// </summary>
    internal bool IsKnown { get; private set; }

    /// <summary>The order may have changed.</summary>
    /// <param name="by">The operation that says so; null where it is not known.</param>
    internal void Invalidate(string? by = null)
    {
        _changes++;
        _by = by;
    }

    /// <summary>Whether it has to be asked for.</summary>
    internal bool IsDue =>
        _settled != _changes || (Drain is not null && clock.Time.GetElapsedTime(_askedAt) >= Refresh);

    /// <summary>Asks what a process of the node is ordered.</summary>
    /// <param name="incarnation">The process.</param>
    /// <param name="standing">Where the node stands, if that has just been told; null to ask for it.</param>
    internal async Task AskAsync(Guid incarnation, NodeStanding? standing)
    {
        var (changes, askedAt, drain, order) = (_changes, clock.Time.GetTimestamp(), _by, (DrainOrder?)null);
        // A node is in one operation: in one that orders it something. Where that orders nothing any more, it may be in another.
        if (drain is not null)
            order = await OrderOfAsync(drain, incarnation);
        if (order is null)
        {
            standing ??= await grains.GetGrain<IFleetGrain>(GrainKeys.Single).GetStandingAsync(node);
            drain = standing.Drain;
            order = drain is null ? null : await OrderOfAsync(drain, incarnation);
        }
        // One that was asked later has an answer.
        if (changes < _settled)
            return;
        (Drain, _order, _askedAt, _settled, IsKnown) = (drain, order, askedAt, changes, true);
    }

    /// <summary>The order as it is now; null to serve.</summary>
    internal DrainOrder? Read() => _order?.After(clock.Time.GetElapsedTime(_askedAt));

    private async Task<DrainOrder?> OrderOfAsync(string drain, Guid incarnation) =>
        (await grains.GetGrain<IDrainGrain>(drain).GetOrderAsync(new OrderQuestion(node, incarnation))).Order;
}
