using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <summary>
/// Which nodes this coordinator heard of and stood in for, until the fleet has been told: in one call for all of them, at
/// most once a second, and again where it could not be.
/// </summary>
internal sealed class HeardNotes(GrainClock clock)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly long MostAge = (long)TimeSpan.FromMinutes(1).TotalMilliseconds;

    private readonly Lock _gate = new();
    // When each process was heard last: a second one of a name says nothing of the first.
    private readonly Dictionary<(string Node, Guid Incarnation), long> _notes = [];
    private bool _isTelling;

    /// <summary>A node was answered by this coordinator alone.</summary>
    internal void Add(NodeReport report, GrainCalls calls)
    {
        lock (_gate)
        {
            if (_notes.Count >= NodeRegistry.MaxNodes && !_notes.ContainsKey((report.Node, report.Incarnation)))
                return;
            _notes[(report.Node, report.Incarnation)] = clock.Time.GetTimestamp();
            if (_isTelling || !clock.Ticks)
                return;
            _isTelling = true;
        }
        _ = TellUntilDoneAsync(calls);
    }

    /// <summary>Tells what there is. What cannot be told is kept for the next time.</summary>
    internal async Task TellAsync(GrainCalls calls)
    {
        var told = Take();
        if (told.Count == 0)
            return;
        try
        {
            await calls.AskAsync(async grains =>
            {
                await grains.GetGrain<IFleetGrain>(GrainKeys.Single).HearAsync(new HeardAlone([.. told.Select(
                    entry => new HeardAloneNode(entry.Key.Node, entry.Key.Incarnation, Age(entry.Value)))]));
                return true;
            }, CancellationToken.None);
        }
        catch (Exception)
        {
            PutBack(told);
        }
    }

    private async Task TellUntilDoneAsync(GrainCalls calls)
    {
        while (true)
        {
            // What comes in the same second goes with the same call.
            await Task.Delay(Period, clock.Time);
            await TellAsync(calls);
            lock (_gate)
            {
                if (_notes.Count > 0)
                    continue;
                _isTelling = false;
                return;
            }
        }
    }

    private Dictionary<(string Node, Guid Incarnation), long> Take()
    {
        lock (_gate)
        {
            var all = new Dictionary<(string Node, Guid Incarnation), long>(_notes);
            _notes.Clear();
            return all;
        }
    }

    private void PutBack(Dictionary<(string Node, Guid Incarnation), long> untold)
    {
        lock (_gate)
        {
            foreach (var (node, note) in untold)
            {
                // Told so late it would be of no use to anybody.
                if (Age(note) < MostAge && _notes.Count < NodeRegistry.MaxNodes)
                    _notes.TryAdd(node, note);
            }
        }
    }

    private long Age(long at) => (long)clock.Time.GetElapsedTime(at).TotalMilliseconds;
}
