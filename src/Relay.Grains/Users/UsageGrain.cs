using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Storage;
using Relay.Fleet.Contract;
using Relay.Fleet.Usage;
using Relay.Grains.Contracts;
using Relay.Grains.State;

namespace Relay.Grains.Users;

/// <inheritdoc cref="IUsageGrain"/>
/// <remarks>
/// In memory, and stored now and then together with how far nodes were heard: a coordinator that crashes loses the last seconds, and
/// nothing counts twice.
/// </remarks>
[Reentrant]
[KeepAlive]
internal sealed class UsageGrain(GrainClock clock, IServiceProvider services, ILogger<UsageGrain> logger) : Grain, IUsageGrain
{
    private static readonly TimeSpan StorePeriod = TimeSpan.FromSeconds(10);

    private UsageStore _store = null!;
    private UsageBook _book = null!;
    private Task _storing = Task.CompletedTask;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _store = new UsageStore(services.GetRequiredKeyedService<IGrainStorage>(GrainKeys.Storage), this.GetGrainId());
        var now = Month.Of(clock.Now).Number;
        // And of one that has begun by another coordinator's clock.
        _book = new UsageBook(await _store.ReadAsync(
            Enumerable.Range(now - UsageBook.MaxMonths + 1, UsageBook.MaxMonths + 1).Select(static number => new Month(number))));
        if (clock.Ticks)
            this.RegisterGrainTimer(
                static grain => grain.TickAsync(), this, new GrainTimerCreationOptions(StorePeriod, StorePeriod) { Interleave = true });
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => TickAsync();

    /// <inheritdoc/>
    public async Task<UseAnswer> AddAsync(UseAddition addition)
    {
        var unknown = addition.Uses.Select(static use => use.Name).Where(user => !_book.Has(user)).ToList();
        // Whoever is no user has used nothing that somebody would ask for.
        var there = unknown.Count == 0 ? [] : (await GrainFactory.GetGrain<IUsersGrain>(GrainKeys.Single)
            .WhichAsync(new NameList(unknown))).Names.ToHashSet(StringComparer.Ordinal);
        var uses = addition.Uses.Where(use => there.Contains(use.Name) || _book.Has(use.Name)).ToList();
        return new UseAnswer(_book.Add(addition.Node, addition.Incarnation, addition.Number, uses, clock.Now));
    }

    /// <inheritdoc/>
    public Task<UserUsage> ReadAsync(string user) => Task.FromResult(_book.Read(user));

    /// <inheritdoc/>
    public Task<UserGlances> GlanceAsync(NameList users) =>
        Task.FromResult(new UserGlances([.. users.Names.Select(user => _book.Glance(user, clock.Now))]));

    /// <inheritdoc/>
    public Task ForgetAsync(string user)
    {
        _book.Forget(user);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task TickAsync()
    {
        if (_storing.IsCompleted)
            _storing = StoreAsync();
        return _storing;
    }

    private async Task StoreAsync()
    {
        try
        {
            if (_book.Unsaved() is not { Count: > 0 } months)
                return;
            await _store.WriteAsync(months, [.. _book.Months.Select(static month => $"{month}")]);
            _book.Save(months);
        }
        catch (StorageConflictException)
        {
            DeactivateOnIdle();
        }
        catch (Exception exception)
        {
            Log.TickFailed(logger, "usage", exception.Message);
        }
    }
}
