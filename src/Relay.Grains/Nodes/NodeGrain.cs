using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Storage;
using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Fleet.Sessions;
using Relay.Grains.Contracts;
using Relay.Grains.State;
using Relay.Grains.Stats;

namespace Relay.Grains.Nodes;

/// <inheritdoc cref="INodeGrain"/>
/// <remarks>
/// Lives at the coordinator that its node reports to, so that a report is one call within a process; the stage that its statistics
/// belong to is told of many at once (<see cref="StageLink"/>). Others are called when something changes. What it stores is who speaks for the
/// node and which sessions were ordered to end; sessions and all else come with the node's next report.
/// </remarks>
// Of a node that is silent it is still known how it went before, until the fleet forgets it.
[CollectionAgeLimit(Minutes = 90)]
[Reentrant]
[PreferLocalPlacement]
internal sealed partial class NodeGrain(
    [PersistentState("node", GrainKeys.Storage)] IPersistentState<NodeTrackerState> storage,
    GrainClock clock,
    FleetTimings timings,
    SessionBudget budget,
    StageLinks stages) : Grain, INodeGrain
{
    private NodeTracker _tracker = null!;
    private LeaseCache _leases = null!;
    private OrderCache _order = null!;
    private LimitCache _limits = null!;
    private UserCache _users = null!;
    private UseCache _use = null!;
    private StageLink _stage = null!;
    private long _storedRevision;
    private Task _telling = Task.CompletedTask;
    private Task _summing = Task.CompletedTask;
    private Task _storing = Task.CompletedTask;
    private StatsIncrease _unsent = StatsIncrease.None;
    private NodeStanding? _standing;
    private NodeObservation? _untold;
    private NodeStanding? _refused;
    private bool _isTold;
    private bool _isAdmitted;
    private long _doubts;
    private bool _isCutOff;

    private string Node => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tracker = new NodeTracker(Node, timings, storage.RecordExists ? storage.State : null, budget, clock.Time);
        _leases = new LeaseCache(GrainFactory, clock, timings);
        _order = new OrderCache(Node, GrainFactory, clock);
        _limits = new LimitCache(_tracker, GrainFactory, clock, timings);
        _users = new UserCache(_tracker, GrainFactory, clock);
        _use = new UseCache(_tracker, _limits, GrainFactory, clock);
        _stage = stages.Of(Node);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Others may have the memory.
        _tracker.Sessions.Clear();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<ReportAnswer> ReportAsync(NodeReport report)
    {
        var (now, patience) = (clock.Now, new ReportPatience(clock, report));
        var outcome = _tracker.Apply(report, now);
        if (outcome.Refusal is { } refusal)
            return new ReportAnswer(
                null, refusal,
                outcome.Kind == ReportKind.NameTaken ? (int)timings.ReportInterval.TotalMilliseconds : null);
        if (outcome.Kind == ReportKind.Fresh)
            Note(report, outcome);
        // Before anything is kept of a node that the fleet may refuse, or renewed for it.
        if (!_isAdmitted && await AdmitAsync(patience) is { } refused)
            return refused;
        var leases = outcome.Kind == ReportKind.Late ? Task.CompletedTask : _leases.AskAsync(report);
        if (outcome.Kind != ReportKind.Late)
            await SumAsync(report, patience);
        if (await AdmitAsync(patience) is { } refusedNow)
            return refusedNow;
        Store();
        await OrderAsync(report.Incarnation, patience);
        if (outcome.Kind != ReportKind.Late && !report.IsLeaving)
        {
            var users = _users.AskAsync(report.Users);
            // First: who has used up a quota shows by the rules.
            await patience.WaitAsync(_limits.AskAsync());
            await patience.WaitAsync(users);
        }
        if (outcome.Kind != ReportKind.Late)
            await patience.WaitAsync(_use.AskAsync(report.Incarnation));
        await patience.WaitAsync(leases);
        return new ReportAnswer(Answer(report, outcome.Kind));
    }

    /// <inheritdoc/>
    public Task<NodeInfo?> GetAsync() => Task.FromResult(Info());

    /// <inheritdoc/>
    public Task<NodeHistory> GetHistoryAsync(HistoryQuestion question) =>
        Task.FromResult(_tracker.History(question.WindowSeconds, clock.Now));

    /// <inheritdoc/>
    public Task OrderChangedAsync() => ReorderedAsync(null);

    /// <inheritdoc/>
    public Task OrderChangedByAsync(string drain) => ReorderedAsync(drain);

    /// <inheritdoc/>
    public Task LeasesChangedAsync(string pool)
    {
        _leases.Invalidate(pool);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SilentAsync()
    {
        _tracker.OnSilent();
        _limits.Forget();
        // The next report tells the fleet that the node is heard of again, which may not take it.
        Doubt();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task ForgetAsync()
    {
        // One that has reported since is not to be forgotten.
        if (!_tracker.HasLeft && _tracker.LastReport is not null
            && clock.Now - _tracker.LastReportAt < timings.NodeTimeout)
            return;
        DeactivateOnIdle();
        await _storing.Ended();
        if (storage.RecordExists)
            await storage.ClearStateAsync();
    }

    private Task ReorderedAsync(string? by)
    {
        _order.Invalidate(by);
        _standing = null;
        return Task.CompletedTask;
    }

    private NodeInfo? Info() => _tracker.ToInfo(_leases.Leases);

    private NodeDirective Answer(NodeReport report, ReportKind kind)
    {
        var directive = _tracker.Answer(report, clock.Now);
        if (kind == ReportKind.Late)
            return directive with { Drain = _order.Read(), IsCutOff = _isCutOff };
        var (grants, faults) = _leases.Read();
        var (limits, anybody) = report.IsLeaving ? ([], null) : _limits.Read();
        var (users, isKnown) = report.IsLeaving ? (null, false) : _users.Read(report.Users);
        _tracker.Allow(limits, anybody);
        return _tracker.Spent.Tell(
            directive with
            {
                Drain = _order.Read(),
                IsCutOff = _isCutOff,
                AcknowledgedUse = _use.CountedOf(report.Incarnation),
                Leases = grants,
                LeaseFaults = faults,
                Limits = limits,
                DefaultLimit = anybody,
                Users = users,
                KnowsUsers = isKnown,
            },
            _limits.QuotaOf, clock.Now);
    }

    // What others have to know, and what this report makes doubtful.
    private void Note(NodeReport report, ReportOutcome outcome)
    {
        // What is on its way to a stage that does not answer may be counted or lost; what came since waits for the
        // next.
        _unsent += outcome.Increase;
        if (outcome.Changes.HasFlag(NodeChanges.Joined))
            Doubt();
        if (outcome.Changes.HasFlag(NodeChanges.BegunAnew) || outcome.Changes.HasFlag(NodeChanges.Joined))
        {
            _leases.Clear();
            _order.Invalidate();
        }
        Complete(outcome.Answers);
        if (report.IsLeaving)
        {
            _limits.Forget();
            _untold = new NodeObservation(Info()!, report.Sequence, HasLeft: true);
        }
        else if (outcome.Changes != NodeChanges.None)
        {
            _isTold = false;
        }
    }

    // What the fleet has said of the node holds until it says something else. Where it has said nothing, nobody answers but
    // whoever stands in: a lease that is not renewed meanwhile outlives a fleet grain that moves.
    private async Task<ReportAnswer?> AdmitAsync(ReportPatience patience)
    {
        await TellAsync(patience);
        if (_refused is { } refused)
            return await RefuseAsync(refused);
        return _isAdmitted ? null
            : throw new GrainUnavailableException($"whether the fleet takes {Node} cannot be found out at the moment");
    }

    private void Doubt()
    {
        (_isTold, _isAdmitted) = (false, false);
        // Nor does an answer that is on its way say more.
        _doubts++;
    }

    // Nothing is kept of a node that is refused; its next report asks again.
    private async Task<ReportAnswer> RefuseAsync(NodeStanding refused)
    {
        var answer = new ReportAnswer(null, refused.Refusal, IsQuarantined: refused.IsQuarantined);
        _unsent = StatsIncrease.None;
        _tracker.Sessions.Clear();
        DeactivateOnIdle();
        if (_isAdmitted)
            await _stage.CloseAsync(Node);
        _isAdmitted = false;
        return answer;
    }

    // The stage is told before the fleet is, so that what the fleet pulls from it is never older than what it was told.
    private async Task SumAsync(NodeReport report, ReportPatience patience)
    {
        _isCutOff = true;
        _users.Doubt();
        if (!_summing.IsCompleted || Info() is not { } info)
            return;
        _summing = AddAsync(new NodeSummary(info, report.Sequence, _unsent), isNews: !_isTold || _untold is not null);
        _unsent = StatsIncrease.None;
        await patience.WaitAsync(_summing);

        async Task AddAsync(NodeSummary summary, bool isNews)
        {
            var facts = await _stage.TellAsync(summary, isNews);
            _limits.Learn(facts);
            _users.Learn(facts);
            _isCutOff = facts.IsCutOff;
            if (facts.IsRefused)
                Doubt();
        }
    }

    private async Task TellAsync(ReportPatience patience)
    {
        if (!_isTold && _untold is null && !_tracker.HasLeft && Info() is { } info)
            _untold = new NodeObservation(info, _tracker.LastReport!.Sequence, HasLeft: false);
        // Reports that came meanwhile wait for the same answer.
        if (_untold is null && _isAdmitted)
            return;
        if (_telling.IsCompleted)
            _telling = TellFleetAsync(_untold);
        await patience.WaitAsync(_telling);

        // Of a node that has said nothing yet but what is late, or has left, there is nothing to tell.
        async Task TellFleetAsync(NodeObservation? observation)
        {
            _untold = null;
            _isTold = true;
            var doubts = _doubts;
            try
            {
                var fleet = GrainFactory.GetGrain<IFleetGrain>(GrainKeys.Single);
                var standing = observation is null ? await fleet.GetStandingAsync(Node) : await fleet.ObserveAsync(observation);
                if (standing.Refusal is not null)
                    (_refused, _isTold) = (standing, false);
                else if (doubts == _doubts)
                    (_refused, _isAdmitted) = (null, true);
                _standing = standing;
                _limits.Learn(standing.Facts);
                _users.Learn(standing.Facts);
                if (standing.Drain != _order.Drain)
                    _order.Invalidate();
            }
            catch (Exception)
            {
                _isTold = false;
                if (observation is { HasLeft: true })
                    _untold = observation;
                throw;
            }
        }
    }

    // An order that is known is better than none while its coordinator is away; where none was ever known, nothing can
    // be answered: a directive without a drain would make the node serve.
    private async Task OrderAsync(Guid incarnation, ReportPatience patience)
    {
        if (!_order.IsDue)
            return;
        var standing = _standing;
        _standing = null;
        var asking = _order.AskAsync(incarnation, standing);
        await patience.WaitAsync(asking);
        if (!_order.IsKnown)
            throw new GrainUnavailableException($"what {Node} is ordered cannot be found out at the moment");
    }

    private void Store()
    {
        if (_tracker.Revision != _storedRevision && _storing.IsCompleted)
            _storing = StoreAsync();

        async Task StoreAsync()
        {
            var revision = _tracker.Revision;
            try
            {
                storage.State = _tracker.ToState();
                await storage.WriteStateAsync();
                _storedRevision = revision;
            }
            catch (InconsistentStateException)
            {
                // Another activation speaks for the node.
                DeactivateOnIdle();
            }
            catch (Exception)
            {
                // Storage is away: written with a later report. An unknown outcome shows as a conflict then.
            }
        }
    }
}
