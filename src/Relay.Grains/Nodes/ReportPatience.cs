using System.Diagnostics;
using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;

namespace Relay.Grains.Nodes;

/// <summary>
/// How long a report waits, in all, for grains that its answer can do without: whatever is away, the answer comes before
/// the coordinator stands in.
/// </summary>
internal sealed class ReportPatience
{
    // Of reports that nobody stands in for: less than their nodes wait, too.
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(0.75);

    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly TimeSpan _most;

    /// <summary>Begins with a report, or with what an operator asked for.</summary>
    internal ReportPatience(GrainClock clock, NodeReport? report = null) => _most = clock.Patience(
        report is not null && StandIns.WaitOf(report) is { } wait ? 0.75 * wait : Usual);

    /// <summary>Waits for a task for as long as is left; whatever becomes of it, this does not fail.</summary>
    internal async Task WaitAsync(Task task)
    {
        if (task.IsCompletedSuccessfully)
            return;
        var left = _most - Stopwatch.GetElapsedTime(_begun);
        try
        {
            await task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
        catch (Exception)
        {
            // What did not come, or failed, is asked for again with the next report.
        }
    }
}
