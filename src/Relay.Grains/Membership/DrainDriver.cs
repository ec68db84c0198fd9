using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;
using Relay.Grains.State;

namespace Relay.Grains.Membership;

/// <summary>
/// Moves one drain on: tells the operation what became of its nodes, gives back the slots that it no longer needs,
/// takes slots for the next turns as far as the budget goes, and has those nodes started. What was broken off by a
/// crash at any point is taken up again by the next pass.
/// </summary>
internal sealed class DrainDriver(
    string drain, IGrainFactory grains, CommitQueue<FleetDecider, FleetRecord> fleet, NodeRegistry registry,
    GrainClock clock)
{
    private readonly Dictionary<string, NodeInfo> _told = new(StringComparer.Ordinal);
    private readonly List<NodeInfo> _left = [];
    private readonly List<string> _gone = [];
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> _missed = new(StringComparer.Ordinal);
    private HashSet<string> _members = [];
    private HashSet<string> _ordered = [];
    private DrainStanding? _standing;
    private Task _running = Task.CompletedTask;
    private bool _again;
    private string? _holdup;

    /// <summary>The operation.</summary>
    internal string Drain => drain;

    /// <summary>Whether a node takes part still: it waits, or is ordered.</summary>
    internal bool Has(string node) => _members.Contains(node);

    /// <summary>The nodes that take part still.</summary>
    internal IReadOnlyCollection<string> Members => _members;

    /// <summary>Whether a node is ordered to drain, or is drained, as far as the operation has said.</summary>
    internal bool IsOrdered(string node) => _ordered.Contains(node);

    /// <summary>Done when the operation was moved on, as far as the budget goes, for the first time since this object was made.</summary>
    internal Task Passed => _passed.Task;

    /// <summary>Whether a node has still to be drained, as far as the operation has said.</summary>
    internal bool IsRunning => _standing?.IsRunning == true;

    /// <summary>Whether a node waits in it whose turn does not come yet.</summary>
    internal bool IsHeldUp => IsRunning && _holdup is not null;

    /// <summary>Whether all is drained, and some node has not come back to serve.</summary>
    internal bool IsToReturn => _standing is { IsRunning: false, IsActive: true };

    /// <summary>When it began, or went on last, where it runs and that is known.</summary>
    internal DateTimeOffset? MovedAt => IsRunning ? _standing!.MovedAt : null;

    /// <summary>A node left in order, and this is how it last was.</summary>
    internal void Left(NodeInfo node) => _left.Add(node);

    /// <summary>A node is not waited for any more.</summary>
    internal void Gone(string node) => _gone.Add(node);

    /// <summary>Asks who takes part, without moving on.</summary>
    internal async Task LearnAsync()
    {
        if (_members.Count == 0)
            await BeginAsync(grains.GetGrain<IDrainGrain>(drain));
    }

    /// <summary>Moves on; done when everything that was known at the call is taken into account.</summary>
    internal Task AdvanceAsync()
    {
        _again = true;
        if (_running.IsCompleted)
            _running = RunAsync();
        return _running;
    }

    private async Task RunAsync()
    {
        while (_again)
        {
            _again = false;
            await PassAsync();
        }
    }

    private async Task PassAsync()
    {
        var operation = grains.GetGrain<IDrainGrain>(drain);
        if (_standing is null || fleet.Decider.Find(drain) is { Pending: not null })
            await BeginAsync(operation);
        var holdup = _holdup;
        await TellAsync(operation);
        var starting = await TakeSlotsAsync(_standing!);
        if (starting.Count > 0)
        {
            Stand(await operation.StartAsync(new NodeList(starting)));
            foreach (var node in starting)
                _told[node.Id] = node;
        }
        if (!_standing!.IsActive)
            await fleet.RunAsync(state =>
            {
                state.Slots.Keep(drain, [], clock.Now);
                state.End(drain);
            });
        var isNews = _gone.Count > 0 || _holdup != holdup;
        if (!isNews)
            _passed.TrySetResult();
        // The operation is told of what starting and waiting have brought about.
        _again |= starting.Count > 0 || isNews;
    }

    private async Task TellAsync(IDrainGrain operation)
    {
        var news = News();
        try
        {
            Stand(await operation.AdvanceAsync(news));
        }
        catch
        {
            // Whether it heard is not known: it is told everything again.
            _standing = null;
            _left.InsertRange(0, news.Left);
            _gone.InsertRange(0, news.Gone);
            throw;
        }
    }

    private async Task BeginAsync(IDrainGrain operation)
    {
        _told.Clear();
        Stand(await operation.AdvanceAsync(new DrainNews()));
        if (fleet.Decider.Find(drain) is not { Pending: { } pending })
            return;
        await operation.CreateAsync(pending);
        Stand(await operation.AdvanceAsync(new DrainNews()));
    }

    private void Stand(DrainStanding standing)
    {
        _standing = standing;
        _ordered = new HashSet<string>(standing.Ordered, StringComparer.Ordinal);
        _members = new HashSet<string>(standing.Waiting.Concat(standing.Ordered), StringComparer.Ordinal);
    }

    // Only what is new: a drain of a thousand nodes is told of the few that move.
    private DrainNews News()
    {
        var fresh = new List<NodeInfo>();
        foreach (var name in _standing!.Ordered)
        {
            if (registry.Find(name) is not { } node)
            {
                // It left, and its place in the budget is gone as well, while nobody was there to see it.
                if (fleet.Decider.Slots.DrainOf(name) != drain && _missed.Add(name))
                    _gone.Add(name);
                continue;
            }
            if (_told.TryGetValue(name, out var told) && told.State == node.State
                && told.Incarnation == node.Incarnation
                && told.Drain == node.Drain && (IsSettled(node) || told.LastReportAt == node.LastReportAt))
                continue;
            _told[name] = node;
            fresh.Add(node);
        }
        var news = new DrainNews { Nodes = fresh, Left = [.. _left], Gone = [.. _gone], Holdup = _holdup };
        _left.Clear();
        _gone.Clear();
        return news;
    }

    // One that is drained, or silent, does not change by being looked at again; one that drains may be overdue with its next report.
    private static bool IsSettled(NodeInfo node) => node.State is NodeState.Drained or NodeState.Silent;

    private Task<List<NodeInfo>> TakeSlotsAsync(DrainStanding standing) => fleet.RunAsync(state =>
    {
        var now = clock.Now;
        var starting = new List<NodeInfo>();
        // It is stored by now, and needs no write for that alone.
        state.Confirm(drain);
        state.Slots.Keep(drain, standing.Waiting.Concat(standing.Ordered), now);
        _holdup = null;
        foreach (var name in standing.Waiting)
        {
            if (registry.Find(name) is not { } node)
            {
                if (_missed.Add(name))
                    _gone.Add(name);
                continue;
            }
            // A silent one is lost at once, and needs no slot.
            if (node.State != NodeState.Silent
                && state.Slots.Reserve(
                    drain, node, standing.MaxConcurrent, standing.OnLostNode, registry, now) is { IsTaken: false } refusal)
            {
                _holdup = refusal.Holdup;
                break;
            }
            starting.Add(node);
        }
        return starting;
    });
}
