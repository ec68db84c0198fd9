using Microsoft.Extensions.Time.Testing;

namespace Relay.Testing.Nodes;

/// <summary>
/// A node of a fleet: the real link, drain, leases and account of sessions, over a data plane that carries what the test
/// says. It reports when the test says so.
/// </summary>
/// <param name="name">Its name in the fleet.</param>
/// <param name="fleet">Who it reports to, where not said with each report.</param>
/// <param name="clock">Its clocks; they stand still unless given, so that no deadline comes.</param>
public sealed class SimulatedNode(string name, IFleetReports? fleet = null, TimeProvider? clock = null)
    : IAsyncDisposable
{
    private readonly TimeProvider _clock = clock ?? new FakeTimeProvider(DateTimeOffset.UtcNow);
    private readonly SimulatedLoad _load = new();
    private NodeRun? _run;

    public string Name => name;

    public Guid Incarnation => Run.Incarnation;

    public string Version { get; set; } = "1.0.0";

    public DateTimeOffset? StartedAt { get; set; }

    public IReadOnlyList<string> Addresses { get; set; } = ["192.0.2.10:443"];

    /// <summary>The pools that it wants a block each of, from its first report on.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    public List<Prefix> StaticPrefixes { get; } = [];

    public IReadOnlyList<IdentityUsage> Identities { get; set; } = [];

    /// <summary>It lets a coordinator stand in, as every node does; else it takes the answers of who decides only.</summary>
    public bool TakesStandIns { get; set; }

    /// <summary>The last that is done to a report before it goes: what no real node would say, or not yet.</summary>
    public Func<NodeReport, NodeReport> Amend { get; set; } = static report => report;

    public IReadOnlyList<string> Warnings { get => _load.Warnings; set => _load.Warnings = value; }

    public bool IsOpenRelay { get => _load.IsOpenRelay; set => _load.IsOpenRelay = value; }

    public NodeTotals Totals { get => _load.Totals; set => _load.Totals = value; }

    public Distribution Rtt { get => _load.Rtt; set => _load.Rtt = value; }

    public long TcpTunnels { get => _load.TcpTunnels; set => _load.TcpTunnels = value; }

    public long UdpTunnels { get => _load.UdpTunnels; set => _load.UdpTunnels = value; }

    /// <summary>How busy its loops are, 0 to 1.</summary>
    public double Busy { get => _load.Busy; set => _load.Busy = value; }

    /// <summary>Tunnels that are open.</summary>
    public long Tunnels
    {
        get => _load.Tunnels;
        set => (TcpTunnels, UdpTunnels) = (value, 0);
    }

    /// <summary>Neither its reports nor the answers to them arrive.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Its process is not there.</summary>
    public bool IsDead { get; set; }

    /// <summary>Its reports arrive, and the answers are lost.</summary>
    public bool LosesAnswers { get; set; }

    public NodeDirective? LastDirective => _run?.Wire.Directive;

    /// <summary>It was asked who has a flow, and its next report answers.</summary>
    public bool HasAnswers => LastDirective?.Lookups.Count > 0;

    /// <summary>Why it was refused, if it ever was.</summary>
    public FleetRejectedException? Rejection => _run?.Wire.Rejection;

    /// <summary>Why it was not taken for the node, when it last reported.</summary>
    public NodeNameTakenException? NameTaken => _run?.Wire.Failure as NodeNameTakenException;

    /// <summary>Why its last report was not answered; null where it was.</summary>
    public Exception? LastFailure => _run?.Wire.Failure;

    public NodeState State => Run.State;

    /// <summary>The names of its sessions.</summary>
    public IReadOnlyCollection<string> Sessions => Run.Sessions.Open;

    /// <summary>What the last answer granted.</summary>
    public IReadOnlyList<LeaseGrant> Grants => LastDirective?.Leases ?? [];

    /// <summary>The blocks that it tells the fleet it has.</summary>
    public IReadOnlyList<LeaseClaim> Leases => Run.Leases.Claims;

    /// <summary>The blocks that it sends from at this moment.</summary>
    public IEnumerable<Prefix> UsedBlocks => IsDead ? [] : Run.Leases.InUse.Select(static lease => lease.Prefix);

    private NodeRun Run => _run ??= new NodeRun(this, _load, _clock);

    /// <summary>Its timer goes off: what has run out ends.</summary>
    public void LookAtDeadlines() => Run.Link.Tick();

    /// <summary>A session begins.</summary>
    public SessionRecord Open(string id, string identity = "credential:alice", params string[] egress) =>
        Open(new SessionRecord
        {
            Id = id,
            Identity = identity,
            StartedAt = _clock.GetUtcNow(),
            TunnelsOpen = 1,
            TunnelsTotal = 1,
            EgressAddresses = egress is [] ? ["192.0.2.1"] : egress,
        });

    /// <summary>A session begins, and has been carrying something by the time that the fleet hears of it.</summary>
    public SessionRecord Open(SessionRecord record)
    {
        Run.Sessions.Put(record);
        return record with { StartedAt = _clock.GetUtcNow() };
    }

    /// <summary>A session gets a tunnel with a source address and port.</summary>
    public void OpenFlow(string session, string address, int port) => Run.Sessions.OpenFlow(session, address, port);

    /// <summary>A session is over.</summary>
    public void Close(string session) => Run.Sessions.Remove(session);

    /// <summary>Tunnels end of themselves, those of UDP first.</summary>
    public void FinishTunnels(long count)
    {
        _load.Finish(count);
        Run.Link.Tick();
    }

    /// <summary>The deadline ends tunnels.</summary>
    public void ForceClose(long count)
    {
        _load.ForceClosedTunnels += count;
        FinishTunnels(count);
    }

    /// <summary>Carries something since the last report.</summary>
    public void Carry(long downstreamBytes, long upstreamBytes, long tunnels = 0) => Totals += new NodeTotals
    {
        DownstreamBytes = downstreamBytes,
        UpstreamBytes = upstreamBytes,
        DownstreamDatagrams = downstreamBytes / 1200,
        UpstreamDatagrams = upstreamBytes / 1200,
        TcpTunnels = tunnels,
        TunnelsCompleted = tunnels,
        Connections = tunnels / 8,
        PacketsSent = downstreamBytes / 1200,
        PacketsLost = downstreamBytes / 4_000_000,
    };

    /// <summary>The process dies, and another begins.</summary>
    public async Task RestartAsync()
    {
        await DisposeAsync();
        (_run, IsDead, Tunnels, Totals, Identities) = (null, false, 0, new NodeTotals(), []);
    }

    /// <summary>Reports, and does what the answer says.</summary>
    /// <exception cref="FleetUnavailableException">Nobody answered, or the answer was lost.</exception>
    /// <exception cref="FleetRejectedException">It was refused.</exception>
    /// <exception cref="NodeNameTakenException">Another process has the name.</exception>
    public async Task<NodeDirective> ReportAsync(IFleetReports? to = null, bool isLeaving = false)
    {
        var run = Run;
        run.Wire.Fleet = to ?? fleet;
        if (!await run.ReportAsync(isLeaving))
            throw run.Wire.Failure ?? new FleetUnavailableException("the answer was to another report");
        return run.Wire.Directive!;
    }

    /// <summary>Begins to report by itself, as a node does.</summary>
    public void Start(IFleetReports to)
    {
        Run.Wire.Fleet = to;
        Run.Link.Start();
    }

    /// <summary>Reports if it can; what comes of that is in its properties.</summary>
    public async Task TryReportAsync(IFleetReports to)
    {
        if (IsDead || IsCutOff)
            return;
        try
        {
            await ReportAsync(to);
        }
        catch (Exception exception) when (exception is FleetUnavailableException or FleetRejectedException
            or NodeNameTakenException)
        {
            // It carries on as it is.
        }
    }

    /// <summary>Reports, where another process of the name may still be taken for the node.</summary>
    public async Task AskAsync(IFleetReports to)
    {
        try
        {
            await ReportAsync(to);
        }
        catch (NodeNameTakenException)
        {
            // It asks again.
        }
    }

    /// <summary>Reports until the fleet answers: what is unavailable is tried again, as a node does.</summary>
    public Task<NodeDirective> ReportPersistentlyAsync(IFleetReports to) =>
        Eventually.HoldsAsync($"an answer to {name}", () => ReportAsync(to), static _ => true);

    /// <summary>Reports until something holds.</summary>
    public Task ReportUntilAsync(Func<Task<bool>> condition, string what) => Eventually.HoldsAsync(async () =>
    {
        await ReportAsync();
        return await condition();
    }, what);

    /// <summary>The process ends in order: everything is given back, and a last report says so.</summary>
    public async Task LeaveAsync(IFleetReports to)
    {
        foreach (var session in Sessions.ToArray())
            Close(session);
        Tunnels = 0;
        await Run.Leases.ReleaseAllAsync();
        await ReportAsync(to, isLeaving: true);
        IsDead = true;
    }

    /// <summary>The report that it would send next, and has sent for all it knows; nobody answers it.</summary>
    public NodeReport Next()
    {
        Run.Wire.Fleet = null;
        Assert.True(Run.Link.ReportAsync(isLeaving: false, default).IsCompleted);
        return Run.Wire.Report!;
    }

    public ValueTask DisposeAsync() => _run?.Link.DisposeAsync() ?? default;

    internal NodeReport Describe(NodeReport report) => Amend(report with
    {
        Version = Version,
        StartedAt = StartedAt ?? report.StartedAt,
        Addresses = Addresses,
        StaticPrefixes = [.. StaticPrefixes],
        Identities = Identities,
        StandInAfterMilliseconds = TakesStandIns ? report.StandInAfterMilliseconds : 0,
    });
}
