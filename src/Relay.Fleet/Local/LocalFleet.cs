using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Events;
using Relay.Fleet.Leases;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;
using Relay.Fleet.Sessions;
using Relay.Fleet.State;
using Relay.Fleet.Stats;
using Relay.Fleet.Usage;
using Relay.Fleet.Users;

namespace Relay.Fleet.Local;

/// <summary>
/// The fleet in one process: the same rules as the grains', without high availability. What it remembers survives a restart
/// where it has a store, and is in memory alone where it has none. Everything is decided under one lock; time passes with
/// <see cref="Tick"/>.
/// </summary>
public sealed partial class LocalFleet : IFleet
{
    private readonly Lock _gate = new();
    private readonly LocalFleetConfig _config;
    private readonly FleetTimings _timings;
    private readonly TimeProvider _time;
    private readonly ClockSteps _steps;
    private readonly Random _random;
    private readonly NodeRegistry _registry;
    private readonly Dictionary<string, NodeTracker> _trackers = new(StringComparer.Ordinal);
    private readonly SessionBudget _sessionBudget;
    private readonly StatsWindow _stats;
    private readonly EventLog _log;
    private readonly string _generation;
    private long _configurations;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A fleet without nodes.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="pools">The pools that are defined from the start.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chooses where pools begin, and names this run of the log.</param>
    /// <param name="store">Keeps what it remembers; null for memory alone.</param>
    /// <exception cref="FormatException">A pool cannot be; the message says which and why.</exception>
    public LocalFleet(
        LocalFleetConfig config, IReadOnlyList<PrefixPool> pools, TimeProvider time, Random random,
        IFleetStore? store = null)
    {
        (_config, _timings, _time, _random, _store) = (config, config.Timings, time, random, store);
        _steps = new ClockSteps(time, _timings);
        _enrolmentClock = new OnwardClock(time);
        _sessionBudget = new SessionBudget(config.SessionBytes);
        var startedAt = _steps.Read(out _);
        var run = random.NextInt64().ToString("x", null);
        var state = store?.Initial
            ?? new FleetState { Version = FleetState.CurrentVersion, Generation = run, IsRecovering = true };
        _generation = state.Generation;
        _log = new EventLog(run, stored: store?.History);
        _registry = new NodeRegistry(_timings, startedAt, new NodeRegistryState { Nodes = state.Nodes });
        _limitTable = new LimitTable(_timings);
        _stats = new StatsWindow(startedAt);
        _slots = new DrainSlots(_timings);
        _users = new UserBook(state.Users, startedAt);
        _usage = new UsageBook(store?.Usage ?? []);
        _usageSavedAt = time.GetTimestamp();
        GoOnFrom(state, startedAt);
        foreach (var pool in pools)
        {
            if (_allocators.ContainsKey(pool.Name))
                throw new FormatException($"pool {pool.Name} is there twice");
            if (Put(pool, expectedVersion: null, startedAt) is { IsOk: false, Detail: var detail })
                throw new FormatException($"pool {pool.Name}: {detail}");
        }
        Publish(_telling);
        _telling.Clear();
        _written = ToState();
        BeginSavingHistory();
        // Its store of users begins with it, and is to be the same one after the next start.
        if (store?.Initial?.Users is null)
            _own++;
    }

    private DateTimeOffset Now
    {
        get
        {
            var now = _steps.Read(out var by);
            if (by != TimeSpan.Zero)
                OnClockStep(by, now);
            return now;
        }
    }

    /// <summary>Lets time do its part: silence, leases, deadlines; to be called about once a second.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            var now = Now;
            WatchWriting(now);
            var tick = _registry.Tick(now);
            foreach (var node in tick.Silent)
            {
                if (_trackers.TryGetValue(node.Id, out var tracker))
                    tracker.OnSilent();
                OnGone(node.Id, now);
                if (!IsHeldUp)
                    PlanOf(node.Id)?.Observe(node, now);
            }
            foreach (var node in tick.Forgotten)
                OnForgotten(node.Id, now);
            Tell(NodeRegistry.EventsOf(tick, now));
            DropTrackers(now);
            if (!IsHeldUp)
            {
                EndRecovery(now);
                ExpireLeases(now);
                SettleDrains(now);
            }
            Tell([NodeRegistry.RateEvent(_registry.Rates, _registry.Load, now)]);
            SaveUsageNowAndThen();
            BeginSavingHistory();
            Settle();
            if (IsHeldUp)
                BeginWriting();
        }
    }

    /// <inheritdoc/>
    public ValueTask CheckAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<FleetOverview> GetOverviewAsync(CancellationToken cancellation) => ReadAsync(now => new FleetOverview
    {
        Coordination = "local",
        ClusterId = _config.ClusterId,
        Generation = _generation,
        Nodes = _registry.CountByState,
        Load = _registry.Load,
        Rates = _registry.Rates,
        DrainsRunning = Running.Count(),
        DrainsHeldUp = Running.Count(static plan => plan.Holdup is not null),
        DrainsToReturn = _plans.Values.Count(static plan => plan is { State: not DrainState.Running, IsActive: true }),
        DrainStillSeconds = (int)Running.Select(plan => (now - plan.MovedAt).TotalSeconds).Append(0).Max(),
        OldestReportSeconds = (int?)_registry.LongestUnheard?.TotalSeconds,
        Warnings = [.. StoreWarnings, .. FleetWarnings.Of(
            _registry.Nodes, PoolInfos,
            _registry.Nodes.SelectMany(LeasesOf), _recoversFrom is not null, _users.Standing)],
    });

    /// <inheritdoc/>
    public ValueTask<Page<NodeInfo>> ListNodesAsync(int limit, string? cursor, CancellationToken cancellation) =>
        ReadAsync(now =>
        {
            var page = _registry.List(Math.Clamp(limit, 1, 1000), cursor);
            return page with { Items = [.. page.Items.Select(node => Complete(node, now))] };
        });

    /// <inheritdoc/>
    public ValueTask<NodeInfo?> GetNodeAsync(string node, CancellationToken cancellation) =>
        ReadAsync(now => _registry.Find(node) is { } info ? Complete(info, now) : null);

    /// <inheritdoc/>
    public ValueTask<NodeHistory?> GetNodeHistoryAsync(string node, int windowSeconds, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(_registry.Find(node) is null ? null
                : _trackers.TryGetValue(node, out var tracker) ? tracker.History(windowSeconds, Now)
                : new LoadHistory().Read(node, windowSeconds, Now));
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<NodeInfo>> ForgetNodeAsync(string node, CancellationToken cancellation) => ChangeAsync(now =>
    {
        var check = _registry.CheckForget(node);
        if (!check.IsOk)
            return check;
        Tell(_registry.Forget(node, now));
        OnForgotten(node, now);
        OnGone(node, now);
        ExcludeStatic(now);
        SettleDrains(now);
        return check;
    });

    /// <inheritdoc/>
    public ValueTask<FleetStats> GetStatsAsync(int windowSeconds, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(FleetStatsMerge.Merge([_stats.Read(windowSeconds, Now)]));
    }

    private IEnumerable<DrainPlan> Running => _plans.Values.Where(static plan => plan.State == DrainState.Running);

    private NodeInfo Complete(NodeInfo node, DateTimeOffset now)
    {
        var isOrdered = PlanOf(node.Id)?.OrderFor(node.Id, node.Incarnation, now) is not null;
        return node with
        {
            DesiredState = isOrdered ? NodeState.Drained : NodeState.Serving,
            DrainId = EnrolledIn(node.Id),
            Leases = [.. LeasesOf(node)],
        };
    }

    // A process that has left is remembered for a while, so that what it sent before and comes late does not bring it
    // back.
    private void DropTrackers(DateTimeOffset now)
    {
        foreach (var (node, tracker) in _trackers)
        {
            if (tracker.HasLeft && now - tracker.LastReportAt >= _timings.NodeTimeout)
                _trackers.Remove(node);
        }
    }

    private void OnForgotten(string node, DateTimeOffset now)
    {
        _trackers.Remove(node);
        if (!IsHeldUp)
            PlanOf(node)?.ObserveGone(node, now);
    }

    private void OnGone(string node, DateTimeOffset now)
    {
        _limitTable.Forget(node);
        _stats.Close(node, now);
    }
}
