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
    private readonly Dictionary<string, (HeardNode Node, long Number)> _nodes = new(StringComparer.Ordinal);
    private FleetFacts _facts = new();
    private HashSet<string> _quarantined = [];
    private string? _reader;
    private long _read;
    private long _number;
    private long _readAt = clock.Time.GetTimestamp();

    /// <inheritdoc/>
    public Task<FleetFacts> AddAsync(NodeSummary summary)
    {
        if (_quarantined.Contains(summary.Info.Id))
            return Task.FromResult(_facts with { IsRefused = true });
        var now = clock.Now;
        _window.Add(summary.Info.Id, summary.Increase, summary.Info.Load, now);
        _nodes[summary.Info.Id] = (new HeardNode(summary.Info, summary.Sequence), ++_number);
        return Task.FromResult(
            clock.Time.GetElapsedTime(_readAt) > LongestUnread ? _facts with { IsCutOff = true, Users = null } : _facts);
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
        if (_reader != pull.Reader)
            (_reader, _read) = (pull.Reader, 0);
        var oldest = clock.Now - timings.NodeTimeout;
        var fresh = _nodes.Values
            .Where(node => node.Number > _read && node.Node.Info.LastReportAt > oldest)
            .Select(node => node.Node)
            .ToList();
        _read = _number;
        return Task.FromResult(new HeardNodes(fresh));
    }

    /// <inheritdoc/>
    public Task<StatsSlice> ReadAsync(int windowSeconds) => Task.FromResult(_window.Read(windowSeconds, clock.Now));
}
