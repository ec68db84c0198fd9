using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Hosting.Fleet;
using Relay.Node.Diagnostics;
using Relay.Node.Diagnostics.Health;
using Relay.Node.Fleet;
using Relay.Node.Options;
using Relay.Node.Users;

namespace Relay.Node.Hosting;

/// <summary>
/// The node's part in the fleet: the link, what it reports of, and what it tells the rest of the node.
/// </summary>
internal sealed class FleetNode : IAsyncDisposable
{
    private readonly FleetLink _link;
    private readonly NodeDiagnostics _diagnostics;
    private readonly ReadinessCondition _ready;
    private readonly NodeDrain _drain;
    private readonly LeaseHolder _leases;
    private readonly UserHolder? _users;

    private FleetNode(
        NodeConfig config, IFleetReports reports, RelayServer server, SessionJournal sessions, UserHolder? users,
        NodeDiagnostics diagnostics,
        ILogger log)
    {
        _diagnostics = diagnostics;
        _users = users;
        _ready = diagnostics.Readiness.Register("lease");
        // Nobody is to send clients here before it is known whether another process has the name, or nobody answers.
        var named = diagnostics.Readiness.Register("node-id", "the fleet has not been asked yet");
        var clock = new BootClock();
        var hook = config.Fleet.LeaseHook is { } command ? new LeaseHook(command, config.Fleet.NodeId, log) : null;
        _drain = new NodeDrain(server.Fleet, clock, log);
        _leases = new LeaseHolder(config.Fleet, config.Egress, server.Fleet, hook, clock, log)
        {
            IsUsed = lease => sessions.HasFlowFrom(lease.Lease.Contains),
        };
        _link = new FleetLink(
            reports,
            new FleetParts
            {
                Writer = new ReportWriter(config, server.Fleet, ProgramVersion.Text, clock),
                Sessions = sessions,
                Drain = _drain,
                Leases = _leases,
                Allowances = new IdentityAllowances(server.Identities, clock),
                Quotas = new MonthQuotas(server.Identities, clock),
                Users = users,
                OnTicked = Publish,
                OnNamed = reason =>
                {
                    if (reason is null)
                        named.Meet();
                    else
                        named.Fail(reason);
                },
                OnReportAnswered = diagnostics.Fleet.NoteAnswer,
                OnReportFailed = diagnostics.Fleet.CountReportFailure,
            },
            clock, Random.Shared, log)
        {
            AnswerTime = TimeSpan.FromSeconds(1) + Coordinators.LongestReport(config.Fleet.Coordinators.Length),
        };
        diagnostics.Fleet.NoteAnswer();
        diagnostics.Fleet.LeasesWanted = config.Fleet.Pools.Length;
        Publish();
    }

    /// <summary>Begins to report.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="hosting">Who is reported to.</param>
    /// <param name="server">The data plane, whose sessions go to <paramref name="sessions"/>.</param>
    /// <param name="sessions">What is told of sessions.</param>
    /// <param name="users">The fleet's users; null where the node takes none.</param>
    /// <param name="diagnostics">Where readiness and gauges are shown.</param>
    /// <param name="log">Where to say what happens.</param>
    public static FleetNode Start(
        NodeConfig config, FleetHosting hosting, RelayServer server, SessionJournal sessions, UserHolder? users,
        NodeDiagnostics diagnostics,
        ILogger log)
    {
        var node = new FleetNode(config, hosting, server, sessions, users, diagnostics, log);
        Log.FleetJoins(log, config.Fleet.NodeId, hosting.Name);
        node._link.Start();
        return node;
    }

    /// <summary>The process is about to end: it drains by itself, and takes no more orders.</summary>
    public void BeginShutdown() => _link.BeginShutdown();

    /// <summary>Leaves the fleet in order, once nothing is relayed any more.</summary>
    /// <param name="hurry">Ends the wait at once.</param>
    public Task LeaveAsync(CancellationToken hurry) => _link.LeaveAsync(hurry);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync().ConfigureAwait(false);
        if (_users is not null)
            await _users.CloseAsync().ConfigureAwait(false);
    }

    private void Publish()
    {
        if (_leases.NotReady is { } why)
            _ready.Fail(why);
        else
            _ready.Meet();
        _diagnostics.Fleet.SetLeases(_leases.InUse.Count, _leases.ExpiresIn);
        _diagnostics.Fleet.DrainPhase = _drain.State switch
        {
            NodeState.Lame => DrainPhase.Lame,
            NodeState.Draining => DrainPhase.Draining,
            NodeState.Drained => DrainPhase.Drained,
            _ => DrainPhase.Serving,
        };
        if (_drain.State == NodeState.Serving)
            _diagnostics.Drain.Meet();
        else
            _diagnostics.Drain.Fail(_drain.State == NodeState.Drained ? "the node is drained" : "the node drains");
    }
}
