using Relay.Fleet.Contract;

namespace Relay.Fleet.Drains;

/// <content>How an operation begins, and how it looks to operators.</content>
public sealed partial class DrainPlan
{
    /// <summary>Makes an operation of what is asked for, or says what is wrong with it.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="fleet">The fleet's nodes.</param>
    /// <param name="enrolledIn">
    /// The operation that a node takes part in (<see cref="DrainSlots.DrainOf"/>): it cannot be in two.
    /// </param>
    /// <param name="now">The coordinator's clock.</param>
    public static FleetResult<DrainPlanState> Create(
        DrainRequest request, IEnumerable<NodeInfo> fleet, Func<string, string?> enrolledIn, DateTimeOffset now)
    {
        if (request.Faults().FirstOrDefault() is (not null and var field, var detail))
            return FleetResult.Invalid<DrainPlanState>(field, detail);
        var chosen = request.Nodes is { } names
            ? Named(names, fleet, enrolledIn)
            : Selected(request.Selector!, fleet, enrolledIn);
        if (!chosen.IsOk)
            return chosen.As<DrainPlanState>();
        return FleetResult.Ok(new DrainPlanState
        {
            Id = request.Id,
            State = DrainState.Running,
            CreatedAt = now,
            Mode = request.Mode,
            DeadlineSeconds = request.DeadlineSeconds,
            Reason = request.Reason,
            MaxConcurrent = request.MaxConcurrent,
            OnLostNode = request.OnLostNode,
            Fingerprint = request.Fingerprint,
            Nodes = [.. chosen.Value!.Select(node => new DrainNodeState { Node = node })],
        });
    }

    /// <summary>The refusal of a request under the id of an operation that was begun by another.</summary>
    public static FleetResult<T> Reused<T>(string id) =>
        FleetResult.Reused<T>($"drain {id} was begun by another request");

    /// <summary>The operation and how it goes.</summary>
    public DrainInfo ToInfo() => new()
    {
        Id = Id,
        State = State,
        CreatedAt = _state.CreatedAt,
        EndedAt = EndedAt,
        Mode = _state.Mode,
        DeadlineSeconds = _state.DeadlineSeconds,
        Reason = _state.Reason,
        MaxConcurrent = _state.MaxConcurrent,
        OnLostNode = _state.OnLostNode,
        Holdup = _nodes.Exists(node => node.Step == DrainStep.Waiting) ? Holdup : null,
        Nodes = [.. _nodes.Select(ToInfo)],
        Waiting = _nodes.Count(node => node.Step == DrainStep.Waiting),
        Draining = _nodes.Count(node => node.Step is DrainStep.Lame or DrainStep.Draining),
        Drained = _nodes.Count(node => node.Step is DrainStep.Drained or DrainStep.Returned),
        TunnelsLeft = _nodes.SaturatingSum(node =>
            node.Step is DrainStep.Lame or DrainStep.Draining ? node.Progress?.TunnelsLeft ?? node.TunnelsOpen : 0),
        Finished = _nodes.SaturatingSum(node => node.Progress?.Finished ?? 0),
        ForceClosed = _nodes.SaturatingSum(node => node.Progress?.ForceClosed ?? 0),
        Lost = _nodes.SaturatingSum(node => node.Lost),
    };

    private static DrainNodeInfo ToInfo(DrainNodeState node) => new()
    {
        Node = node.Node,
        Step = node.Step,
        StartedAt = node.StartedAt,
        DeadlineAt = node.DeadlineAt,
        EndedAt = node.EndedAt,
        Progress = node.Progress,
    };

    private static FleetResult<IReadOnlyList<string>> Named(
        IReadOnlyList<string> names, IEnumerable<NodeInfo> fleet, Func<string, string?> enrolledIn)
    {
        var known = fleet.Select(node => node.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (!known.Contains(name))
                return FleetResult.NotFound<IReadOnlyList<string>>($"there is no node {name}");
            if (enrolledIn(name) is { } other)
                return FleetResult.Conflict<IReadOnlyList<string>>(
                    $"{name} takes part in drain {other}: undrain it first");
        }
        return FleetResult.Ok(names);
    }

    // A silent node has no tunnels that could be drained; one that is in another drain already goes as that one says.
    private static FleetResult<IReadOnlyList<string>> Selected(
        NodeSelector selector, IEnumerable<NodeInfo> fleet, Func<string, string?> enrolledIn)
    {
        string[] fitting = [.. fleet.Where(selector.Matches).Where(node => node.State != NodeState.Silent)
            .Select(node => node.Id).Order(StringComparer.Ordinal)];
        if (fitting.Length == 0)
            return FleetResult.Invalid<IReadOnlyList<string>>("selector", "it chooses no node that is heard of");
        string[] free = [.. fitting.Where(node => enrolledIn(node) is null)];
        return free.Length == 0
            ? FleetResult.Conflict<IReadOnlyList<string>>(
                $"every node that it chooses takes part in a drain: {fitting[0]} in {enrolledIn(fitting[0])}")
            : FleetResult.Ok<IReadOnlyList<string>>(free);
    }
}
