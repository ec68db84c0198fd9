using Relay.Fleet.Contract;
using Relay.Fleet.Drains;

namespace Relay.Fleet.Local;

/// <content>Drains.</content>
public sealed partial class LocalFleet
{
    private DrainSlots _slots;
    private readonly Dictionary<string, DrainPlan> _plans = new(StringComparer.Ordinal);
    private readonly List<string> _newestFirst = [];
    private readonly Dictionary<string, string> _lastPlanOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _toldOf = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<FleetResult<DrainInfo>> StartDrainAsync(DrainRequest request, CancellationToken cancellation) =>
        ChangeAsync(now => Start(request, now));

    /// <inheritdoc/>
    public ValueTask<FleetResult<DrainInfo?>> UndrainAsync(string node, CancellationToken cancellation) =>
        ChangeAsync(now =>
        {
            var plan = PlanOf(node);
            if (plan?.Undrain(node, now) == true)
            {
                SettleDrains(now);
                return FleetResult.Ok<DrainInfo?>(plan.ToInfo());
            }
            return _registry.Find(node) is null
                ? FleetResult.NotFound<DrainInfo?>($"there is no node {node}")
                : FleetResult.Ok<DrainInfo?>(null);
        });

    /// <inheritdoc/>
    public ValueTask<FleetResult<DrainInfo>> CancelDrainAsync(string drain, CancellationToken cancellation) =>
        ChangeAsync(now =>
        {
            if (!_plans.TryGetValue(drain, out var plan))
                return FleetResult.NotFound<DrainInfo>($"there is no drain {drain}");
            if (!plan.Cancel(now))
                return FleetResult.Conflict<DrainInfo>(
                    $"drain {drain} has ended: its nodes serve again when each is undrained or restarted");
            SettleDrains(now);
            return FleetResult.Ok(plan.ToInfo());
        });

    /// <inheritdoc/>
    public ValueTask<DrainInfo?> GetDrainAsync(string drain, CancellationToken cancellation) =>
        ReadAsync(_ => _plans.GetValueOrDefault(drain)?.ToInfo());

    /// <inheritdoc/>
    public ValueTask<Page<DrainInfo>> ListDrainsAsync(int limit, string? cursor, CancellationToken cancellation) =>
        ReadAsync(_ =>
        {
            limit = Math.Clamp(limit, 1, 1000);
            var from = cursor is null ? 0 : _newestFirst.IndexOf(cursor) + 1;
            var rest = cursor is not null && from == 0 ? [] : _newestFirst.Skip(from).Take(limit + 1).ToArray();
            return new Page<DrainInfo>(
                [.. rest.Take(limit).Select(drain => _plans[drain].ToInfo())], rest.Length > limit
                    ? rest[limit - 1]
                    : null);
        });

    private FleetResult<DrainInfo> Start(DrainRequest request, DateTimeOffset now)
    {
        if (_plans.TryGetValue(request.Id, out var old))
            return request.MayRepeat(old.Fingerprint)
                ? FleetResult.Ok(old.ToInfo()) : DrainPlan.Reused<DrainInfo>(old.Id);
        var created = DrainPlan.Create(request, _registry.Nodes, EnrolledIn, now);
        if (created.Value is not { } state)
            return created.As<DrainInfo>();
        if (!MakeRoom())
            return FleetResult.Conflict<DrainInfo>($"{DrainPlan.MaxDrains} drains are not over yet");
        var plan = new DrainPlan(state, _timings);
        _slots.Enrol(plan.Id, plan.Waiting, now);
        Add(plan);
        _toldOf[plan.Id] = -1;
        SettleDrains(now);
        return FleetResult.Ok(plan.ToInfo());
    }

    private void Add(DrainPlan plan, bool isOldest = false)
    {
        _plans.Add(plan.Id, plan);
        _newestFirst.Insert(isOldest ? _newestFirst.Count : 0, plan.Id);
        _toldOf[plan.Id] = plan.Revision;
        foreach (var node in plan.Nodes)
        {
            // The one that it takes part in, however old.
            if (plan.Has(node) || PlanOf(node)?.Has(node) != true)
                _lastPlanOf[node] = plan.Id;
        }
    }

    private DrainPlan? PlanOf(string node) =>
        _lastPlanOf.TryGetValue(node, out var drain) ? _plans.GetValueOrDefault(drain) : null;

    private string? EnrolledIn(string node) =>
        PlanOf(node) is { } plan && plan.Has(node) ? plan.Id : _slots.DrainOf(node);

    // Frees the places of who serves again, lets whose turn it is begin, and tells what has changed.
    private void SettleDrains(DateTimeOffset now)
    {
        foreach (var freed in _slots.Observe(_registry, now))
        {
            if (_registry.Find(freed.Node) is null)
                _plans.GetValueOrDefault(freed.Drain)?.ObserveGone(freed.Node, now);
        }
        foreach (var plan in _newestFirst.AsEnumerable().Reverse().Select(drain => _plans[drain]).Where(IsOpen).ToArray())
        {
            Advance(plan, now);
            _slots.Keep(plan.Id, plan.Waiting.Concat(plan.Ordered), now);
            if (_toldOf[plan.Id] != plan.Revision)
                Tell([plan.ToEvent(now)]);
            _toldOf[plan.Id] = plan.Revision;
        }
    }

    private bool IsOpen(DrainPlan plan) => plan.IsActive || _toldOf[plan.Id] != plan.Revision;

    private void Advance(DrainPlan plan, DateTimeOffset now)
    {
        plan.Holdup = null;
        foreach (var name in plan.Waiting)
        {
            var node = _registry.Find(name);
            if (node is null)
            {
                plan.ObserveGone(name, now);
                continue;
            }
            if (node.State != NodeState.Silent
                && _slots.Reserve(
                    plan.Id, node, plan.MaxConcurrent, plan.OnLostNode, _registry, now) is { IsTaken: false, Holdup: var holdup })
            {
                plan.Holdup = holdup;
                return;
            }
            plan.Start(node, now);
        }
    }

    private bool MakeRoom()
    {
        if (_plans.Count < DrainPlan.MaxDrains)
            return true;
        var oldest = _newestFirst.FindLastIndex(drain => !IsOpen(_plans[drain]));
        if (oldest < 0)
            return false;
        var dropped = _newestFirst[oldest];
        _newestFirst.RemoveAt(oldest);
        if (_plans.Remove(dropped, out var plan))
            _own += plan.Revision + 1;
        _toldOf.Remove(dropped);
        foreach (var node in _lastPlanOf.Where(last => last.Value == dropped).Select(last => last.Key).ToArray())
            _lastPlanOf.Remove(node);
        return true;
    }
}
