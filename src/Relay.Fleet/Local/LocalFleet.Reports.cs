using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;

namespace Relay.Fleet.Local;

/// <content>What nodes report.</content>
public sealed partial class LocalFleet
{
    /// <inheritdoc/>
    public ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation)
    {
        ReportValidator.Check(report);
        var answer = ReadAsync(now => Receive(report, now));
        return answer.IsCompleted || StandIns.WaitOf(report) is not { } wait ? answer : WaitAsync(answer.AsTask(), report, wait);
    }

    // A write that takes long keeps nobody from what is his already.
    private async ValueTask<NodeDirective> WaitAsync(Task<NodeDirective> answer, NodeReport report, TimeSpan patience)
    {
        try
        {
            return await answer.WaitAsync(patience, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                if (_trackers.TryGetValue(report.Node, out var tracker))
                    return Renew(report, tracker, Now);
            }
        }
        return await answer.ConfigureAwait(false);
    }

    // What can be said before what was decided is stored: the order that is, what is held by a grant that is, and who has used up
    // his month, which nobody decides.
    private NodeDirective Renew(NodeReport report, NodeTracker tracker, DateTimeOffset now)
    {
        var plan = _written.Drains.FirstOrDefault(drain =>
            drain.Nodes.Any(node => node.Node == report.Node && DrainPlan.TakesPart(node)));
        return Complete(report, tracker, now, tracker.Spent.Tell(tracker.Answer(report, now) with
        {
            Drain = plan is null ? null : new DrainPlan(plan, _timings).OrderFor(report.Node, report.Incarnation, now),
        }, _limits.QuotaOf, now), isChanging: false);
    }

    private NodeDirective Receive(NodeReport report, DateTimeOffset now)
    {
        if (_quarantine.Has(report.Node))
            throw new FleetRejectedException(QuarantineDecider.RefusalOf(report.Node)) { IsQuarantined = true };
        if (!_trackers.TryGetValue(report.Node, out var tracker))
        {
            _registry.Admit(report.Node, report.Sender);
            _trackers.Add(report.Node, tracker = new NodeTracker(report.Node, _timings, budget: _sessionBudget, time: _time));
        }
        var outcome = tracker.Apply(report, now);
        if (outcome.Kind == ReportKind.NameTaken)
            throw new NodeNameTakenException(outcome.Refusal!, _timings.ReportInterval);
        if (outcome.Kind == ReportKind.Superseded)
            throw new FleetRejectedException(outcome.Refusal!);
        if (outcome.Kind == ReportKind.Fresh)
            Learn(tracker, report, outcome, now);
        var directive = tracker.Answer(report, now) with
        {
            Drain = PlanOf(report.Node)?.OrderFor(report.Node, report.Incarnation, now),
        };
        if (outcome.Kind == ReportKind.Late)
            return directive;
        if (outcome.Kind == ReportKind.Repeated && !report.IsLeaving)
            Tell(_registry.Observe(tracker.ToInfo()!, now));
        directive = CountUse(tracker, report, directive, now);
        return Complete(report, tracker, now, directive, isChanging: !IsHeldUp) with
        {
            Users = HandOver(tracker, report),
            KnowsUsers = report.Users is not null && !report.IsLeaving,
        };
    }

    private NodeDirective Complete(
        NodeReport report, NodeTracker tracker, DateTimeOffset now, NodeDirective directive, bool isChanging)
    {
        var (grants, faults) = Lease(report, now, isChanging);
        var allowances = report.IsLeaving
            ? new NodeAllowances([], null)
            : _limitTable.Report(
                report.Node, tracker.Usages, identity => tracker.Sessions.CountOf(identity) > 0, _limits, _registry.HeardCount, now);
        tracker.Allow(allowances.Allowances, allowances.Default);
        return directive with
        {
            Leases = grants,
            LeaseFaults = faults,
            Limits = allowances.Allowances,
            DefaultLimit = allowances.Default,
        };
    }

    private void Learn(NodeTracker tracker, NodeReport report, ReportOutcome outcome, DateTimeOffset now)
    {
        var info = tracker.ToInfo()!;
        _stats.Add(report.Node, outcome.Increase, info.Load, now);
        Complete(report.Node, outcome.Answers);
        var plan = PlanOf(report.Node);
        if (report.IsLeaving)
        {
            if (plan is not null && _store is not null)
                _left[report.Node] = info;
            if (!IsHeldUp)
                plan?.ObserveLeft(info, now);
            Tell(_registry.Leave(report.Node, now));
            OnGone(report.Node, now);
        }
        else
        {
            Tell(_registry.Observe(info, now));
            _left.Remove(report.Node);
            if (!IsHeldUp)
                plan?.Observe(info, now);
        }
        if ((outcome.Changes & (NodeChanges.Joined | NodeChanges.Configuration | NodeChanges.BegunAnew | NodeChanges.Left)) != 0)
        {
            _configurations++;
            ExcludeStatic(now);
        }
        if (outcome.Changes != NodeChanges.None && !IsHeldUp)
            SettleDrains(now);
    }
}
