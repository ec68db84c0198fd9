using Relay.Fleet.Contract;
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
        lock (gate)
            return ValueTask.FromResult(Take(report, Now));
    }

    private NodeDirective Take(NodeReport report, DateTimeOffset now)
    {
        if (!trackers.TryGetValue(report.Node, out var tracker))
        {
            if (registry.Count >= NodeRegistry.MaxNodes)
                throw new FleetRejectedException(
                    $"the fleet has {NodeRegistry.MaxNodes} nodes already, and takes no other");
            trackers.Add(report.Node, tracker = new NodeTracker(report.Node, timings));
        }
        var outcome = tracker.Apply(report, now);
        if (outcome.Kind == ReportKind.NameTaken)
            throw new NodeNameTakenException(outcome.Refusal!, timings.ReportInterval);
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
            Tell(registry.Observe(tracker.ToInfo()!, now));
        var (grants, faults) = Lease(report, now);
        var allowances = report.IsLeaving
            ? new NodeAllowances([], null)
            : limitTable.Report(report.Node, report.Identities, limits, registry.Heard.Count(), now);
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
        stats.Add(report.Node, outcome.Increase, report.Load, now);
        Complete(report.Node, outcome.Answers);
        var plan = PlanOf(report.Node);
        if (report.IsLeaving)
        {
            plan?.ObserveLeft(info, now);
            Tell(registry.Leave(report.Node, now));
            OnGone(report.Node, now);
        }
        else
        {
            Tell(registry.Observe(info, now));
            plan?.Observe(info, now);
        }
        if ((outcome.Changes & (NodeChanges.Joined | NodeChanges.Configuration | NodeChanges.BegunAnew | NodeChanges.Left)) != 0)
            ExcludeStatic(now);
        if (outcome.Changes != NodeChanges.None)
            SettleDrains(now);
    }
}
