using Orleans.Concurrency;
using Relay.Fleet.Contract;
using Relay.Fleet.Stats;
using Relay.Grains.Contracts;

namespace Relay.Grains.Stats;

/// <inheritdoc cref="IStatsGrain"/>
/// <remarks>
/// In memory: with its silo a part's history of the last hour is lost; what is carried now is told again within a
/// second.
/// </remarks>
[Reentrant]
[KeepAlive]
internal sealed class StatsGrain(GrainClock clock, FleetTimings timings) : Grain, IStatsGrain
{
    // The fleet's grain asks once a second. After so long what it said of users may be over.
    private static readonly TimeSpan LongestUnread = TimeSpan.FromSeconds(4);

    private readonly StatsWindow _window = new(clock.Now);
    private readonly HeardBook _nodes = new();
    private FleetFacts _facts = new();
    private HashSet<string> _quarantined = [];
    private (long Version, Task<LimitList>? List) _limits;
    private long _readAt = clock.Time.GetTimestamp();

    /// <inheritdoc/>
    public Task<FleetFacts> AddAsync(NodeSummary summary) =>
        Task.FromResult(TryAdd(summary, clock.Now) ? Facts : _facts with { IsRefused = true });

    /// <inheritdoc/>
    public Task<StageAnswer> AddAllAsync(NodeSummaries summaries)
    {
        var now = clock.Now;
        List<string>? refused = null;
        foreach (var summary in summaries.Nodes)
        {
            if (!TryAdd(summary, now))
                (refused ??= []).Add(summary.Info.Id);
        }
        return Task.FromResult(new StageAnswer(Facts) { Refused = refused ?? (IReadOnlyList<string>)[] });
    }

    /// <inheritdoc/>
    public Task CloseAsync(string node)
    {
        _window.Close(node, clock.Now);
        _nodes.Remove(node);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<HeardNodes> PullAsync(StatsPull pull)
    {
        (_facts, _readAt) = (pull.Facts, clock.Time.GetTimestamp());
        foreach (var node in pull.Quarantined ?? [])
        {
            _nodes.Remove(node);
            _window.Remove(node, clock.Now);
        }
        _quarantined = new HashSet<string>(pull.Quarantined ?? [], StringComparer.Ordinal);
        // That a node is silent, or gone, this was told of; where that was lost, its load does not count for ever. Whom others stand in
        // for is not silent, and is given twice the time.
        foreach (var node in _nodes.RemoveBefore(clock.Now - (2 * timings.NodeTimeout)))
            _window.Close(node, clock.Now);
        return Task.FromResult(_nodes.Pull(pull.After, pull.Watched ?? [], clock.Now - timings.NodeTimeout));
    }

    /// <inheritdoc/>
    public Task<NodeList> ShowAsync(NameList nodes) => Task.FromResult(new NodeList(_nodes.Show(nodes.Names)));

    /// <inheritdoc/>
    public Task<LimitList> ListLimitsAsync(LimitsQuestion question)
    {
        if (_limits is not { List: { IsFaulted: false } limits } || _limits.Version != question.Version)
            _limits = (question.Version, limits = GrainFactory.GetGrain<IFleetGrain>(GrainKeys.Single).ListLimitsAsync());
        return limits;
    }

    /// <inheritdoc/>
    public Task<StatsSlice> ReadAsync(int windowSeconds) => Task.FromResult(_window.Read(windowSeconds, clock.Now));

    private FleetFacts Facts =>
        clock.Time.GetElapsedTime(_readAt) > LongestUnread ? _facts with { IsCutOff = true, Users = null } : _facts;

    private bool TryAdd(NodeSummary summary, DateTimeOffset now)
    {
        if (_quarantined.Contains(summary.Info.Id))
            return false;
        _window.Add(summary.Info.Id, summary.Increase, summary.Info.Load, now);
        _nodes.Add(new HeardNode(summary.Info, summary.Sequence));
        return true;
    }
}
