using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Storage;
using Relay.Fleet.Contract;
using Relay.Fleet.Users;
using Relay.Grains.Contracts;
using Relay.Grains.Events;
using Relay.Grains.State;

namespace Relay.Grains.Users;

/// <inheritdoc cref="IUsersGrain"/>
/// <remarks>
/// All users are in its memory. Stored is one record with the latest changes, by compare-and-set before anything is answered, and
/// buckets beside it, since all users in one record would be more than 50 MB.
/// </remarks>
[Reentrant]
[KeepAlive]
internal sealed class UsersGrain : Grain, IUsersGrain
{
    private static readonly TimeSpan LongestTell = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HistoryPeriod = TimeSpan.FromMinutes(1);

    private readonly CommitQueue<UserLedger, UserRecord> _users;
    private readonly UserBucketStore _buckets;
    private readonly GrainClock _clock;
    private readonly OnwardClock _enrolmentClock;
    private readonly EventOutbox _events;
    private readonly ILogger<UsersGrain> _logger;
    private readonly IPersistentState<UserRecord> _record;
    private UserBookState? _aside;
    private bool _isAllUnsettled;
    private Task _settling = Task.CompletedTask;
    private long _followedAt;

    public UsersGrain(
        [PersistentState("users", GrainKeys.Promises)] IPersistentState<UserRecord> record,
        GrainClock clock,
        IStoreState store,
        IServiceProvider services,
        ILogger<UsersGrain> logger)
    {
        (_record, _clock, _logger) = (record, clock, logger);
        (_enrolmentClock, _events) = (new OnwardClock(clock.Time), new EventOutbox(GrainFactory, clock));
        _buckets = new UserBucketStore(services.GetRequiredKeyedService<IGrainStorage>(GrainKeys.Promises), this.GetGrainId());
        _users = new CommitQueue<UserLedger, UserRecord>(
            record, () => store.ReadHistoryAsync("users", this.GetGrainId()),
            stored => new UserLedger(Current(stored), _aside, clock.Now), static ledger => ledger.ToRecord(),
            static ledger => ledger.Revision, DeactivateOnIdle, LoseMemory);
        _followedAt = clock.Time.GetTimestamp();
    }

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var isWhole = true;
        if (_record.State.Book is { Buckets: { Count: > 0 } through } book)
        {
            (var users, isWhole) = await _buckets.ReadAsync(through, book.Version);
            _aside = book with { Users = users };
        }
        await _users.RunAsync(ledger =>
        {
            ledger.Book.Begin(Guid.NewGuid(), _clock.Now);
            if (!isWhole)
                LoseMemory(ledger);
        });
    }

    /// <inheritdoc/>
    public async Task<UserStanding> GetStandingAsync()
    {
        if (_clock.Time.GetElapsedTime(_followedAt) >= HistoryPeriod)
        {
            _followedAt = _clock.Time.GetTimestamp();
            await _users.FollowHistoryAsync();
        }
        SettleIfDue();
        return await _users.RunAsync(static ledger => ledger.Book.Standing);
    }

    /// <inheritdoc/>
    public Task<UserPageAnswer> GetPageAsync(UserPageQuestion question) =>
        // Not before it is stored: nodes act on it.
        _users.RunAsync(ledger => new UserPageAnswer(
            ledger.Book.PageFor(question.Position, question.Since), ledger.Book.Standing.Floor));

    /// <inheritdoc/>
    public async Task<Page<User>> ListAsync(UserQuery query)
    {
        var users = await _users.RunAsync(static ledger => ledger.Book.ToList());
        // Nodes that are to be told of changes do not wait for it.
        return await Task.Run(() => users.Find(query));
    }

    /// <inheritdoc/>
    public Task<User?> GetAsync(string user) => _users.RunAsync(ledger => ledger.Book.Find(user));

    /// <inheritdoc/>
    public Task<NameList> WhichAsync(NameList users) =>
        _users.RunAsync(ledger => new NameList([.. users.Names.Where(ledger.Book.Has)]));

    /// <inheritdoc/>
    public Task<FleetResult<User>> PutAsync(UserChange change) =>
        ChangeAsync(ledger => ledger.Book.Put(change.User, change.ExpectedVersion, _clock.Now));

    /// <inheritdoc/>
    public async Task<FleetResult<User>> DeleteAsync(NamedChange change)
    {
        var result = await ChangeAsync(ledger => ledger.Book.Delete(change.Name, change.ExpectedVersion, _clock.Now));
        if (result.IsOk)
            await TryTellAsync(GrainFactory.GetGrain<IUsageGrain>(GrainKeys.ShardOf(change.Name)).ForgetAsync(change.Name));
        return result;
    }

    /// <inheritdoc/>
    public Task<FleetResult<User>> AddDeviceAsync(DeviceAddition addition) =>
        ChangeAsync(ledger => ledger.Book.AddDevice(addition.User, addition.Device, _clock.Now));

    /// <inheritdoc/>
    public Task<FleetResult<User>> RemoveDeviceAsync(DeviceRemoval removal) =>
        ChangeAsync(ledger => ledger.Book.RemoveDevice(removal.User, removal.Credential, _clock.Now));

    /// <inheritdoc/>
    public Task<EnrolmentList> ListEnrolmentsAsync() =>
        _users.RunAsync(ledger => new EnrolmentList(ledger.Book.EnrolmentsAt(_enrolmentClock.Read())));

    /// <inheritdoc/>
    public Task<FleetResult<Enrolment>> BeginEnrolmentAsync(EnrolmentStart start) =>
        EnrolAsync(book => book.BeginEnrolment(start.User, start.Enrolment, _enrolmentClock.Read()));

    /// <inheritdoc/>
    public Task<FleetResult<Enrolment>> UseEnrolmentAsync(EnrolmentUse use) =>
        EnrolAsync(book => book.UseEnrolment(use, _enrolmentClock.Read(), _clock.Now));

    /// <inheritdoc/>
    public Task<FleetResult<UserStanding>> ConfirmAsync(UserConfirmation confirmation) => ChangeAsync(ledger =>
        ledger.Book.Confirm(confirmation.Store, confirmation.IsLost ? Guid.NewGuid() : null, confirmation.Latest, _clock.Now));

    /// <inheritdoc/>
    public Task<UserBookState> ExportAsync(UserPartQuestion question) => _users.RunAsync(ledger =>
    {
        var state = ledger.Book.ToState();
        return state with { Users = [.. state.ChangedAfter(question.After).Take(question.Limit)], Enrolments = [] };
    });

    /// <inheritdoc/>
    public async Task<UserImportAnswer> ImportAsync(UserImport import)
    {
        var (answer, standing) = await _users.RunAsync(ledger =>
        {
            List<string> conflicts = [];
            var (added, removed) = ledger.Book.Compare(import.Users, conflicts, (import.Before, import.DevicesBefore));
            if (import.IsAdding && conflicts.Count == 0)
                ledger.Book.Add(added, _clock.Now);
            return (new UserImportAnswer(
                added.Count, [.. conflicts.Take(UserImportAnswer.MaxConflicts)], added.Sum(static user => user.Devices.Count),
                removed),
                ledger.Book.Standing);
        });
        if (import.IsAdding && answer.Added > 0)
        {
            await TellAsync(standing);
            SettleIfDue();
            await _settling;
        }
        return answer;
    }

    private async Task<FleetResult<Enrolment>> EnrolAsync(Func<UserBook, FleetResult<Enrolment>> change)
    {
        var isNew = false;
        var result = await ChangeAsync(ledger =>
        {
            var before = ledger.Book.Revision;
            var changed = change(ledger.Book);
            isNew = ledger.Book.Revision != before;
            return changed;
        });
        if (isNew && result.Value is { } enrolment)
        {
            _events.Add(EnrolmentEvents.Of(enrolment, _clock.Now));
            await _events.FlushAsync();
        }
        return result;
    }

    private async Task<FleetResult<T>> ChangeAsync<T>(Func<UserLedger, FleetResult<T>> change)
    {
        var (result, standing) = await _users.RunAsync(ledger => (change(ledger), ledger.Book.Standing));
        if (result.IsOk)
        {
            await TellAsync(standing);
            SettleIfDue();
        }
        return result;
    }

    // Nodes hear of it from the fleet's grain; where that is away, it asks again.
    private Task TellAsync(UserStanding standing) =>
        TryTellAsync(GrainFactory.GetGrain<IFleetGrain>(GrainKeys.Single).UsersChangedAsync(standing));

    private async Task TryTellAsync(Task telling)
    {
        try
        {
            await telling.WaitAsync(_clock.Patience(LongestTell));
        }
        catch (Exception exception)
        {
            Log.TickFailed(_logger, "users", exception.Message);
        }
    }

    // Another activation has put changes into buckets since: they are in nothing that this one knows.
    private UserRecord Current(UserRecord stored)
    {
        if (stored.Book?.Buckets.Any(through => through > (_aside?.Version ?? 0)) != true)
            return stored;
        DeactivateOnIdle();
        throw new GrainUnavailableException("another activation of this grain has written its users");
    }

    private void LoseMemory(UserLedger ledger)
    {
        ledger.Book.LoseMemory(Guid.NewGuid(), _clock.Now);
        // What buckets there are is not known either.
        _isAllUnsettled = true;
    }

    private void SettleIfDue()
    {
        if (_settling.IsCompleted && (_isAllUnsettled || _users.Decider.IsFull))
            _settling = SettleAsync();
    }

    private async Task SettleAsync()
    {
        try
        {
            var isAll = _isAllUnsettled;
            var (state, written) = await _users.RunAsync(ledger => (ledger.Book.ToState(), ledger.Unsettled(isAll)));
            await _buckets.WriteAsync(UserBucket.Of(state, written));
            // Before the record says so: what it has as well does no harm.
            _aside = state;
            await _users.RunAsync(ledger => ledger.Settle(state, written));
            if (isAll)
                _isAllUnsettled = false;
        }
        catch (StorageConflictException)
        {
            DeactivateOnIdle();
        }
        catch (Exception exception)
        {
            // The record has the changes, and storage is asked again with the next.
            Log.TickFailed(_logger, "users", exception.Message);
        }
    }
}
