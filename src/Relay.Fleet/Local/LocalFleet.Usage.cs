using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Fleet.Usage;

namespace Relay.Fleet.Local;

/// <content>
/// What users have used. It is not decided here but told by nodes: it is kept where other state is, and not gone back from; written
/// now and then, and nobody waits for that.
/// </content>
public sealed partial class LocalFleet
{
    private readonly UsageBook _usage;
    private Task _savingUsage = Task.CompletedTask;
    private long _usageSavedAt;

    /// <summary>How often what users have used is written: so much of it is lost at most where the process crashes.</summary>
    public static readonly TimeSpan UsagePeriod = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public ValueTask<UserUsage?> GetUserUsageAsync(string user, CancellationToken cancellation) => ReadAsync(_ =>
        _users.Has(user) ? _usage.Read(user) with { BytesPerMonth = _limits.QuotaOf(user) } : null);

    /// <summary>Writes what users have used, as far as that is not written; completes when it is, or is not going to be.</summary>
    public async Task SaveUsageAsync()
    {
        Task saving;
        lock (_gate)
            saving = _savingUsage;
        await saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
            saving = BeginSavingUsage();
        await saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void SaveUsageNowAndThen()
    {
        if (_savingUsage.IsCompleted && _time.GetElapsedTime(_usageSavedAt) >= UsagePeriod)
            BeginSavingUsage();
    }

    private Task BeginSavingUsage()
    {
        if (_store is null || !_savingUsage.IsCompleted)
            return _savingUsage;
        _usageSavedAt = _time.GetTimestamp();
        var (months, kept) = (_usage.Unsaved(), _usage.Months.Select(static month => $"{month}").ToArray());
        return _savingUsage = months.Count == 0 ? Task.CompletedTask : SaveAsync(_store);

        async Task SaveAsync(IFleetStore store)
        {
            // The store says so where it does not take it; what is counted is tried again with the next.
            await store.WriteUsageAsync(months, kept).ConfigureAwait(false);
            lock (_gate)
                _usage.Save(months);
        }
    }

    private NodeDirective CountUse(NodeTracker tracker, NodeReport report, NodeDirective directive, DateTimeOffset now)
    {
        if (tracker.Use is { } use)
        {
            var known = use.Users.Where(user => _users.Has(user.Name)).ToList();
            tracker.Spent.Learn(
                _usage.Add(report.Node, report.Incarnation, use.Number, known, now), Month.Of(now), _limits.QuotaOf, now);
            directive = directive with { AcknowledgedUse = use.Number };
        }
        var totals = tracker.UsersToAsk(_limits.QuotaOf, now).Select(user => _usage.TotalOf(user, now));
        tracker.Spent.Learn(totals, Month.Of(now), _limits.QuotaOf, now);
        return tracker.Spent.Tell(directive, _limits.QuotaOf, now);
    }

    private User Seen(User user)
    {
        var glance = _usage.Glance(user.Name, Now);
        return user with { LastSeen = glance.LastSeen, BytesThisMonth = glance.BytesThisMonth };
    }

    private void ForgetUse(string user)
    {
        lock (_gate)
        {
            // Who was added again meanwhile has used nothing yet that would be missed.
            _usage.Forget(user);
        }
    }
}
