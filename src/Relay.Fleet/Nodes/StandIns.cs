using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>
/// What a coordinator last saw answered to each node, so that it can stand in where it does not reach who decides: a node
/// that is answered keeps what it has, and is not taken for silent. A stand-in promises nothing: it has neither leases nor
/// limits, and says nothing of the node's name. May be used by several threads.
/// </summary>
/// <param name="time">The clock by which drains run down.</param>
public sealed class StandIns(TimeProvider time)
{
    // Who has not been answered here for so long is answered elsewhere, or gone.
    private static readonly TimeSpan KeepTime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    /// <summary>Of how many nodes something is kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _seen.Count;
        }
    }

    /// <summary>
    /// How long to try to reach who decides for the node before standing in; null where the report is not to be answered
    /// so: the node does not understand it, or it leaves, which nobody but the fleet can confirm.
    /// </summary>
    public static TimeSpan? WaitOf(NodeReport report)
    {
        if (report.StandInAfterMilliseconds == 0 || report.IsLeaving)
            return null;
        var wait = TimeSpan.FromMilliseconds(report.StandInAfterMilliseconds);
        return wait < LeastWait ? LeastWait : wait > LongestWait ? LongestWait : wait;
    }

    /// <summary>A report was answered by who decides.</summary>
    public void Learn(NodeReport report, NodeDirective directive)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (report.IsLeaving)
            {
                _seen.Remove(report.Node);
                return;
            }
            // Answers may come in another order than their reports.
            if (_seen.TryGetValue(report.Node, out var before)
                && before.Incarnation == report.Incarnation && before.Sequence >= report.Sequence)
                return;
            MakeRoom(report.Node, now);
            _seen[report.Node] = new Seen(
                report.Incarnation, report.Sequence, directive.Drain, directive.AcknowledgedSessions, now);
        }
    }

    /// <summary>The answer to a report that who decides has not answered.</summary>
    public NodeDirective Answer(NodeReport report)
    {
        Seen seen;
        lock (_gate)
        {
            if (!_seen.TryGetValue(report.Node, out seen) || seen.Incarnation != report.Incarnation)
                return new NodeDirective { Sequence = report.Sequence, IsStandIn = true };
        }
        return new NodeDirective
        {
            Sequence = report.Sequence,
            IsStandIn = true,
            KnownSequence = seen.Sequence,
            Drain = seen.Drain?.After(time.GetElapsedTime(seen.At)),
            AcknowledgedSessions = seen.AcknowledgedSessions,
        };
    }

    private void MakeRoom(string node, long now)
    {
        var isFull = _seen.Count >= NodeRegistry.MaxNodes && !_seen.ContainsKey(node);
        if (!isFull && time.GetElapsedTime(_sweptAt, now) < KeepTime)
            return;
        _sweptAt = now;
        foreach (var old in _seen.Where(entry => time.GetElapsedTime(entry.Value.At, now) >= KeepTime)
            .Select(static entry => entry.Key).ToList())
            _seen.Remove(old);
        if (isFull && _seen.Count >= NodeRegistry.MaxNodes)
            _seen.Remove(_seen.MinBy(static entry => entry.Value.At).Key);
    }

    private readonly record struct Seen(
        Guid Incarnation, long Sequence, DrainOrder? Drain, long AcknowledgedSessions, long At);
}
