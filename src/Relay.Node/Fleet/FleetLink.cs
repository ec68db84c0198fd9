using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Node.Users;

namespace Relay.Node.Fleet;

/// <summary>
/// The node's side of the fleet: reports, and does what the answers say. It runs beside the loops and never holds one
/// up; where nobody answers, the node carries on with what it has.
/// </summary>
internal sealed partial class FleetLink : IAsyncDisposable
{
    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at deadlines, whether anybody answers or not.</summary>
    internal static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long the last report is tried, and how often.</summary>
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Reports that tell what is owed of what users have used, before the last: as many as a coordinator takes at once.</summary>
    private const int MaxLastParts = 3;

    /// <summary>How long the last users of leases, and the hook, may take at the end.</summary>
    private static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(25);

    /// <summary>How long leaving takes at most, for whoever waits for the process to end.</summary>
    public static TimeSpan LongestLeave => ReleaseTime + (2 * LeaveTime);

    /// <summary>Sessions that one directive can end, and flows that it can ask for.</summary>
    private const int MaxOrders = 4096;

    private readonly IFleetReports _fleet;
    private readonly FleetParts _parts;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ReportPacing _pacing;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _ticker;
    private IReadOnlyList<FlowLookup> _lookups = [];
    private Task _running = Task.CompletedTask;
    private bool _isRefused;
    private bool _isLost;
    private bool _isNameTaken;
    private TimeSpan? _retryAfter;

    /// <summary>A link that has not begun.</summary>
    /// <param name="fleet">Who is reported to.</param>
    /// <param name="parts">What reports tell of, and directives are for.</param>
    /// <param name="clock">Wall clock, and a monotonic clock that counts while the machine is suspended.</param>
    /// <param name="random">Where jitter comes from.</param>
    /// <param name="log">Where to say what happens.</param>
    public FleetLink(IFleetReports fleet, FleetParts parts, TimeProvider clock, Random random, ILogger log)
    {
        _fleet = fleet;
        _parts = parts;
        _clock = clock;
        _log = log;
        _pacing = new ReportPacing(random);
        _begunAt = clock.GetTimestamp();
        _ticker = clock.CreateTimer(static link => ((FleetLink)link!)
            .OnTick(), this, TickInterval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Reports that were not answered.</summary>
    public long Failures { get; private set; }

    /// <summary>Begins to report.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>The process is about to end: it drains, and takes no more drain orders.</summary>
    public void BeginShutdown()
    {
        lock (_gate)
            _parts.Drain.BeginShutdown();
    }

    /// <summary>Leaves the fleet in order: leases given back, and a last report that says so.</summary>
    /// <param name="hurry">Ends the wait at once: what was not given back runs out.</param>
    public async Task LeaveAsync(CancellationToken hurry)
    {
        await StopAsync().ConfigureAwait(false);
        try
        {
            await _parts.Leases.ReleaseAllAsync().WaitAsync(ReleaseTime, _clock, hurry).ConfigureAwait(false);
            var began = _clock.GetTimestamp();
            // What users have used is told in parts, each after the one before has arrived.
            for (var parts = 0; parts < MaxLastParts && _parts.Sessions.Use.IsOwed; parts++)
            {
                if (!await ReportAsync(isLeaving: false, hurry).ConfigureAwait(false))
                    break;
            }
            // What has not the name has nothing to give back.
            while (!await ReportAsync(isLeaving: true, hurry).ConfigureAwait(false)
                && !_isNameTaken && _clock.GetElapsedTime(began) < LeaveTime)
                await Task.Delay(LeaveInterval, _clock, hurry).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // What could not be given back runs out.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _ticker.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Looks at deadlines.</summary>
    internal void Tick()
    {
        lock (_gate)
        {
            _parts.Sessions.Collect();
            _parts.Drain.Tick();
            _parts.Leases.Tick();
            _parts.Users?.Tick();
            EndRevoked();
            _parts.Quotas.Look();
            EndSpent();
            _parts.OnTicked();
        }
    }

    /// <summary>Reports once.</summary>
    /// <param name="isLeaving">It is the last report.</param>
    /// <param name="cancel">Ends the wait for an answer.</param>
    /// <returns>Whether it was answered; the last report only by who decides.</returns>
    internal async Task<bool> ReportAsync(bool isLeaving, CancellationToken cancel)
    {
        try
        {
            // Before anything of the report is read: deadlines of leases count from here.
            var sentAt = _clock.GetTimestamp();
            var report = Build(isLeaving);
            var directive = await _fleet.ReportAsync(report, cancel)
                .AsTask().WaitAsync(AnswerTime, _clock, cancel).ConfigureAwait(false);
            if (directive.Sequence != report.Sequence)
                throw new FleetUnavailableException($"report {report.Sequence} was answered as {directive.Sequence}");
            lock (_gate)
            {
                if (directive.IsStandIn)
                    ApplyStandIn(directive);
                else
                    Apply(report, directive, sentAt);
            }
            if (!directive.IsStandIn)
                OnAnswered();
            else
                OnStoodIn();
            // That it leaves nobody but the fleet can confirm.
            return !(directive.IsStandIn && isLeaving);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e)
        {
            // Whatever it was, the link goes on: a node whose link has died would be taken for dead.
            OnFailed(e);
            return false;
        }
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var isAnswered = await ReportAsync(isLeaving: false, _stop.Token).ConfigureAwait(false);
            var wait = isAnswered
                ? _pacing.OnAnswered(_standIns == 0 && (_parts.Sessions.HasBacklog || _parts.Sessions.Use.HasBacklog || _parts.Users is { HasMore: true }))
                : _retryAfter ?? _pacing.OnFailed(_isRefused, _parts.Leases.FirstEndsIn);
            try
            {
                await Task.Delay(wait, _clock, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private NodeReport Build(bool isLeaving)
    {
        lock (_gate)
        {
            _parts.Sessions.Collect();
            return _parts.Writer.Write(_parts.Drain, _parts.Leases, _parts.Sessions, _parts.Users) with
            {
                Sessions = _parts.Sessions.Build(),
                Use = _parts.Sessions.BuildUse(),
                Identities = _parts.Allowances.Read(),
                Answers = [.. _lookups.Select(_parts.Sessions.Answer)],
                StandInAfterMilliseconds = isLeaving ? 0 : (int)StandInWait.TotalMilliseconds,
                IsLeaving = isLeaving,
            };
        }
    }

    private void Apply(NodeReport report, NodeDirective directive, long sentAt)
    {
        _knownSequence = report.Sequence;
        _parts.Writer.OnAnswered();
        _parts.Sessions.Confirm(report.Sessions, directive.AcknowledgedSessions, directive.Resync);
        _parts.Sessions.Use.Confirm(directive.AcknowledgedUse);
        _parts.Leases.ConfirmReleased(report.Released);
        if (report.IsLeaving)
            return;
        _pacing.Interval = TimeSpan.FromMilliseconds(directive.ReportIntervalMilliseconds);
        _parts.Drain.Apply(directive.Drain);
        _parts.Leases.Apply(directive.Leases, directive.LeaseFaults, sentAt);
        _parts.Allowances.Apply(directive.Limits, directive.DefaultLimit);
        _parts.Users?.Apply(directive.Users, directive.KnowsUsers);
        EndRevoked();
        _parts.Quotas.Apply(directive.SpentUsers, directive.MonthEndsInSeconds);
        EndSpent();
        foreach (var session in directive.EndSessions.Take(MaxOrders))
        {
            if (_parts.Sessions.End(session))
                Log.SessionEnds(_log, session);
        }
        _lookups = [.. directive.Lookups.Take(MaxOrders)];
        _parts.OnTicked();
    }

    // A request may have been let in by users that were replaced meanwhile: its session is found here at the next look.
    private void EndRevoked()
    {
        if (_parts.Users is not { } users)
            return;
        foreach (var (session, identity) in _parts.Sessions.EndRevoked(users.Table))
            Log.SessionRevoked(_log, session, identity);
    }

    private void EndSpent()
    {
        foreach (var (session, identity) in _parts.Sessions.EndOf(_parts.Quotas.Identities))
            Log.SessionSpent(_log, session, identity);
    }

    private void OnAnswered()
    {
        _parts.OnReportAnswered();
        if (_isLost || _isRefused || _standIns >= StandInsToTell)
            Log.FleetFound(_log, Math.Max(_pacing.Failures, _standIns));
        if (_isNameTaken)
            Log.NodeNameGained(_log);
        _isLost = _isRefused = _isNameTaken = false;
        _standIns = 0;
        _parts.OnNamed(null);
    }

    private void OnFailed(Exception failure)
    {
        Failures++;
        _parts.OnReportFailed();
        _retryAfter = (failure as NodeNameTakenException)?.RetryAfter;
        if (failure is NodeNameTakenException taken)
        {
            if (!_isNameTaken)
                Log.NodeNameTaken(_log, taken.Message);
            (_isNameTaken, _isRefused, _isLost) = (true, false, false);
            _parts.OnNamed(taken.Message);
            return;
        }
        // Whoever has not the name still has not; but a node that nobody answers has no reason to hold back.
        if (!_isNameTaken)
            _parts.OnNamed(null);
        // Said once, and again when the reason is of the other kind.
        if (failure is FleetRejectedException)
        {
            if (!_isRefused)
                Log.FleetRefuses(_log, failure.Message);
            (_isRefused, _isLost) = (true, false);
            return;
        }
        if (!_isLost)
            Log.FleetLost(
                _log, failure is TimeoutException ? $"no answer within {AnswerTime.TotalSeconds} s" : failure.Message);
        (_isRefused, _isLost) = (false, true);
        if (failure is not (FleetUnavailableException or TimeoutException))
            Log.FleetDefect(_log, failure);
    }

    private void OnTick()
    {
        try
        {
            Tick();
        }
        catch (Exception e)
        {
            Log.FleetDefect(_log, e);
        }
        // Disposed by now, it stays still.
        _ticker.Change(TickInterval, Timeout.InfiniteTimeSpan);
    }

    private async Task StopAsync()
    {
        if (!_stop.IsCancellationRequested)
            await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }
}

/// <summary>What the link ties together. Used by one thread at a time.</summary>
internal sealed class FleetParts
{
    /// <summary>Makes reports.</summary>
    public required ReportWriter Writer { get; init; }

    /// <summary>The node's sessions.</summary>
    public required SessionJournal Sessions { get; init; }

    /// <summary>The drain that is ordered.</summary>
    public required NodeDrain Drain { get; init; }

    public required LeaseHolder Leases { get; init; }

    /// <summary>The share of the fleet's limits.</summary>
    public required IdentityAllowances Allowances { get; init; }

    /// <summary>Who has used up the month.</summary>
    public required MonthQuotas Quotas { get; init; }

    /// <summary>The fleet's users; null where the node takes none.</summary>
    public UserHolder? Users { get; init; }

    /// <summary>Called when drain or leases may have changed.</summary>
    public Action OnTicked { get; init; } = static () => { };

    /// <summary>
    /// Called with the outcome of a report: why the node may not serve under its name, or null where nothing is against it.
    /// </summary>
    public Action<string?> OnNamed { get; init; } = static _ => { };

    /// <summary>Called when who decides has answered a report.</summary>
    public Action OnReportAnswered { get; init; } = static () => { };

    /// <summary>Called when a report was not answered, or by a stand-in only.</summary>
    public Action OnReportFailed { get; init; } = static () => { };
}
