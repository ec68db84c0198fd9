using Orleans.Concurrency;
using Relay.Fleet.Contract;
using Relay.Fleet.Leases;
using Relay.Grains.Contracts;
using Relay.Grains.Events;
using Relay.Grains.State;

namespace Relay.Grains.Pools;

/// <inheritdoc cref="IPrefixPoolGrain"/>
/// <remarks>
/// Kept active by the fleet's grain, which asks every pool that is defined now and then; one that is not is soon
/// collected.
/// </remarks>
[Reentrant]
internal sealed class PrefixPoolGrain : Grain, IPrefixPoolGrain
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly GrainClock _clock;
    private readonly DeciderClock _wallClock;
    private readonly FleetTimings _timings;
    private readonly CommitQueue<PoolDecider, PoolRecord> _pool;
    private readonly EventOutbox _events;
    private readonly FoundPool _found;
    private long _confirmedAt;
    private long _changes;
    private Task _confirming = Task.CompletedTask;

    public PrefixPoolGrain(
        [PersistentState("pool", GrainKeys.Promises)] IPersistentState<PoolRecord> storage,
        GrainClock clock,
        IStoreState store,
        FleetTimings timings)
    {
        (_clock, _timings) = (clock, timings);
        _found = new FoundPool(Name, timings);
        _wallClock = new DeciderClock(clock.Time, timings, _found.OnClockStep);
        _pool = new CommitQueue<PoolDecider, PoolRecord>(
            storage, () => store.ReadHistoryAsync("pool", this.GetGrainId()),
            record => new PoolDecider(record, timings, _wallClock.Begin()), decider => decider.ToRecord(),
            decider => decider.Revision, DeactivateOnIdle, decider => decider.Allocator?.Recover(clock.Now),
            _wallClock.OnStored);
        _events = new EventOutbox(GrainFactory, clock);
    }

    private string Name => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (_clock.Ticks)
            this.RegisterGrainTimer(static grain => grain.TickAsync(), this, TickPeriod, TickPeriod);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<PoolAnswer> AnswerAsync(LeaseRequest request)
    {
        if (!_pool.Decider.IsConfirmed)
            await TryConfirmAsync();
        var (answer, events) = await DecideAsync<(PoolAnswer, IReadOnlyList<FleetEvent>)>((decider, now) =>
        {
            if (decider.Allocator is not { } allocator)
                return (new PoolAnswer(_found.Answer(request, now), _found.Of(request.Node)), []);
            // A definition that is being changed, or a pool that is being removed: what is held goes on, nothing is
            // new.
            var asked = decider.IsConfirmed ? request : request with { IsWanted = false };
            var given = allocator.Answer(asked, now);
            var fault = request.IsWanted && !asked.IsWanted && given.Grants.Count == 0
                ? $"pool {Name} is being changed"
                : given.Fault;
            List<FleetEvent> told = [.. allocator.EventsOf(given, now)];
            return (new PoolAnswer(None(fault) with { Grants = given.Grants }, allocator.Of(request.Node)), told);
        });
        await TellAsync(events);
        return answer;
    }

    /// <inheritdoc/>
    public async Task<FleetResult<LeaseList>> DefineAsync(PoolCreation creation)
    {
        _changes++;
        var result = await DecideAsync((decider, now) =>
        {
            _found.Expire(now);
            return decider.Define(creation, _found.Leases, Random.Shared, now);
        });
        if (result.IsOk)
            _found.Clear();
        return result;
    }

    /// <inheritdoc/>
    public Task ConfirmAsync(PrefixPool pool) => _pool.RunAsync(decider => decider.Confirm(pool));

    /// <inheritdoc/>
    public Task<PoolRemainder> CloseAsync() => DecideAsync((decider, now) =>
    {
        _changes++;
        if (decider.Allocator is not { } allocator)
            return new PoolRemainder(0, [], null);
        allocator.Expire(now);
        if (allocator.LiveLeases == 0)
            decider.Close();
        return new PoolRemainder(allocator.LiveLeases, allocator.Quarantined, allocator.ToInfo());
    });

    /// <inheritdoc/>
    public Task RemoveAsync() => _pool.RunAsync(static decider => decider.Remove());

    /// <inheritdoc/>
    public Task ExcludeAsync(PrefixList prefixes)
    {
        // What the catalog said before is older.
        _changes++;
        return _pool.RunAsync(decider => decider.Exclude(prefixes.Prefixes));
    }

    /// <inheritdoc/>
    public async Task<PrefixPoolInfo?> GetInfoAsync()
    {
        await TryExpireAsync();
        return _pool.Decider.Allocator?.ToInfo() ?? _found.ToInfo();
    }

    /// <inheritdoc/>
    public Task<PrefixPoolState?> ExportAsync() => _pool.RunAsync(static decider => decider.Allocator?.ToState());

    /// <inheritdoc/>
    public async Task<Page<LeaseInfo>?> ListAsync(PageRequest request)
    {
        await TryExpireAsync();
        return _pool.Decider.Allocator is { } allocator
            ? allocator.List(request.Limit, request.Cursor)
            : _found.Leases.Count > 0 ? _found.List(request.Limit, request.Cursor) : null;
    }

    /// <inheritdoc/>
    public async Task<LeaseInfoList> GetLeasesOfAsync(string node)
    {
        await TryExpireAsync();
        return new LeaseInfoList(_pool.Decider.Allocator?.Of(node) ?? _found.Of(node));
    }

    /// <inheritdoc/>
    public async Task<LeaseInfoList> FindAsync(string address)
    {
        await TryExpireAsync();
        var bits = AddressBits.Of(System.Net.IPAddress.Parse(address));
        var lease = _pool.Decider.Allocator is { } allocator ? allocator.Find(bits) : _found.Find(bits);
        return new LeaseInfoList(lease is null ? [] : [lease]);
    }

    /// <inheritdoc/>
    public async Task<FleetResult<LeaseInfo>> RevokeAsync(PrefixList prefix)
    {
        var block = prefix.Prefixes[0];
        var (result, events) = await DecideAsync<(FleetResult<LeaseInfo>, IReadOnlyList<FleetEvent>)>((decider, now) =>
        {
            if (decider.Allocator is not { } allocator)
                return (_found.Revoke(block) is { } held
                    ? FleetResult.Ok(held.ToInfo(Name))
                    : FleetResult.NotFound<LeaseInfo>($"there is no pool {Name}"), []);
            List<FleetEvent> told = [.. allocator.EventsOf(allocator.Expire(now), now)];
            var before = allocator.Revision;
            if (allocator.Revoke(block) is not { } lease)
                return (FleetResult.NotFound<LeaseInfo>($"nobody has {block} of pool {Name}"), told);
            if (allocator.Revision != before)
                told.AddRange(allocator.EventsOf([lease], now));
            return (FleetResult.Ok(lease.ToInfo(Name)), told);
        });
        if (result.IsOk)
            GrainFactory.GetGrain<INodeGrain>(result.Value!.Node).LeasesChangedAsync(Name).Ignore();
        await TellAsync(events);
        return result;
    }

    /// <inheritdoc/>
    public async Task TickAsync()
    {
        if (_clock.Time.GetElapsedTime(_confirmedAt) >= _timings.LeaseTime / 12)
            ConfirmByCatalogAsync().Ignore();
        await TryExpireAsync();
        await _events.FlushAsync();
    }

    private async Task TryExpireAsync()
    {
        try
        {
            await ExpireAsync();
        }
        catch (GrainUnavailableException)
        {
            // Nothing can be stored at the moment: what has run out stays as it was, and is granted to nobody.
        }
    }

    private async Task ExpireAsync()
    {
        var events = await DecideAsync<IReadOnlyList<FleetEvent>>((decider, now) =>
        {
            _found.Expire(now);
            return decider.Allocator is { } allocator ? [.. allocator.EventsOf(allocator.Expire(now), now)] : [];
        });
        await TellAsync(events);
    }

    // After a change that was broken off, or where the catalog has begun anew: what the catalog has holds.
    private async Task ConfirmByCatalogAsync()
    {
        if (_confirming.IsCompleted)
            _confirming = AskAsync();
        await _confirming;

        async Task AskAsync()
        {
            var changes = _changes;
            var catalog = GrainFactory.GetGrain<IFleetGrain>(GrainKeys.Single);
            var definition = await catalog.GetPoolAsync(Name);
            var isOutgrown = await DecideAsync((decider, now) =>
            {
                // A change has begun since: what the catalog said before it holds no more.
                if (changes != _changes)
                    return false;
                var isOutgrown = false;
                if (!decider.IsConfirmed && definition.Pool is { } pool && pool != decider.Allocator?.Pool)
                {
                    // The catalog has a pool whose state is lost, or another state of it: nodes may hold blocks that
                    // nobody here knows of.
                    _found.Expire(now);
                    var defined = decider.Define(
                        new PoolCreation(pool, IsRecovering: true, definition.Excluded, Generation: definition.Generation), _found.Leases, Random.Shared,
                        now);
                    if (defined.IsOk)
                        decider.Allocator!.Recover(now);
                    isOutgrown = !defined.IsOk;
                }
                decider.Confirm(definition.Pool);
                if (decider.Allocator is null)
                    return false;
                // The catalog says once what is never granted; what of it was stored here may be lost.
                if (definition.IsExcludedTold)
                    decider.Exclude(definition.Excluded);
                decider.FollowCatalog(definition.Generation, now);
                return isOutgrown;
            });
            // A change of the pool is lost there, and blocks of it are held: nobody could have taken them out of it.
            if (isOutgrown)
                await catalog.PutPoolAsync(new PoolChange(_pool.Decider.Allocator!.Pool, definition.Pool!.Version));
            _confirmedAt = _clock.Time.GetTimestamp();
        }
    }

    // Where the catalog does not answer, what is held goes on all the same.
    private async Task TryConfirmAsync()
    {
        try
        {
            await ConfirmByCatalogAsync().WaitAsync(_clock.Patience(LongestWait));
        }
        catch (Exception)
        {
            // It is asked again with the next report.
        }
    }

    // By the clock as it is when it is decided.
    private Task<T> DecideAsync<T>(Func<PoolDecider, DateTimeOffset, T> decide) =>
        _pool.RunAsync(decider => decide(decider, _wallClock.Read(decider)));

    private Task TellAsync(IReadOnlyList<FleetEvent> events)
    {
        if (events.Count == 0)
            return Task.CompletedTask;
        _events.Add(events);
        return _events.FlushAsync();
    }

    private static LeaseAnswer None(string? fault) => new([], fault, [], LeaseExpiry.None);
}
