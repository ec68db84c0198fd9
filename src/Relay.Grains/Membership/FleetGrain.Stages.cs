using Relay.Fleet.Contract;
using Relay.Grains.Contracts;

namespace Relay.Grains.Membership;

/// <content>
/// What the stages tell of the nodes: who has reported, what is new of whom, and what all of a stage carry. What a node carries by itself
/// stays there, for whoever lists nodes.
/// </content>
internal sealed partial class FleetGrain
{
    // A stage that takes longer holds up nothing else of a tick; what it says then is heard when it comes.
    private static readonly TimeSpan LongestPull = TimeSpan.FromSeconds(1);
    // After that it is taken for one that does not answer.
    private static readonly TimeSpan StagePatience = TimeSpan.FromSeconds(4);

    private readonly Stage[] _stages = [.. Enumerable.Range(0, GrainKeys.StatsShards).Select(static _ => new Stage())];
    private long _pull;
    private Task _pulling = Task.CompletedTask;

    private NodeLoad Load => NodeLoad.Sum(_stages.Select(static stage => stage.Load));

    private NodeRates Rates => NodeRates.Sum(_stages.Select(static stage => stage.Rates));

    // Between ticks a list is at most a second old; where nothing ticks by itself, it is as new as what has been told.
    private Task FreshenAsync() => _clock.Ticks ? Task.CompletedTask : PullAsync();

    private Task PullAsync()
    {
        if (_pulling.IsCompleted)
            _pulling = PullAllAsync();
        return _pulling;
    }

    private async Task PullAllAsync()
    {
        var (number, facts) = (++_pull, Facts());
        var quarantined = _fleet.Decider.Quarantine.Nodes.ToLookup(static one => GrainKeys.ShardOf(one.Node), static one => one.Node);
        // How many tunnels each has left is followed as it reports.
        var watched = _drivers.Values.Where(static driver => driver.IsRunning).SelectMany(static driver => driver.Members).ToLookup(GrainKeys.ShardOf);
        await Task.WhenAll(Enumerable.Range(0, _stages.Length).Select(PullShardAsync));

        async Task PullShardAsync(int shard)
        {
            var stage = _stages[shard];
            if (stage.Pulling.IsCompleted)
                (stage.Pulling, stage.PulledAt) = (
                    PullStageAsync(shard, new StatsPull(facts, stage.Position, [.. quarantined[shard]], [.. watched[shard]]), number),
                    _clock.Time.GetTimestamp());
            var (pulling, began) = (stage.Pulling, stage.PulledAt);
            try
            {
                await pulling.WaitAsync(_clock.Patience(LongestPull));
            }
            catch (Exception e) when (e is TimeoutException && _clock.Time.GetElapsedTime(began) < StagePatience)
            {
                // It is slow: what it says counts when it comes.
            }
            catch (Exception)
            {
                // Nothing is heard of its nodes because of the stage: that is not their silence.
                foreach (var node in _registry.Heard.Where(node => GrainKeys.ShardOf(node.Id) == shard).ToList())
                    _registry.Hear(node.Id, node.Incarnation, TimeSpan.Zero, _clock.Now);
            }
        }
    }

    private async Task PullStageAsync(int shard, StatsPull pull, long number)
    {
        var answer = await GrainFactory.GetGrain<IStatsGrain>(shard).PullAsync(pull);
        foreach (var node in answer.Nodes)
            Hear(node, number);
        var isAllKnown = true;
        foreach (var name in answer.Heard)
            isAllKnown &= _registry.TryHear(name, _clock.Now) || (_heard.TryGetValue(name, out var told) && told.LeftAt is not null);
        var stage = _stages[shard];
        (stage.Position, stage.Load, stage.Rates) = (isAllKnown ? answer.Position : StagePosition.Nowhere, answer.Load, answer.Rates);
    }

    private sealed class Stage
    {
        internal StagePosition Position { get; set; } = StagePosition.Nowhere;

        internal NodeLoad Load { get; set; } = new();

        internal NodeRates Rates { get; set; } = new();

        internal Task Pulling { get; set; } = Task.CompletedTask;

        internal long PulledAt { get; set; }
    }
}
