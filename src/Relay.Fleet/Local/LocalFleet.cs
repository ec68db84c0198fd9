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

    private readonly Lock gate = new();
    private readonly LocalFleetConfig config;
    private readonly FleetTimings timings;
    private readonly TimeProvider time;
    private readonly ClockSteps steps;
    private readonly Random random;
    private readonly NodeRegistry registry;
    private readonly Dictionary<string, NodeTracker> trackers = new(StringComparer.Ordinal);
    private readonly StatsWindow stats;
    private readonly EventLog log;
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A fleet without nodes.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="pools">The pools that are defined from the start.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chooses where pools begin, and names this run of the log.</param>
    /// <exception cref="FormatException">A pool cannot be; the message says which and why.</exception>
    public LocalFleet(LocalFleetConfig config, IReadOnlyList<PrefixPool> pools, TimeProvider time, Random random)
    {
        (this.config, timings, this.time, this.random) = (config, config.Timings, time, random);
        steps = new ClockSteps(time, timings);
        var startedAt = recoversFrom = Now;
        registry = new NodeRegistry(timings, startedAt);
        slots = new DrainSlots(timings);
        limitTable = new LimitTable(timings);
        stats = new StatsWindow(startedAt);
        log = new EventLog(random.NextInt64().ToString("x", null));
        foreach (var pool in pools)
        {
            if (allocators.ContainsKey(pool.Name))
                throw new FormatException($"pool {pool.Name} is there twice");
            if (Put(pool, expectedVersion: null, startedAt) is { IsOk: false, Detail: var detail })
                throw new FormatException($"pool {pool.Name}: {detail}");
        }
    }

    private DateTimeOffset Now
    {
        get
        {
            var now = steps.Read(out var stepped);
            if (stepped)
                OnClockStep(now);
            return now;
        }
    }

    /// <summary>Lets time do its part: silence, leases, deadlines; to be called about once a second.</summary>
    public void Tick()
    {
        lock (gate)
        {
            var now = Now;
            var tick = registry.Tick(now);
            foreach (var node in tick.Silent)
            {
                if (trackers.TryGetValue(node.Id, out var tracker))
                    tracker.OnSilent();
                OnGone(node.Id, now);
                PlanOf(node.Id)?.Observe(node, now);
            }
            foreach (var node in tick.Forgotten)
            {
                trackers.Remove(node.Id);
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
                Rate = new StatsPoint(now, registry.Rates, registry.Load),
            }]);
        }
    }

    /// <inheritdoc/>
    public ValueTask CheckAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<FleetOverview> GetOverviewAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            return ValueTask.FromResult(new FleetOverview
            {
                Coordination = "local",
                ClusterId = config.ClusterId,
                Nodes = registry.CountByState,
                Load = registry.Load,
                Rates = registry.Rates,
                DrainsRunning = plans.Values.Count(plan => plan.State == DrainState.Running),
                Warnings = [NoPersistence, .. FleetWarnings.Of(
                    registry.Nodes, allocators.Values.Select(pool => pool.ToInfo()),
                    registry.Nodes.SelectMany(LeasesOf))],
            });
        }
    }

    /// <inheritdoc/>
    public ValueTask<Page<NodeInfo>> ListNodesAsync(int limit, string? cursor, CancellationToken cancellation)
    {
        lock (gate)
        {
            var page = registry.List(Math.Clamp(limit, 1, 1000), cursor);
            return ValueTask.FromResult(page with { Items = [.. page.Items.Select(Complete)] });
        }
    }

    /// <inheritdoc/>
    public ValueTask<NodeInfo?> GetNodeAsync(string node, CancellationToken cancellation)
    {
        lock (gate)
            return ValueTask.FromResult(registry.Find(node) is { } info ? Complete(info) : null);
    }

    /// <inheritdoc/>
    public ValueTask<FleetStats> GetStatsAsync(int windowSeconds, CancellationToken cancellation)
    {
        lock (gate)
            return ValueTask.FromResult(FleetStatsMerge.Merge([stats.Read(windowSeconds, Now)]));
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
        foreach (var (node, tracker) in trackers)
        {
            if (tracker.HasLeft && now - tracker.LastReportAt >= timings.NodeTimeout)
                trackers.Remove(node);
        }
    }

    private void OnGone(string node, DateTimeOffset now)
    {
        limitTable.Forget(node);
        stats.Close(node, now);
    }
}
