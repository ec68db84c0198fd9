using System.Collections.Concurrent;
using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <content>
/// Reports. A node's grain answers them; where it cannot be reached in time, this coordinator stands in, and tells the fleet
/// that the node was heard of.
/// </content>
internal sealed partial class GrainFleet
{
    // While so many of a process's reports wait for its grain, the next is not added to them.
    private const int MaxUnderWay = 2;

    private readonly StandIns _standIns = new(clock.Time);
    private readonly HeardNotes _heard = new(clock);
    private readonly ConcurrentDictionary<(string Node, Guid Incarnation), int> _underWay = new();

    /// <inheritdoc/>
    public async ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation)
    {
        ReportValidator.Check(report);
        if (StandIns.WaitOf(report) is not { } wait)
            return Answer(report, await _calls.AskAsync(AskNodeAsync, report, cancellation));
        if (TryBegin(report))
        {
            // Not given up with the wait: what is answered later is what this coordinator knows for the next time.
            var asking = AskToTheEndAsync(report);
            try
            {
                return await asking.WaitAsync(clock.Patience(wait), cancellation);
            }
            catch (Exception exception) when (exception is TimeoutException or FleetUnavailableException)
            {
                // Nobody answered in time.
            }
            finally
            {
                asking.Ignore();
            }
        }
        _heard.Add(report, _calls);
        return _standIns.Answer(report);
    }

    private static Task<ReportAnswer> AskNodeAsync(IGrainFactory grains, NodeReport report) =>
        NodeGrains.Find(grains, report.Node).ReportAsync(report);

    private bool TryBegin(NodeReport report)
    {
        if (_underWay.AddOrUpdate((report.Node, report.Incarnation), 1, static (_, count) => count + 1) <= MaxUnderWay)
            return true;
        Done(report);
        return false;
    }

    private async Task<NodeDirective> AskToTheEndAsync(NodeReport report)
    {
        try
        {
            return Answer(report, await _calls.AskOneAsync(AskNodeAsync, report));
        }
        finally
        {
            Done(report);
        }
    }

    private NodeDirective Answer(NodeReport report, ReportAnswer answer)
    {
        if (answer.Directive is { } directive)
        {
            _standIns.Learn(report, directive);
            return directive;
        }
        var refusal = answer.Refusal ?? "the report is refused";
        throw answer.RetryMilliseconds is { } milliseconds
            ? new NodeNameTakenException(refusal, TimeSpan.FromMilliseconds(milliseconds))
            : new FleetRejectedException(refusal) { IsQuarantined = answer.IsQuarantined };
    }

    private void Done(NodeReport report)
    {
        var node = (report.Node, report.Incarnation);
        // Counted down where nobody else counts, and removed at zero.
        while (_underWay.TryGetValue(node, out var count))
        {
            if (count > 1
                ? _underWay.TryUpdate(node, count - 1, count)
                : _underWay.TryRemove(KeyValuePair.Create(node, count)))
                return;
        }
    }
}
