using Orleans.Concurrency;
using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Grains.Contracts;
using Relay.Grains.Events;
using Relay.Grains.State;

namespace Relay.Grains.Drains;

/// <inheritdoc cref="IDrainGrain"/>
/// <remarks>
/// Moved on by the fleet's grain, which knows the nodes and the budget and calls every active drain once a second: so
/// an operation whose silo died goes on elsewhere with the next call. Nodes are told when their order changes, and ask
/// for it; one that cannot be told is told again with the next call.
/// </remarks>
[Reentrant]
internal sealed class DrainGrain : Grain, IDrainGrain
{
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(0.1);

    private readonly FleetTimings _timings;
    private readonly GrainClock _clock;
    private readonly DeciderClock _wallClock;
    private readonly CommitQueue<DrainDecider, DrainRecord> _plan;
    private readonly EventOutbox _events;
    private readonly HashSet<string> _untold = new(StringComparer.Ordinal);
    private bool _isForgetful;

    public DrainGrain(
        [PersistentState("drain", GrainKeys.Storage)] IPersistentState<DrainRecord> storage,
        GrainClock clock,
        IStoreState store,
        FleetTimings timings)
    {
        (_clock, _timings, _wallClock) = (clock, timings, new DeciderClock(clock.Time, timings));
        _plan = new CommitQueue<DrainDecider, DrainRecord>(
            storage, () => store.ReadHistoryAsync("drain", this.GetGrainId()),
            record => new DrainDecider(record, timings, _wallClock.Begin().Stored), static decider => decider.ToRecord(),
            static decider => decider.Revision, DeactivateOnIdle, whenStored: _wallClock.OnStored);
        _events = new EventOutbox(GrainFactory, clock);
    }

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // What the last activation has told is not known.
        _isForgetful = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<DrainInfo> CreateAsync(DrainPlanState state)
    {
        await ChangeAsync(decider => decider.Create(state, _timings));
        return _plan.Decider.Plan!.ToInfo();
    }

    /// <inheritdoc/>
    public Task RestoreAsync(DrainPlanState state) => _plan.RunAsync(decider => decider.Create(state, _timings));

    /// <inheritdoc/>
    public Task<DrainPlanState?> ExportAsync() => _plan.RunAsync(static decider => decider.Plan?.ToState());

    /// <inheritdoc/>
    public async Task<DrainStanding> AdvanceAsync(DrainNews news)
    {
        await ChangeAsync(decider =>
        {
            if (decider.Plan is not { } plan)
                return;
            var now = _wallClock.Read(decider);
            foreach (var node in news.Nodes)
                plan.Observe(node, now);
            foreach (var node in news.Left)
                plan.ObserveLeft(node, now);
            foreach (var node in news.Gone)
                plan.ObserveGone(node, now);
            plan.Holdup = news.Holdup;
        });
        return Standing();
    }

    /// <inheritdoc/>
    public async Task<DrainStanding> StartAsync(NodeList nodes)
    {
        await ChangeAsync(decider =>
        {
            foreach (var node in nodes.Nodes)
                decider.Plan?.Start(node, _wallClock.Read(decider));
        });
        return Standing();
    }

    /// <inheritdoc/>
    public async Task<DrainInfo?> UndrainAsync(string node)
    {
        await ChangeAsync(decider => decider.Plan?.Undrain(node, _clock.Now));
        return _plan.Decider.Plan?.ToInfo();
    }

    /// <inheritdoc/>
    public async Task<FleetResult<DrainInfo>> CancelAsync()
    {
        var isCancelled = false;
        await ChangeAsync(decider => isCancelled = decider.Plan?.Cancel(_clock.Now) == true);
        var drain = this.GetPrimaryKeyString();
        if (_plan.Decider.Plan is not { } plan)
            return FleetResult.NotFound<DrainInfo>($"there is no drain {drain}");
        return isCancelled ? FleetResult.Ok(plan.ToInfo()) : FleetResult.Conflict<DrainInfo>(
            $"drain {drain} has ended: its nodes serve again when each is undrained or restarted");
    }

    /// <inheritdoc/>
    public Task<DrainInfo?> GetAsync() => Task.FromResult(_plan.Decider.Plan?.ToInfo());

    /// <inheritdoc/>
    public async Task<OrderAnswer> GetOrderAsync(OrderQuestion question)
    {
        // Not what is about to be stored: an order must not go out before it is.
        var order = await _plan.RunAsync(decider =>
            decider.Plan?.OrderFor(question.Node, question.Incarnation, _wallClock.Read(decider)));
        return new OrderAnswer(order);
    }

    /// <inheritdoc/>
    public Task ForgetAsync() => _plan.RunAsync(static decider => decider.Forget());

    private async Task ChangeAsync(Action<DrainDecider> change)
    {
        IReadOnlyCollection<string> reordered;
        FleetEvent? told;
        try
        {
            (reordered, told) = await _plan.RunAsync(decider =>
            {
                var before = (decider.Plan, decider.Plan?.Moves, decider.Plan?.State);
                change(decider);
                var plan = decider.Plan;
                return (plan?.TakeReordered() ?? [],
                    plan is not null && before != (plan, plan.Moves, plan.State) ? plan.ToEvent(_clock.Now) : null);
            });
        }
        catch
        {
            // It may be stored all the same.
            _isForgetful = true;
            throw;
        }
        if (_isForgetful)
            _untold.UnionWith(_plan.Decider.Plan is { IsActive: true } active ? active.Started : []);
        _isForgetful = false;
        _untold.UnionWith(reordered);
        var telling = TellNodesAsync();
        if (told is not null)
            _events.Add(told);
        // Whoever moves the drain on waits for the few that one mostly is about, and not for a fleet.
        await Task.WhenAny(
            Task.WhenAll(telling, _events.FlushAsync()), Task.Delay(_clock.Ticks ? Prompt : _clock.Patience(TimeSpan.FromSeconds(1))));
    }

    private Task TellNodesAsync()
    {
        if (_untold.Count == 0)
            return Task.CompletedTask;
        var nodes = _untold.ToList();
        _untold.Clear();
        return Task.WhenAll(nodes.ConvertAll(TellAsync));

        async Task TellAsync(string node)
        {
            try
            {
                await GrainFactory.GetGrain<INodeGrain>(node).OrderChangedByAsync(this.GetPrimaryKeyString());
            }
            catch (Exception)
            {
                // Its silo is away: told with the next call.
                _untold.Add(node);
            }
        }
    }

    private DrainStanding Standing() => _plan.Decider.Plan is { } plan
        ? new DrainStanding(
            true, plan.IsActive, plan.State == DrainState.Running, plan.MaxConcurrent, plan.Waiting, plan.Ordered,
            plan.OnLostNode, plan.MovedAt)
        : new DrainStanding(false, false, false, DrainBudget.Nodes(1), [], []);
}
