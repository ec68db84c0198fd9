using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Events;
using Relay.Fleet.Leases;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;
using Relay.Fleet.Stats;

namespace Relay.Fleet.Local;

/// <summary>
/// The fleet in one process and in memory: the same rules as the grains', without high availability and without state
/// across a restart. Everything happens under one lock; time passes with <see cref="Tick"/>.
/// </summary>
public sealed partial class LocalFleet : IFleet
{
    private static readonly FleetWarning NoPersistence = new(
        "no-persistence",
        "this fleet is coordinated in the memory of one process: its pools, limits and drains end with it");

    private readonly Lock _gate = new();
    private readonly LocalFleetConfig _config;
    private readonly FleetTimings _timings;
    private readonly TimeProvider _time;
    private readonly ClockSteps _steps;
    private readonly Random _random;
    private readonly NodeRegistry _registry;
    private readonly Dictionary<string, NodeTracker> _trackers = new(StringComparer.Ordinal);
    private readonly StatsWindow _stats;
    private readonly EventLog _log;
    private readonly string _generation;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A fleet without nodes.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="pools">The pools that are defined from the start.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chooses where pools begin, and names this run of the log.</param>
    /// <exception cref="FormatException">A pool cannot be; the message says which and why.</exception>
    public LocalFleet(LocalFleetConfig config, IReadOnlyList<PrefixPool> pools, TimeProvider time, Random random)
    {
        (_config, _timings, _time, _random) = (config, config.Timings, time, random);
        _steps = new ClockSteps(time, _timings);
        var startedAt = _recoversFrom = Now;
        _registry = new NodeRegistry(_timings, startedAt);
        _slots = new DrainSlots(_timings);
        _limitTable = new LimitTable(_timings);
        _stats = new StatsWindow(startedAt);
        _generation = random.NextInt64().ToString("x", null);
        _log = new EventLog(_generation);
        foreach (var pool in pools)
        {
            if (_allocators.ContainsKey(pool.Name))
                throw new FormatException($"pool {pool.Name} is there twice");
            if (Put(pool, expectedVersion: null, startedAt) is { IsOk: false, Detail: var detail })
                throw new FormatException($"pool {pool.Name}: {detail}");
        }
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
            var tick = _registry.Tick(now);
            foreach (var node in tick.Silent)
            {
                if (_trackers.TryGetValue(node.Id, out var tracker))
                    tracker.OnSilent();
                OnGone(node.Id, now);
                PlanOf(node.Id)?.Observe(node, now);
            }
            foreach (var node in tick.Forgotten)
            {
                _trackers.Remove(node.Id);
                PlanOf(node.Id)?.ObserveGone(node.Id, now);
            }
            Tell(NodeRegistry.EventsOf(tick, now));
            DropTrackers(now);
            ExpireLeases(now);
            SettleDrains(now);
            Tell([new FleetEvent
            {
                Id = "",
                At = now,
                Kind = FleetEventKind.Rate,
                Text = "what the fleet carries",
                Rate = new StatsPoint(now, _registry.Rates, _registry.Load),
            }]);
        }
    }

    /// <inheritdoc/>
    public ValueTask CheckAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<FleetOverview> GetOverviewAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(new FleetOverview
            {
                Coordination = "local",
                ClusterId = _config.ClusterId,
                Generation = _generation,
                Nodes = _registry.CountByState,
                Load = _registry.Load,
                Rates = _registry.Rates,
                DrainsRunning = _plans.Values.Count(plan => plan.State == DrainState.Running),
                Warnings = [NoPersistence, .. FleetWarnings.Of(
                    _registry.Nodes, PoolInfos,
                    _registry.Nodes.SelectMany(LeasesOf))],
            });
        }
    }

    /// <inheritdoc/>
    public ValueTask<Page<NodeInfo>> ListNodesAsync(int limit, string? cursor, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var page = _registry.List(Math.Clamp(limit, 1, 1000), cursor);
            return ValueTask.FromResult(page with { Items = [.. page.Items.Select(Complete)] });
        }
    }

    /// <inheritdoc/>
    public ValueTask<NodeInfo?> GetNodeAsync(string node, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(_registry.Find(node) is { } info ? Complete(info) : null);
    }

    /// <inheritdoc/>
    public ValueTask<FleetStats> GetStatsAsync(int windowSeconds, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(FleetStatsMerge.Merge([_stats.Read(windowSeconds, Now)]));
    }

    private NodeInfo Complete(NodeInfo node)
    {
        var isOrdered = PlanOf(node.Id)?.OrderFor(node.Id, node.Incarnation, Now) is not null;
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

    private void OnGone(string node, DateTimeOffset now)
    {
        _limitTable.Forget(node);
        _stats.Close(node, now);
    }
}
