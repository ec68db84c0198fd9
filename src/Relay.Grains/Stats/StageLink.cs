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
    private TaskCompletionSource<StageAnswer>? _answer;
    private Task<FleetFacts>? _known;
    private long _knownAt;
    private bool _isTelling;

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
            answer = (_answer ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
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

    private static async Task<FleetFacts> HearAsync(Task<StageAnswer> asking, string node)
    {
        var answer = await asking;
        return answer.Refused.Contains(node) ? answer.Facts with { IsRefused = true } : answer.Facts;
    }

    private void OnTimer()
    {
        try
        {
            lock (_gate)
            {
                if (_waiting.Count > 0)
                    Begin();
            }
        }
        catch (OutOfMemoryException)
        {
            // The first report that finds the last answer too old begins it.
        }
    }

    // By the pool, and not in a turn of the grain that happens to be first. It is under way once memory was had for it.
    private void Begin()
    {
        if (_isTelling)
            return;
        var telling = Task.Run(TellAllAsync);
        _isTelling = true;
        telling.Ignore();
    }

    private async Task TellAllAsync()
    {
        do
        {
            TaskCompletionSource<StageAnswer>? answer = null;
            try
            {
                NodeSummary[] told;
                lock (_gate)
                {
                    (answer, _answer) = (_answer, null);
                    told = [.. _waiting.Values];
                    _waiting.Clear();
                }
                var askedAt = _clock.Time.GetTimestamp();
                var said = await Stage.AddAllAsync(new NodeSummaries(told));
                Learn(told, said, askedAt);
                answer?.SetResult(said);
            }
            catch (Exception exception)
            {
                // What the stage did not hear is lost of its sums, or counted: that is not known. Who waits, if anybody, is told.
                Fail(answer, exception);
            }
        }
        while (GoesOn());
    }

    private static void Fail(TaskCompletionSource<StageAnswer>? answer, Exception exception)
    {
        try
        {
            if (answer?.TrySetException(exception) == true)
                answer.Task.Ignore();
        }
        catch (OutOfMemoryException)
        {
            // This takes none.
            answer!.TrySetCanceled();
        }
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
            if (_answer is not null)
                return true;
            _isTelling = false;
            if (_waiting.Count > 0)
                _timer.Change(Period, Timeout.InfiniteTimeSpan);
            return false;
        }
    }
}
