using Relay.Fleet.Contract;
using Relay.Fleet.Drains;

namespace Relay.Fleet.Local;

/// <content>Drains.</content>
public sealed partial class LocalFleet
{
    private const int MaxDrains = 1000;

    private readonly DrainSlots slots;
    private readonly Dictionary<string, DrainPlan> plans = new(StringComparer.Ordinal);
    private readonly List<string> newestFirst = [];
    private readonly Dictionary<string, string> lastPlanOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> toldOf = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<FleetResult<DrainInfo>> StartDrainAsync(DrainRequest request, CancellationToken cancellation)
    {
        lock (gate)
            return ValueTask.FromResult(Start(request, Now));
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<DrainInfo?>> UndrainAsync(string node, CancellationToken cancellation)
    {
        lock (gate)
        {
            var now = Now;
            var plan = PlanOf(node);
            if (plan?.Undrain(node, now) == true)
            {
                SettleDrains(now);
                return ValueTask.FromResult(FleetResult.Ok<DrainInfo?>(plan.ToInfo()));
            }
            return ValueTask.FromResult(registry.Find(node) is null
                ? FleetResult.NotFound<DrainInfo?>($"there is no node {node}")
                : FleetResult.Ok<DrainInfo?>(null));
        }
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<DrainInfo>> CancelDrainAsync(string drain, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (!plans.TryGetValue(drain, out var plan))
                return ValueTask.FromResult(FleetResult.NotFound<DrainInfo>($"there is no drain {drain}"));
            var now = Now;
            if (!plan.Cancel(now))
                return ValueTask.FromResult(FleetResult.Conflict<DrainInfo>(
                    $"drain {drain} has ended: its nodes serve again when each is undrained or restarted"));
            SettleDrains(now);
            return ValueTask.FromResult(FleetResult.Ok(plan.ToInfo()));
        }
    }

    /// <inheritdoc/>
    public ValueTask<DrainInfo?> GetDrainAsync(string drain, CancellationToken cancellation)
    {
        lock (gate)
            return ValueTask.FromResult(plans.GetValueOrDefault(drain)?.ToInfo());
    }

    /// <inheritdoc/>
    public ValueTask<Page<DrainInfo>> ListDrainsAsync(int limit, string? cursor, CancellationToken cancellation)
    {
        lock (gate)
        {
            limit = Math.Clamp(limit, 1, 1000);
            var from = cursor is null ? 0 : newestFirst.IndexOf(cursor) + 1;
            var rest = cursor is not null && from == 0 ? [] : newestFirst.Skip(from).Take(limit + 1).ToArray();
            return ValueTask.FromResult(new Page<DrainInfo>(
                [.. rest.Take(limit).Select(drain => plans[drain].ToInfo())], rest.Length > limit
                    ? rest[limit - 1]
                    : null));
        }
    }

    private FleetResult<DrainInfo> Start(DrainRequest request, DateTimeOffset now)
    {
        if (plans.TryGetValue(request.Id, out var old))
            return FleetResult.Ok(old.ToInfo());
        var created = DrainPlan.Create(request, registry.Nodes, EnrolledIn, now);
        if (created.Value is not { } state)
            return new FleetResult<DrainInfo>(created.Status, null, created.Detail, created.Field);
        if (!MakeRoom())
            return FleetResult.Conflict<DrainInfo>($"{MaxDrains} drains are not over yet");
        var plan = new DrainPlan(state, timings);
        slots.Enrol(plan.Id, plan.Waiting, now);
        plans.Add(plan.Id, plan);
        newestFirst.Insert(0, plan.Id);
        toldOf[plan.Id] = -1;
        foreach (var node in plan.Waiting)
            lastPlanOf[node] = plan.Id;
        SettleDrains(now);
        return FleetResult.Ok(plan.ToInfo());
    }

    private DrainPlan? PlanOf(string node) =>
        lastPlanOf.TryGetValue(node, out var drain) ? plans.GetValueOrDefault(drain) : null;

    private string? EnrolledIn(string node) =>
        PlanOf(node) is { } plan && plan.Has(node) ? plan.Id : slots.DrainOf(node);

    // Frees the places of who serves again, lets whose turn it is begin, and tells what has changed.
    private void SettleDrains(DateTimeOffset now)
    {
        foreach (var freed in slots.Observe(registry, now))
        {
            if (registry.Find(freed.Node) is null)
                plans.GetValueOrDefault(freed.Drain)?.ObserveGone(freed.Node, now);
        }
        foreach (var plan in newestFirst.AsEnumerable().Reverse().Select(drain => plans[drain]).Where(IsOpen).ToArray())
        {
            Advance(plan, now);
            slots.Keep(plan.Id, plan.Waiting.Concat(plan.Ordered), now);
            if (toldOf[plan.Id] != plan.Revision)
                Tell([plan.ToEvent(now)]);
            toldOf[plan.Id] = plan.Revision;
        }
    }

    private bool IsOpen(DrainPlan plan) => plan.IsActive || toldOf[plan.Id] != plan.Revision;

    private void Advance(DrainPlan plan, DateTimeOffset now)
    {
        plan.Holdup = null;
        foreach (var name in plan.Waiting)
        {
            var node = registry.Find(name);
            if (node is null)
            {
                plan.ObserveGone(name, now);
                continue;
            }
            if (node.State != NodeState.Silent
                && slots.Take(
                    plan.Id, node, plan.MaxConcurrent, registry, now) is { IsTaken: false, Holdup: var holdup })
            {
                plan.Holdup = holdup;
                return;
            }
            plan.Start(node, now);
        }
    }

    private bool MakeRoom()
    {
        if (plans.Count < MaxDrains)
            return true;
        var oldest = newestFirst.FindLastIndex(drain => !IsOpen(plans[drain]));
        if (oldest < 0)
            return false;
        var dropped = newestFirst[oldest];
        newestFirst.RemoveAt(oldest);
        plans.Remove(dropped);
        toldOf.Remove(dropped);
        foreach (var node in lastPlanOf.Where(last => last.Value == dropped).Select(last => last.Key).ToArray())
            lastPlanOf.Remove(node);
        return true;
    }
}
