using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>
/// Which process speaks for a node: the one that reports. Another of the same name, a copied configuration or the process
/// that follows a crash, has to wait until that one leaves or has missed three reports; and so has the former, when it was
/// only held up, if it comes back. Where a token is for many nodes, another process has to come from the source that the one
/// that has the name was last heard of from, or to wait until the node has left or is silent.
/// </summary>
internal sealed class NameHolder
{
    private const int MaxFormer = 16;

    private readonly FleetTimings _timings;
    private readonly List<Guid> _ended;
    private readonly List<FormerProcess> _former;
    private TimeSpan _unheard;
    private DateTimeOffset? _lookedAt;
    private ReportSender? _sender;

    /// <summary>Nobody, or who was stored: that one has the whole time to be heard of.</summary>
    internal NameHolder(FleetTimings timings, NodeTrackerState? state)
    {
        _timings = timings;
        Incarnation = state?.Incarnation ?? Guid.Empty;
        HasLeft = state?.HasLeft ?? false;
        _ended = [.. state?.Superseded ?? []];
        _former = [.. state?.Former ?? []];
    }

    /// <summary>The run of the process that has the name; empty before the first.</summary>
    internal Guid Incarnation { get; private set; }

    /// <summary>That process has left in order.</summary>
    internal bool HasLeft { get; private set; }

    /// <summary>The last other process that was refused the name since this one has it; null when there was none.</summary>
    internal NodeContender? Contender { get; private set; }

    /// <summary>Runs that have left.</summary>
    internal IReadOnlyList<Guid> Ended => _ended;

    /// <summary>Runs that lost the name.</summary>
    internal IReadOnlyList<FormerProcess> Former => _former;

    /// <summary>Three reports, each as late as a node's jitter may make it, and a little for the way.</summary>
    private TimeSpan Patience => 3.5 * _timings.ReportInterval;

    /// <summary>What a report's sender is to the name.</summary>
    internal NameClaim Judge(NodeReport report, DateTimeOffset now)
    {
        Pass(now);
        // A process may come by another address at any time, and its number is told to no node.
        if (report.Incarnation == Incarnation)
            return NameClaim.Holder;
        if (IsFromElsewhere(report))
            return Refuse(report, now);
        // A report that was under way since before its process lost the name says nothing of what that is now.
        if (_ended.Contains(report.Incarnation)
            || _former.Exists(one => one.Incarnation == report.Incarnation && report.Sequence <= one.Sequence))
            return NameClaim.Over;
        if (Incarnation == Guid.Empty || HasLeft || _unheard >= Patience)
            return NameClaim.Free;
        return Refuse(report, now);
    }

    private NameClaim Refuse(NodeReport report, DateTimeOffset now)
    {
        Contender = new NodeContender(report.Addresses, report.StartedAt, now);
        return NameClaim.Taken;
    }

    private bool IsFromElsewhere(NodeReport report) =>
        _sender is { } holder && report.Sender is { } other && other.Source != holder.Source
        && Incarnation != Guid.Empty && !HasLeft && _unheard < _timings.NodeTimeout;

    /// <summary>Whether a process takes the name for the first time, from one that is known.</summary>
    internal bool IsNew(Guid begun) =>
        Incarnation != Guid.Empty && begun != Incarnation && !_former.Exists(one => one.Incarnation == begun);

    /// <summary>The process that has the name was heard of.</summary>
    internal void OnHeard(ReportSender? sender) => (_unheard, _sender) = (TimeSpan.Zero, sender);

    /// <summary>The process that has the name was not heard of for the node timeout.</summary>
    internal void OnSilent() => _unheard = Patience > _timings.NodeTimeout ? Patience : _timings.NodeTimeout;

    /// <summary>The process that has the name has left.</summary>
    internal void OnLeft() => HasLeft = true;

    /// <summary>Another process has the name from now on.</summary>
    /// <param name="begun">Its run.</param>
    /// <param name="sequence">The last report of the one that had it.</param>
    internal void Replace(Guid begun, long sequence)
    {
        _former.RemoveAll(one => one.Incarnation == begun);
        if (HasLeft)
            _ended.Add(Incarnation);
        else if (Incarnation != Guid.Empty)
            _former.Add(new FormerProcess(Incarnation, sequence));
        if (_ended.Count > MaxFormer)
            _ended.RemoveAt(0);
        if (_former.Count > MaxFormer)
            _former.RemoveAt(0);
        (Incarnation, HasLeft, Contender, _unheard) = (begun, false, null, TimeSpan.Zero);
    }

    // Silence is what this object was there to see: a coordinator that was stopped, or whose clock was set, takes the name
    // from nobody whose reports wait in its queue.
    private void Pass(DateTimeOffset now)
    {
        var step = now - (_lookedAt ?? now);
        _lookedAt = now;
        var most = 1.5 * _timings.ReportInterval;
        if (step > TimeSpan.Zero)
            _unheard += step < most ? step : most;
    }
}

/// <summary>What a report's sender is to a node's name.</summary>
internal enum NameClaim
{
    /// <summary>It has the name.</summary>
    Holder,

    /// <summary>Nobody has the name: it may be taken.</summary>
    Free,

    /// <summary>Another process has the name.</summary>
    Taken,

    /// <summary>Its process has left, or it was sent before that lost the name.</summary>
    Over,
}
