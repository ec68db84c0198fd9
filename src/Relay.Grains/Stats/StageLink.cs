using System.Runtime.InteropServices;
using Relay.Grains.Contracts;

namespace Relay.Grains.Stats;

/// <summary>
/// One coordinator's way to a stage. What its nodes report goes there with one call for all that came within <see cref="Period"/>; a report
/// waits for the answer only where it has news, or where what the stage has said is too old to go by.
/// </summary>
internal sealed class StageLink : IDisposable
{
    /// <summary>How long what nobody waits for waits for others.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>For how long an answer of the stage is one to other reports as well, from when it was asked for.</summary>
    internal static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(0.5);

    private readonly IGrainFactory _grains;
    private readonly GrainClock _clock;
    private readonly int _shard;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, NodeSummary> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private TaskCompletionSource<StageAnswer> _answer = NewAnswer();
    private Task<FleetFacts>? _known;
    private long _knownAt;
    private bool _isTelling;
    private bool _isAwaited;

    /// <summary>A way to a stage.</summary>
    /// <param name="grains">Finds it.</param>
    /// <param name="clock">Where nothing ticks by itself every report waits for its answer.</param>
    /// <param name="shard">Which it is.</param>
    internal StageLink(IGrainFactory grains, GrainClock clock, int shard)
    {
        (_grains, _clock, _shard) = (grains, clock, shard);
        // By this machine's time, whatever clock the fleet goes by.
        _timer = TimeProvider.System.CreateTimer(
            static link => ((StageLink)link!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A node has reported.</summary>
    /// <param name="summary">The report.</param>
    /// <param name="isNews">The stage is to know of it before anything else is done.</param>
    /// <returns>What the node is to know.</returns>
    internal Task<FleetFacts> TellAsync(NodeSummary summary, bool isNews)
    {
        Task<StageAnswer> answer;
        lock (_gate)
        {
            ref var waiting = ref CollectionsMarshal.GetValueRefOrAddDefault(_waiting, summary.Info.Id, out var isSecond);
            waiting = isSecond ? summary with { Increase = waiting!.Increase + summary.Increase } : summary;
            if (!isNews && _clock.Ticks && _known is not null && _clock.Time.GetElapsedTime(_knownAt) < LongestKept
                && !_refused.Contains(summary.Info.Id))
            {
                if (!_isTelling && _waiting.Count == 1)
                    _timer.Change(Period, Timeout.InfiniteTimeSpan);
                return _known;
            }
            (answer, _isAwaited) = (_answer.Task, true);
            Begin();
        }
        return HearAsync(answer, summary.Info.Id);
    }

    /// <summary>A node is silent or gone: nothing is open there.</summary>
    internal Task CloseAsync(string node)
    {
        lock (_gate)
            _waiting.Remove(node);
        return Stage.CloseAsync(node);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private IStatsGrain Stage => _grains.GetGrain<IStatsGrain>(_shard);

    private static TaskCompletionSource<StageAnswer> NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task<FleetFacts> HearAsync(Task<StageAnswer> asking, string node)
    {
        var answer = await asking;
        return answer.Refused.Contains(node) ? answer.Facts with { IsRefused = true } : answer.Facts;
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_waiting.Count > 0)
                Begin();
        }
    }

    // By the pool, and not in a turn of the grain that happens to be first.
    private void Begin()
    {
        if (_isTelling)
            return;
        _isTelling = true;
        Task.Run(TellAllAsync).Ignore();
    }

    private async Task TellAllAsync()
    {
        do
        {
            NodeSummary[] told;
            TaskCompletionSource<StageAnswer> answer;
            lock (_gate)
            {
                told = [.. _waiting.Values];
                _waiting.Clear();
                (answer, _answer, _isAwaited) = (_answer, NewAnswer(), false);
            }
            var askedAt = _clock.Time.GetTimestamp();
            try
            {
                var said = await Stage.AddAllAsync(new NodeSummaries(told));
                Learn(told, said, askedAt);
                answer.SetResult(said);
            }
            catch (Exception exception)
            {
                // What the stage did not hear is lost of its sums, or counted: that is not known. Who waits, if anybody, is told.
                answer.SetException(exception);
                answer.Task.Ignore();
            }
        }
        while (GoesOn());
    }

    private void Learn(NodeSummary[] told, StageAnswer said, long askedAt)
    {
        lock (_gate)
        {
            (_known, _knownAt) = (Task.FromResult(said.Facts), askedAt);
            if (_refused.Count > 0)
                _refused.ExceptWith(told.Select(static summary => summary.Info.Id));
            _refused.UnionWith(said.Refused);
        }
    }

    private bool GoesOn()
    {
        lock (_gate)
        {
            if (_isAwaited)
                return true;
            _isTelling = false;
            if (_waiting.Count > 0)
                _timer.Change(Period, Timeout.InfiniteTimeSpan);
            return false;
        }
    }
}
