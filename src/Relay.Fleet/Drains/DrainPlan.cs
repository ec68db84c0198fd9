using Relay.Fleet.Contract;

namespace Relay.Fleet.Drains;

/// <summary>
/// One drain operation: whose turn it is, what each node is ordered, what came of it. A drain is of a process: a node
/// whose process began anew is not drained any more. Knows nothing of other operations: <see cref="DrainSlots"/> says
/// whether a turn may come.
/// </summary>
/// <remarks>
/// The order of storing that survives a crash at any point: the operation (<see cref="ToState"/>), its nodes'
/// enrolment, a slot, the started node, and only then the order goes out. Undoing goes the other way: the operation
/// without the node, no order any more, the slot given back (<see cref="DrainSlots.Keep"/>).
/// </remarks>
public sealed partial class DrainPlan
{
    private readonly DrainPlanState _state;
    private readonly FleetTimings _timings;
    private readonly List<DrainNodeState> _nodes;
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _overdue = new(StringComparer.Ordinal);
    private HashSet<string> _reordered = new(StringComparer.Ordinal);
    private int _open;

    /// <summary>How many operations a fleet keeps.</summary>
    public const int MaxDrains = 1000;

    /// <summary>How long a node may report that it still drains, after its deadline, before it is given up.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Goes on from a state.</summary>
    public DrainPlan(DrainPlanState state, FleetTimings timings)
    {
        _state = state;
        _timings = timings;
        State = state.State;
        EndedAt = state.EndedAt;
        _nodes = [.. state.Nodes];
        for (var i = 0; i < _nodes.Count; i++)
            _index.Add(_nodes[i].Node, i);
        _open = _nodes.Count(IsOpen);
    }

    /// <summary>Its id.</summary>
    public string Id => _state.Id;

    /// <summary>Where it is.</summary>
    public DrainState State { get; private set; }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>When it began, or a node's turn came last, or one was drained or lost last: what is stored of it.</summary>
    public DateTimeOffset MovedAt => _nodes.SelectMany(static node => (DateTimeOffset?[])[node.StartedAt, node.EndedAt])
        .Append(_state.CreatedAt).Max()!.Value;

    /// <summary>How many nodes may be out of service at a time.</summary>
    public DrainBudget MaxConcurrent => _state.MaxConcurrent;

    /// <summary>What happens to the slot of a node that is lost in its turn.</summary>
    public OnLostNode OnLostNode => _state.OnLostNode;

    /// <summary><see cref="DrainRequest.Fingerprint"/> of what it was begun by.</summary>
    public string? Fingerprint => _state.Fingerprint;

    /// <summary>
    /// Some node waits, drains, or is drained and has not returned: what is heard of its nodes still matters.
    /// </summary>
    public bool IsActive => _nodes.Exists(TakesPart);

    /// <summary>
    /// Rises with every change that has to be stored before it is acted on. How many tunnels are left is no such
    /// change: the next report says it again.
    /// </summary>
    public long Revision { get; private set; }

    /// <summary>Rises with every step of a node.</summary>
    public long Moves { get; private set; }

    /// <summary>Why the next turn does not come; one sentence, not stored.</summary>
    public string? Holdup { get; set; }

    /// <summary>All its nodes, in the order of their turns.</summary>
    public IReadOnlyList<string> Nodes => Names(static _ => true);

    /// <summary>The nodes that wait, in the order of their turns.</summary>
    public IReadOnlyList<string> Waiting => Names(node => node.Step == DrainStep.Waiting);

    /// <summary>The nodes that are ordered to drain, or are drained and stay so.</summary>
    public IReadOnlyList<string> Ordered => Names(IsOrdered);

    /// <summary>The nodes whose turn has come, whatever became of them since.</summary>
    public IReadOnlyList<string> Started => Names(static node => node.StartedAt is not null);

    /// <summary>Whether a node takes part still: it waits, or is ordered.</summary>
    public bool Has(string node) => Find(node) is { } entry && TakesPart(entry);

    /// <summary><see cref="IsActive"/> of what is stored.</summary>
    public static bool IsActiveIn(DrainPlanState state) => state.Nodes.Any(TakesPart);

    /// <summary><see cref="Has"/> of what is stored.</summary>
    public static bool TakesPart(DrainNodeState node) => node.Step == DrainStep.Waiting || IsOrdered(node);

    /// <summary>
    /// A waiting node's turn has come, and a slot was taken for it. A silent one is lost at once, and needs no slot.
    /// </summary>
    public void Start(NodeInfo node, DateTimeOffset now)
    {
        if (Find(node.Id) is not { Step: DrainStep.Waiting } entry)
            return;
        if (node.State == NodeState.Silent)
        {
            Lose(entry, now);
            return;
        }
        var lameUntil = now + (_state.Mode == DrainMode.Gradual ? _timings.LameTime : TimeSpan.Zero);
        Step(entry with
        {
            Step = DrainStep.Lame,
            Incarnation = node.Incarnation,
            StartedAt = now,
            LameUntil = lameUntil,
            DeadlineAt = lameUntil + TimeSpan.FromSeconds(_state.DeadlineSeconds),
            TunnelsOpen = node.Load.TcpTunnels + node.Load.UdpTunnels,
        });
    }

    /// <summary>A node is as told: reporting, or silent.</summary>
    public void Observe(NodeInfo node, DateTimeOffset now)
    {
        if (Find(node.Id) is not { } entry || !IsOrdered(entry))
            return;
        if (entry.Step == DrainStep.Drained)
        {
            if (node.Incarnation != entry.Incarnation && node.State == NodeState.Serving)
                Step(entry with { Step = DrainStep.Returned, EndedAt = now });
            return;
        }
        if (node.State == NodeState.Silent || node.Incarnation != entry.Incarnation)
        {
            Lose(entry, now);
            return;
        }
        entry = Progress(entry, node);
        if (node.Drain?.Id == Id && StepOf(node.State) is { } step && step != entry.Step)
            Step(entry with { Step = step, EndedAt = step == DrainStep.Drained ? now : null }, now);
        else if (IsOverdue(entry, now))
            Lose(entry, now);
    }

    /// <summary>A node left in order, and this is what its last report said.</summary>
    public void ObserveLeft(NodeInfo node, DateTimeOffset now)
    {
        if (Find(node.Id) is not { Step: DrainStep.Lame or DrainStep.Draining } entry)
            return;
        entry = node.Incarnation == entry.Incarnation ? Progress(entry, node) : entry;
        if (node.Incarnation == entry.Incarnation && entry.TunnelsOpen == 0)
            Step(entry with { Step = DrainStep.Drained, EndedAt = now }, now);
        else
            Lose(entry, now);
    }

    /// <summary>A node is not known to the fleet any more, and is not waited for.</summary>
    public void ObserveGone(string node, DateTimeOffset now)
    {
        if (Find(node) is not { } entry)
            return;
        if (entry.Step is DrainStep.Waiting or DrainStep.Lame or DrainStep.Draining)
            Lose(entry, now);
        else if (entry.Step == DrainStep.Drained && !entry.IsGone)
            Step(entry with { IsGone = true });
    }

    /// <summary>What a process of a node is ordered; null to serve.</summary>
    public DrainOrder? OrderFor(string node, Guid incarnation, DateTimeOffset now) =>
        Find(node) is { } entry && IsOrdered(entry) && entry.Incarnation == incarnation
            ? new DrainOrder(
                Id, _state.Mode, Milliseconds(entry.LameUntil - now), Milliseconds(entry.DeadlineAt - now), _state.Reason)
            : null;

    /// <summary>
    /// The nodes that are ordered something else than when this was asked last. How far one is in carrying out its order is its own
    /// news, and none to it.
    /// </summary>
    public IReadOnlyCollection<string> TakeReordered()
    {
        if (_reordered.Count == 0)
            return [];
        var taken = _reordered;
        _reordered = new(StringComparer.Ordinal);
        return taken;
    }

    /// <summary>Takes a node out.</summary>
    /// <returns>Whether it was in: waiting, draining or drained.</returns>
    public bool Undrain(string node, DateTimeOffset now)
    {
        if (Find(node) is not { } entry || !TakesPart(entry))
            return false;
        Step(Undrained(entry, now), now);
        return true;
    }

    /// <summary>
    /// Ends the operation: those that wait are left alone, those that drain or are drained serve again.
    /// </summary>
    /// <returns>Whether it ran, or was cancelled already; one that was completed stays so.</returns>
    public bool Cancel(DateTimeOffset now)
    {
        if (State != DrainState.Running)
            return State == DrainState.Cancelled;
        State = DrainState.Cancelled;
        EndedAt = now;
        Revision++;
        foreach (var entry in _nodes.Where(TakesPart).ToArray())
            Step(Undrained(entry, now), now);
        return true;
    }

    /// <summary>The coordinators' clock was set: deadlines that nodes are on their way to move with it.</summary>
    /// <param name="by">By how much, back where negative.</param>
    public void OnClockStep(TimeSpan by)
    {
        foreach (var entry in _nodes.Where(static node => node.Step is DrainStep.Lame or DrainStep.Draining).ToArray())
            Step(entry with { LameUntil = entry.LameUntil + by, DeadlineAt = entry.DeadlineAt + by });
        foreach (var node in _overdue.Keys.ToArray())
            _overdue[node] += by;
    }

    /// <summary>What has to be stored.</summary>
    public DrainPlanState ToState() => _state with { State = State, EndedAt = EndedAt, Nodes = [.. _nodes] };

    private static DrainNodeState Undrained(DrainNodeState entry, DateTimeOffset now) => entry with
    {
        Step = entry.Step == DrainStep.Drained ? DrainStep.Returned : DrainStep.Undrained,
        EndedAt = now,
    };

    private DrainNodeState? Find(string node) => _index.TryGetValue(node, out var i) ? _nodes[i] : null;

    private static bool IsOrdered(DrainNodeState node) =>
        node.Step is DrainStep.Lame or DrainStep.Draining || (node.Step == DrainStep.Drained && !node.IsGone);

    private static DrainStep? StepOf(NodeState state) => state switch
    {
        NodeState.Draining => DrainStep.Draining,
        NodeState.Drained => DrainStep.Drained,
        _ => null,
    };

    private DrainNodeState Progress(DrainNodeState entry, NodeInfo node)
    {
        var progress = node.Drain?.Id == Id ? node.Drain : entry.Progress;
        return _nodes[_index[entry.Node]] = entry with
        {
            Progress = progress,
            TunnelsOpen = node.Load.TcpTunnels + node.Load.UdpTunnels,
        };
    }

    private bool IsOverdue(DrainNodeState entry, DateTimeOffset now)
    {
        if (entry.DeadlineAt > now)
            return false;
        // Counted from the first report after the deadline: a coordinator that was away blames no node for it.
        _overdue.TryAdd(entry.Node, now);
        return now - _overdue[entry.Node] >= Patience;
    }

    private void Lose(DrainNodeState entry, DateTimeOffset now) => Step(
        entry with { Step = DrainStep.Lost, EndedAt = now, Lost = entry.Progress?.TunnelsLeft ?? entry.TunnelsOpen },
        now);

    private void Step(DrainNodeState entry, DateTimeOffset? now = null)
    {
        var index = _index[entry.Node];
        var before = _nodes[index];
        _open += (IsOpen(entry) ? 1 : 0) - (IsOpen(before) ? 1 : 0);
        if (before.Step != entry.Step)
        {
            Moves++;
            if (IsOrdered(before) != IsOrdered(entry))
                _reordered.Add(entry.Node);
        }
        _nodes[index] = entry;
        Revision++;
        if (now is null || State != DrainState.Running || _open > 0)
            return;
        State = DrainState.Completed;
        EndedAt = now;
    }

    private static bool IsOpen(DrainNodeState node) => node.Step is DrainStep.Waiting or DrainStep.Lame or DrainStep.Draining;

    private string[] Names(Func<DrainNodeState, bool> which) => [.. _nodes.Where(which).Select(node => node.Node)];

    private static long Milliseconds(TimeSpan? time) =>
        Math.Max(0, (long)Math.Ceiling((time ?? TimeSpan.Zero).TotalMilliseconds));
}
