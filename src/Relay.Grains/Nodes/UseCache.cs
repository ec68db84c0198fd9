using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Fleet.Usage;
using Relay.Grains.Contracts;

namespace Relay.Grains.Nodes;

/// <summary>
/// What users have used at one node, on its way to who counts that; and who of them has used up the month. A batch is acknowledged once
/// all of it is counted: what was not is told again, and no part of it counts twice.
/// </summary>
internal sealed class UseCache(NodeTracker tracker, LimitCache limits, IGrainFactory grains, GrainClock clock)
{
    private (Guid Incarnation, long Number) _counted;
    private Task _asking = Task.CompletedTask;

    /// <summary>Has what the last report tells counted, unless it is.</summary>
    internal Task AskAsync(Guid incarnation)
    {
        if (_asking.IsCompleted && tracker.Use is { } use && _counted != (incarnation, use.Number))
            _asking = CountAsync(incarnation, use);
        return _asking;
    }

    /// <summary>What a directive says of it.</summary>
    internal NodeDirective Complete(NodeDirective directive, Guid incarnation)
    {
        var spent = tracker.Spent.Read(limits.QuotaOf, clock.Now);
        return directive with
        {
            AcknowledgedUse = _counted.Incarnation == incarnation ? _counted.Number : 0,
            SpentUsers = spent,
            MonthEndsAt = spent.Count == 0 ? null : Month.Of(clock.Now).End,
        };
    }

    private async Task CountAsync(Guid incarnation, UserUseBatch use)
    {
        var answers = await Task.WhenAll(use.Users.GroupBy(static user => GrainKeys.ShardOf(user.Name)).Select(part =>
            grains.GetGrain<IUsageGrain>(part.Key).AddAsync(new UseAddition(tracker.Node, incarnation, use.Number, [.. part]))));
        _counted = (incarnation, use.Number);
        tracker.Spent.Learn([.. answers.SelectMany(static answer => answer.Totals)], limits.QuotaOf, clock.Now);
    }
}
