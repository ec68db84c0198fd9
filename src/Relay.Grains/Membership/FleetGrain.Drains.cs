using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Grains.Contracts;
using Relay.Grains.State;

namespace Relay.Grains.Membership;

/// <content>The drains and their budget.</content>
internal sealed partial class FleetGrain
{
    private readonly Dictionary<string, DrainDriver> _drivers = new(StringComparer.Ordinal);
    private Task _advancing = Task.CompletedTask;
    private Task? _advancingNext;
    private bool _areDrainsKnown;

    /// <inheritdoc/>
    public async Task<FleetResult<DrainInfo>> StartDrainAsync(DrainRequest request)
    {
        await KnowDrainsAsync();
        await FreshenAsync();
        // A node that the next activation has never heard of would count as gone, and its drain as done.
        await StoreNodesAsync();
        var planned = await _fleet.RunAsync(fleet => Plan(fleet, request));
        if (!planned.IsOk)
            return planned.As<DrainInfo>();
        if (planned.Value is not null)
            await BeginAsync(request.Id);
        else
            // Asked for again: the first may have been broken off before it began.
            await BeginPendingAsync(request.Id);
        await _events.FlushAsync();
        return await GrainFactory.GetGrain<IDrainGrain>(request.Id).GetAsync() is { } drain
            ? FleetResult.Ok(drain)
            : FleetResult.Unavailable<DrainInfo>($"drain {request.Id} is accepted, and cannot be begun at the moment");
    }

    /// <inheritdoc/>
    public async Task<FleetResult<DrainInfo>> UndrainAsync(string node)
    {
        await KnowDrainsAsync();
        await BeginPendingAsync(EnrolledIn(node));
        if (EnrolledIn(node) is { } drain
            && await GrainFactory.GetGrain<IDrainGrain>(drain).UndrainAsync(node) is { } info)
        {
            await AdvanceDrainsAsync();
            return FleetResult.Ok(info);
        }
        return _registry.Find(node) is null
            ? FleetResult.NotFound<DrainInfo>($"there is no node {node}")
            : new FleetResult<DrainInfo>(FleetStatus.Ok, null);
    }

    /// <inheritdoc/>
    public async Task<FleetResult<DrainInfo>> CancelDrainAsync(string drain)
    {
        if (_fleet.Decider.Find(drain) is null)
            return FleetResult.NotFound<DrainInfo>($"there is no drain {drain}");
        await KnowDrainsAsync();
        await BeginPendingAsync(drain);
        var result = await GrainFactory.GetGrain<IDrainGrain>(drain).CancelAsync();
        if (result.IsOk)
            await AdvanceDrainsAsync();
        return result;
    }

    /// <inheritdoc/>
    public Task<Page<string>> ListDrainsAsync(PageRequest request)
    {
        var ids = _fleet.Decider.Drains.Select(static entry => entry.Id).Reverse();
        if (request.Cursor is { } after)
            ids = ids.SkipWhile(id => id != after).Skip(1);
        List<string> items = [.. ids.Take(request.Limit + 1)];
        return Task.FromResult(items.Count <= request.Limit
            ? new Page<string>(items, null)
            : new Page<string>(items[..request.Limit], items[request.Limit - 1]));
    }

    private FleetResult<DrainPlanState?> Plan(FleetDecider fleet, DrainRequest request)
    {
        if (fleet.Find(request.Id) is { } before)
            return request.MayRepeat(before.Fingerprint)
                ? FleetResult.Ok<DrainPlanState?>(null) : DrainPlan.Reused<DrainPlanState?>(request.Id);
        var plan = DrainPlan.Create(request, _registry.Nodes, EnrolledIn, _clock.Now);
        if (plan.Value is not { } state)
            return plan.As<DrainPlanState?>();
        if (!fleet.TryAdd(state))
            return FleetResult.Conflict<DrainPlanState?>($"{FleetDecider.MaxDrains} drains are not over yet");
        fleet.Slots.Enrol(request.Id, [.. state.Nodes.Select(static node => node.Node)], _clock.Now);
        return FleetResult.Ok<DrainPlanState?>(state);
    }

    private string? EnrolledIn(string node) =>
        _drivers.Values.FirstOrDefault(driver => driver.Has(node))?.Drain ?? _fleet.Decider.Slots.DrainOf(node);

    // A new activation asks the drains who is in them before it says of any node that it is in none.
    private async Task KnowDrainsAsync()
    {
        if (_areDrainsKnown)
            return;
        foreach (var entry in _fleet.Decider.Drains.Where(static entry => entry.IsActive).ToList())
            await Driver(entry.Id).LearnAsync();
        _areDrainsKnown = true;
    }

    // With the others, oldest first: by the pass that is under way where that has come to it, and else by the next.
    private async Task BeginAsync(string drain)
    {
        var next = AdvanceDrainsAsync();
        if (await Task.WhenAny(Driver(drain).Passed, next) == next)
            await next;
        else
            next.Ignore();
    }

    // An operation that is accepted and has not begun has nothing to be undrained or cancelled yet.
    private async Task BeginPendingAsync(string? drain)
    {
        if (drain is not null && _fleet.Decider.Find(drain) is { Pending: not null })
            await Driver(drain).AdvanceAsync();
    }

    private DrainDriver Driver(string drain)
    {
        if (!_drivers.TryGetValue(drain, out var driver))
            _drivers.Add(drain, driver = new DrainDriver(drain, GrainFactory, _fleet, _registry, _clock));
        return driver;
    }

    // Done when everything that was known at the call is taken into account: by a pass that begins after it. Not by whatever comes later
    // as well: where a whole fleet drains, something always does.
    private Task AdvanceDrainsAsync()
    {
        if (_advancingNext is { } next)
            return next;
        return _advancing.IsCompleted ? _advancing = AdvanceAllAsync() : _advancingNext = AdvanceAfterAsync(_advancing);
    }

    private async Task AdvanceAfterAsync(Task pass)
    {
        await pass.Ended();
        (_advancing, _advancingNext) = (_advancingNext!, null);
        await AdvanceAllAsync();
    }

    private async Task AdvanceAllAsync()
    {
        var freed = await _fleet.RunAsync(fleet => fleet.Slots.Observe(_registry, _clock.Now));
        foreach (var slot in freed.Where(slot => _registry.Find(slot.Node) is null))
            Gone(slot.Node);
        var active = _fleet.Decider.Drains.Where(static entry => entry.IsActive).Select(static entry => entry.Id)
            .ToList();
        // Oldest first, and one after the other: whoever came first gets the slot that is free.
        foreach (var drain in active)
            await TryAsync($"drain {drain}", Driver(drain).AdvanceAsync);
        foreach (var over in _drivers.Keys
            .Where(drain => _fleet.Decider.Find(drain) is not { IsActive: true }).ToList())
            _drivers.Remove(over);
        foreach (var dropped in _fleet.Decider.TakeDropped())
            GrainFactory.GetGrain<IDrainGrain>(dropped).ForgetAsync().Ignore();
    }

    // A node is not waited for any more.
    private void Gone(string node)
    {
        foreach (var driver in _drivers.Values.Where(driver => driver.Has(node)))
            driver.Gone(node);
    }
}
