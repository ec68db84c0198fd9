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
    // What was used elsewhere is looked up now and then.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    private (Guid Incarnation, long Number) _counted;
    private long _lookedAt = clock.Time.GetTimestamp() - (long)(LookPeriod.TotalSeconds * clock.Time.TimestampFrequency);
    private Task _asking = Task.CompletedTask;

    /// <summary>Has what the last report tells counted, unless it is.</summary>
    internal Task AskAsync(Guid incarnation)
    {
        if (_asking.IsCompleted)
            _asking = AskAllAsync(incarnation);
        return _asking;
    }

    /// <summary>The last batch of a process that is counted; 0 for none.</summary>
    internal long CountedOf(Guid incarnation) => _counted.Incarnation == incarnation ? _counted.Number : 0;

    private async Task AskAllAsync(Guid incarnation)
    {
        if (tracker.Use is { } use && _counted != (incarnation, use.Number))
            await CountAsync(incarnation, use);
        if (clock.Time.GetElapsedTime(_lookedAt) < LookPeriod)
            return;
        _lookedAt = clock.Time.GetTimestamp();
        await Task.WhenAll(tracker.UsersToAsk(limits.QuotaOf, clock.Now).GroupBy(GrainKeys.ShardOf).Select(part => LookAsync(part.Key, [.. part])));
    }

    private async Task LookAsync(int shard, IReadOnlyList<string> users)
    {
        var answer = await grains.GetGrain<IUsageGrain>(shard).GlanceAsync(new NameList(users));
        Learn(answer.Month, answer.Users.Select(static user => new UserTotal(user.Name, user.BytesThisMonth)));
    }

    private async Task CountAsync(Guid incarnation, UserUseBatch use)
    {
        var answers = await Task.WhenAll(use.Users.GroupBy(static user => GrainKeys.ShardOf(user.Name)).Select(part =>
            grains.GetGrain<IUsageGrain>(part.Key).AddAsync(new UseAddition(tracker.Node, incarnation, use.Number, [.. part]))));
        _counted = (incarnation, use.Number);
        foreach (var answer in answers)
            Learn(answer.Month, answer.Totals);
    }

    private void Learn(int month, IEnumerable<UserTotal> totals) =>
        tracker.Spent.Learn(totals, new Month(month), limits.QuotaOf, clock.Now);
}
