using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>
/// Which nodes the fleet has, from what is told of each: who is silent, who serves, what all carry. Silence is counted
/// only while this object is ticked: a coordinator that was away, or was stopped, blames no node for it.
/// </summary>
public sealed class NodeRegistry
{
    // The same, by name and in order of the names: a fleet looks up far more often than it lists.
    private readonly Dictionary<string, Entry> _nodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Entry> _order = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeState, int> _counts = [];
    private readonly FleetTimings _timings;
    private TimeSpan _awake;
    private DateTimeOffset _tickedAt;

    /// <summary>How many nodes a fleet has at most.</summary>
    public const int MaxNodes = 10_000;

    /// <summary>How many names one token that is for many nodes may have at most.</summary>
    public const int MaxNamesOfToken = 1024;

    /// <summary>How many of those may come from one source.</summary>
    public const int MaxNamesOfSource = 256;

    /// <summary>
    /// A fleet without nodes, or with those that were stored: each gets the whole timeout to be heard of.
    /// </summary>
    public NodeRegistry(FleetTimings timings, DateTimeOffset now, NodeRegistryState? state = null)
    {
        _timings = timings;
        _tickedAt = now;
        foreach (var info in state?.Nodes ?? [])
            Add(info, info.Quarantine is null ? TimeSpan.Zero : -timings.LeaseTime);
    }

    /// <summary>
    /// What nodes report may not arrive here: time does not count as anybody's silence.
    /// </summary>
    public bool IsDeaf { get; set; }

    /// <summary>The nodes by name, as each was last told of: one that has only been heard since (<see cref="TryHear"/>) may have reported later.</summary>
    public IEnumerable<NodeInfo> Nodes => _order.Values.Select(static entry => entry.Told);

    /// <summary>How many there are.</summary>
    public int Count => _nodes.Count;

    /// <summary>Rises whenever a node comes, goes, or is in another state.</summary>
    public long StateRevision { get; private set; }

    /// <summary>How many are in each state; states without a node are absent.</summary>
    public IReadOnlyDictionary<NodeState, int> CountByState => _counts.Where(static state => state.Value > 0).ToDictionary();

    /// <summary>What all that are not silent carry.</summary>
    public NodeLoad Load => NodeLoad.Sum(Carrying.Select(static node => node.Load));

    /// <summary>What all that are not silent carry a second.</summary>
    public NodeRates Rates => NodeRates.Sum(Carrying.Select(static node => node.Rates));

    /// <summary>How many nodes are not silent.</summary>
    public int HeardCount => _nodes.Count - _counts.GetValueOrDefault(NodeState.Silent);

    // In no order.
    private IEnumerable<NodeInfo> Carrying => _nodes.Values.Select(static entry => entry.Told).Where(static node => node.State != NodeState.Silent);

    /// <summary>
    /// How long ago the node was heard of that has not been for longest, of those that are not silent; null where there is none.
    /// </summary>
    public TimeSpan? LongestUnheard => _nodes.Values.Where(static entry => entry.Told.State != NodeState.Silent)
        .Select(entry => (TimeSpan?)(_awake - entry.HeardAt)).Max();

    /// <summary>The nodes that are not silent, by name.</summary>
    public IEnumerable<NodeInfo> Heard => Nodes.Where(node => node.State != NodeState.Silent);

    /// <summary>
    /// What nodes have in their configuration; of silent ones for a lease time. What is configured does not lapse with that: static
    /// prefixes belong outside of pools, and a warning says where they are not.
    /// </summary>
    public IEnumerable<(string Owner, Prefix Prefix)> StaticPrefixes => _order.Values
        .Where(entry => entry.Told.StaticPrefixes.Count > 0 && _awake - entry.HeardAt < _timings.LeaseTime)
        .SelectMany(static entry => entry.Told.StaticPrefixes.Select(prefix => (OwnerOf(entry.Told), prefix)));

    /// <summary>
    /// Whose word that of a node is: its own, or where a token is for many nodes that of who has it at the source that it reports from,
    /// whose names cost nothing.
    /// </summary>
    public string OwnerOf(string node) => Find(node) is { } info ? OwnerOf(info) : node;

    private static string OwnerOf(NodeInfo node) => node.Sender is { } sender ? $"{sender.Token} {sender.Source}" : node.Id;

    /// <summary>A node; null when there is none of that name.</summary>
    public NodeInfo? Find(string node) => _nodes.TryGetValue(node, out var entry) ? entry.Info : null;

    /// <summary>Takes what is told of a node that was heard of.</summary>
    /// <returns>What happened with it; empty when nothing did that is worth an event.</returns>
    /// <exception cref="FleetRejectedException">
    /// The fleet has as many nodes as it may have, and this is another.
    /// </exception>
    public IReadOnlyList<FleetEvent> Observe(NodeInfo info, DateTimeOffset now)
    {
        Pass(now);
        var entry = _nodes.GetValueOrDefault(info.Id);
        var before = entry?.Info;
        if (before?.Quarantine is not null)
            return [];
        if (entry is null)
        {
            Admit(info.Id, info.Sender);
            Add(info, _awake);
        }
        else
        {
            Put(entry, info);
            entry.HeardAt = _awake;
        }
        if (before?.State != info.State)
            StateRevision++;
        return Told(before, info) is { } text ? [NodeEvent(info, text, now)] : [];
    }

    /// <summary>Refuses a node that is not known, where the fleet has as many as it may have, or whoever sends for it has.</summary>
    /// <exception cref="FleetRejectedException">It is refused; the message says why.</exception>
    public void Admit(string node, ReportSender? sender)
    {
        if (_nodes.ContainsKey(node))
            return;
        if (_nodes.Count >= MaxNodes)
            throw new FleetRejectedException($"the fleet has {MaxNodes} nodes already, and takes no other");
        if (sender is null)
            return;
        var own = Nodes.Where(known => known.Sender?.Token == sender.Token).ToList();
        if (own.Count >= MaxNamesOfToken)
            throw new FleetRejectedException($"token {sender.Token} has {MaxNamesOfToken} nodes already, and takes no other");
        if (own.Count(known => known.Sender!.Source == sender.Source) >= MaxNamesOfSource)
            throw new FleetRejectedException(
                $"token {sender.Token} has {MaxNamesOfSource} nodes at {sender.Source} already, and takes no other: give each node a token of its own");
    }

    /// <summary>A node has reported, and nothing new but what it measures.</summary>
    /// <returns>Whether that is enough; not of one that is not known here, or is taken for silent: of it all is to be told.</returns>
    public bool TryHear(string node, DateTimeOffset now)
    {
        Pass(now);
        if (!_nodes.TryGetValue(node, out var entry))
            return false;
        if (entry.Told.Quarantine is not null)
            return true;
        if (entry.Told.State == NodeState.Silent)
            return false;
        entry.HeardAt = _awake;
        entry.ReportedAt = now > entry.ReportedAt ? now : entry.ReportedAt;
        return true;
    }

    /// <summary>
    /// A coordinator heard of a node and could tell nobody what it said: it is as it was, and not silent for that.
    /// </summary>
    /// <param name="node">Its name.</param>
    /// <param name="incarnation">Which process; of another one than is known here this says nothing.</param>
    /// <param name="ago">How long ago, as the coordinator counts.</param>
    /// <param name="now">The clock of this object's caller.</param>
    public void Hear(string node, Guid incarnation, TimeSpan ago, DateTimeOffset now)
    {
        Pass(now);
        var at = _awake - (ago > TimeSpan.Zero ? ago : TimeSpan.Zero);
        if (_nodes.TryGetValue(node, out var entry) && entry.Told.Incarnation == incarnation && at > entry.HeardAt && entry.Told.Quarantine is null)
            entry.HeardAt = at;
    }

    /// <summary>
    /// Takes nodes that are not known here and were known elsewhere: each is given the time that drained nodes have to return
    /// until it is silent.
    /// </summary>
    public void Add(IEnumerable<NodeInfo> nodes, DateTimeOffset now)
    {
        Pass(now);
        var heardAt = _awake + (_timings.ReturnTime > _timings.NodeTimeout ? _timings.ReturnTime - _timings.NodeTimeout : TimeSpan.Zero);
        foreach (var info in nodes)
        {
            if (_nodes.ContainsKey(info.Id))
                continue;
            Add(info, heardAt);
            StateRevision++;
        }
    }

    /// <summary>A node left in order.</summary>
    public IReadOnlyList<FleetEvent> Leave(string node, DateTimeOffset now) =>
        Find(node)?.Quarantine is null ? Remove(node, $"{node} left", now) : [];

    /// <summary>
    /// Takes which nodes are quarantined. Those are as silent from now on, and stay listed; those that were and are not any more
    /// are as if they had just fallen silent.
    /// </summary>
    /// <returns>What happened.</returns>
    public IReadOnlyList<FleetEvent> Follow(QuarantineDecider quarantine, DateTimeOffset now)
    {
        Pass(now);
        List<FleetEvent> events = [];
        foreach (var one in quarantine.Nodes)
        {
            var entry = _nodes.GetValueOrDefault(one.Node);
            if (entry?.Told.Quarantine == one)
                continue;
            var info = (entry?.Info ?? Unheard(one)) with
            {
                State = NodeState.Silent,
                Load = new NodeLoad(),
                Rates = new NodeRates(),
                Quarantine = one,
            };
            if (entry is null)
                Add(info, _awake - _timings.LeaseTime);
            else
                Put(entry, info);
            events.Add(NodeEvent(info, $"{one.Node} is quarantined by an operator's word", now));
        }
        foreach (var (name, entry) in _order.Where(static node => node.Value.Told.Quarantine is not null))
        {
            if (quarantine.Has(name))
                continue;
            var info = entry.Info with { Quarantine = null };
            Put(entry, info);
            entry.HeardAt = _awake - _timings.NodeTimeout;
            events.Add(NodeEvent(info, $"{name} is quarantined no more", now));
        }
        StateRevision += events.Count;
        return events;
    }

    // Of one that is quarantined nothing else may be known, as after an import, or where it had left.
    private static NodeInfo Unheard(NodeQuarantine quarantine) => new()
    {
        Id = quarantine.Node,
        State = NodeState.Silent,
        Version = "",
        StartedAt = quarantine.Since,
        LastReportAt = quarantine.Since,
    };

    /// <summary>Whether an operator may have a node forgotten: it is silent.</summary>
    /// <returns>The node as it last was; or why not.</returns>
    public FleetResult<NodeInfo> CheckForget(string node) => Find(node) switch
    {
        null => FleetResult.NotFound<NodeInfo>($"there is no node {node}"),
        { Quarantine: not null } => FleetResult.Conflict<NodeInfo>($"{node} is quarantined, which would be forgotten with it: lift that first"),
        { State: NodeState.Silent } info => FleetResult.Ok(info),
        _ => FleetResult.Conflict<NodeInfo>($"{node} reports: end its process, or take its token away, first"),
    };

    /// <summary>An operator has a silent node forgotten.</summary>
    public IReadOnlyList<FleetEvent> Forget(string node, DateTimeOffset now) =>
        Remove(node, $"{node} was silent, and is forgotten by an operator's word", now);

    private IReadOnlyList<FleetEvent> Remove(string node, string text, DateTimeOffset now)
    {
        Pass(now);
        if (!_nodes.TryGetValue(node, out var entry))
            return [];
        Drop(node, entry);
        StateRevision++;
        return [NodeEvent(entry.Info, text, now)];
    }

    /// <summary>
    /// Finds who has fallen silent and who is to be forgotten; to be called about as often as nodes report.
    /// </summary>
    public RegistryTick Tick(DateTimeOffset now)
    {
        Pass(now);
        List<NodeInfo>? silent = null, forgotten = null;
        foreach (var (name, entry) in _nodes)
        {
            if (entry.Told.Quarantine is not null)
                continue;
            var since = _awake - entry.HeardAt;
            if (since >= _timings.ForgetAfter)
            {
                Drop(name, entry);
                (forgotten ??= []).Add(entry.Info);
            }
            else if (since >= _timings.NodeTimeout && entry.Told.State != NodeState.Silent)
            {
                Put(entry, entry.Info with { State = NodeState.Silent, Load = new NodeLoad(), Rates = new NodeRates() });
                (silent ??= []).Add(entry.Info);
            }
        }
        if (silent is null && forgotten is null)
            return RegistryTick.None;
        StateRevision++;
        return new RegistryTick(InOrder(silent), InOrder(forgotten));
    }

    /// <summary>What a fleet carries, as an event.</summary>
    public static FleetEvent RateEvent(NodeRates rates, NodeLoad load, DateTimeOffset now) =>
        FleetEvent.Of(FleetEventKind.Rate, "what the fleet carries", now) with { Rate = new StatsPoint(now, rates, load) };

    /// <summary>What to tell of a tick.</summary>
    public static IEnumerable<FleetEvent> EventsOf(RegistryTick tick, DateTimeOffset now) =>
        tick.Silent.Select(node => NodeEvent(node, $"{node.Id} has fallen silent", now))
            .Concat(tick.Forgotten.Select(
                node => NodeEvent(node, $"{node.Id} has been silent for too long: forgotten", now)));

    /// <summary>Nodes by name.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="cursor">From <see cref="Page{T}.Next"/>; null for the first.</param>
    public Page<NodeInfo> List(int limit, string? cursor)
    {
        List<NodeInfo> items = [.. _order.SkipWhile(node => cursor is not null && string.CompareOrdinal(node.Key, cursor) <= 0)
            .Take(limit + 1).Select(static node => node.Value.Info)];
        return items.Count <= limit
            ? new Page<NodeInfo>(items, null)
            : new Page<NodeInfo>(items[..limit], items[limit - 1].Id);
    }

    /// <summary>What has to be stored.</summary>
    public NodeRegistryState ToState() => new() { Nodes = [.. Nodes] };

    // Time passes only as far as ticks and reports come: a step that is longer than it should be was this process's
    // pause.
    private void Pass(DateTimeOffset now)
    {
        var step = now - _tickedAt;
        _tickedAt = now;
        if (step <= TimeSpan.Zero || IsDeaf)
            return;
        var most = _timings.NodeTimeout / 3;
        _awake += step < most ? step : most;
    }

    private static string? Told(NodeInfo? before, NodeInfo now)
    {
        if (before is null)
            return $"{now.Id} joined: {Words(now)}";
        if (before.Incarnation != now.Incarnation)
            return $"{now.Id} began anew: {Words(now)}";
        if (before.State == NodeState.Silent)
            return $"{now.Id} is heard of again: {Words(now)}";
        if (before.Contender is null && now.Contender is { } other)
            return $"another process asks for the name {now.Id}, and is refused: it is at {string.Join(", ", other.Addresses)}";
        return before.State == now.State ? null : $"{now.Id} is {Words(now)}";
    }

    private static string Words(NodeInfo node)
    {
#pragma warning disable CA1308 // The states are words of a sentence here.
        var state = node.State.ToString().ToLowerInvariant();
#pragma warning restore CA1308
        return node.NotReady.Count > 0 && node.State == NodeState.Starting ? $"{state}, {node.NotReady[0]}" : state;
    }

    private static FleetEvent NodeEvent(NodeInfo node, string text, DateTimeOffset at) =>
        FleetEvent.Of(FleetEventKind.Node, text, at) with { Node = node.Id, State = node.State };

    private static List<NodeInfo> InOrder(List<NodeInfo>? nodes)
    {
        nodes?.Sort(static (left, right) => string.CompareOrdinal(left.Id, right.Id));
        return nodes ?? [];
    }

    private void Add(NodeInfo info, TimeSpan heardAt)
    {
        var entry = new Entry(info) { HeardAt = heardAt };
        _nodes.Add(info.Id, entry);
        _order.Add(info.Id, entry);
        CountState(info.State, 1);
    }

    private void Put(Entry entry, NodeInfo info)
    {
        CountState(entry.Told.State, -1);
        entry.Info = info;
        CountState(info.State, 1);
    }

    private void Drop(string node, Entry entry)
    {
        _nodes.Remove(node);
        _order.Remove(node);
        CountState(entry.Told.State, -1);
    }

    private void CountState(NodeState state, int change) => _counts[state] = _counts.GetValueOrDefault(state) + change;

    private sealed class Entry(NodeInfo info)
    {
        /// <summary>As it was last told of.</summary>
        public NodeInfo Told { get; private set; } = info;

        /// <summary>When it reported last. That alone, which is new with each report of every node, makes no new record of it.</summary>
        public DateTimeOffset ReportedAt { get; set; } = info.LastReportAt;

        public NodeInfo Info
        {
            get => ReportedAt == Told.LastReportAt ? Told : Told = Told with { LastReportAt = ReportedAt };
            set => (Told, ReportedAt) = (value, value.LastReportAt);
        }

        public required TimeSpan HeardAt { get; set; }
    }
}
