using Relay.Fleet.Contract;

namespace Relay.Testing.Behaviour;

/// <summary>A node as the fleet sees it: reports once a second, does what directives say.</summary>
public sealed class SimulatedNode(string name, Func<DateTimeOffset> clock)
{
    private readonly SimulatedSessions _sessions = new();
    private readonly SimulatedDrain _drain = new();
    private readonly Dictionary<(string Pool, Prefix Block, long Epoch), DateTimeOffset> _held = [];
    private readonly List<LeaseClaim> _released = [];
    private List<FlowAnswer> _answers = [];
    private long _sequence;

    public string Name => name;

    public Guid Incarnation { get; private set; } = Guid.NewGuid();

    public string Version { get; set; } = "1.0.0";

    public List<string> Pools { get; init; } = [];

    public List<Prefix> StaticPrefixes { get; } = [];

    public List<string> Warnings { get; } = [];

    public bool IsOpenRelay { get; set; }

    public List<IdentityUsage> Identities { get; set; } = [];

    public NodeTotals Totals { get; set; } = new();

    public Distribution Rtt { get; set; } = Distribution.Empty;

    /// <summary>Neither its reports nor the answers to them arrive.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Its process is not there.</summary>
    public bool IsDead { get; set; }

    /// <summary>Its reports arrive, and the answers are lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Which session has which flow.</summary>
    public Dictionary<(string Address, int Port), string> Flows { get; } = [];

    /// <summary>It was asked who has a flow, and its next report answers.</summary>
    public bool HasAnswers => _answers.Count > 0;

    public NodeDirective? LastDirective { get; private set; }

    public FleetRejectedException? Rejection { get; private set; }

    /// <summary>Why it was not taken for the node, when it last reported.</summary>
    public NodeNameTakenException? NameTaken { get; private set; }

    public string Address { get; set; } = "192.0.2.10:443";

    public long Tunnels
    {
        get => _drain.Tunnels;
        set => _drain.Tunnels = value;
    }

    public NodeState State => IsReady ? _drain.State : NodeState.Starting;

    public IReadOnlyCollection<string> Sessions => _sessions.Ids;

    /// <summary>The blocks that it may send from at this moment, by its own clock.</summary>
    public IEnumerable<Prefix> UsedBlocks =>
        IsDead ? [] : _held.Where(lease => lease.Value > clock()).Select(lease => lease.Key.Block);

    private bool IsReady => Pools.Count == 0 || UsedBlocks.Any();

    public SessionRecord Open(string id, string identity = "credential:alice", string egress = "192.0.2.1") =>
        _sessions.Put(new SessionRecord
        {
            Id = id,
            Identity = identity,
            StartedAt = clock(),
            EgressAddresses = [egress],
            TunnelsOpen = 1,
            TunnelsTotal = 1,
        });

    public void Close(string id) => _sessions.Remove(id);

    /// <summary>A tunnel ends of itself.</summary>
    public void FinishTunnels(long count) => _drain.Finish(count);

    /// <summary>The process dies, and another begins.</summary>
    public void Restart()
    {
        Incarnation = Guid.NewGuid();
        (IsDead, _sequence, LastDirective, Rejection, NameTaken) = (false, 0, null, null, null);
        _sessions.Clear();
        _drain.Clear();
        _held.Clear();
        _released.Clear();
        _answers = [];
        Totals = new NodeTotals();
        Identities = [];
    }

    /// <summary>Reports, and does what the answer says. Nobody there is no failure.</summary>
    public async Task ReportAsync(IFleetReports fleet, CancellationToken cancellation)
    {
        if (IsDead || IsCutOff)
            return;
        var report = Next();
        var sentAt = clock();
        NameTaken = null;
        try
        {
            var directive = await fleet.ReportAsync(report, cancellation);
            if (!LosesAnswers)
                Obey(directive, sentAt);
        }
        catch (FleetUnavailableException)
        {
            // It carries on as it is.
        }
        catch (NodeNameTakenException e)
        {
            NameTaken = e;
        }
        catch (FleetRejectedException e)
        {
            Rejection = e;
        }
    }

    /// <summary>The process ends in order: its last report.</summary>
    public async Task LeaveAsync(IFleetReports fleet, CancellationToken cancellation)
    {
        _released.AddRange(_held.Keys.Select(lease => new LeaseClaim(lease.Pool, lease.Block, lease.Epoch)));
        _held.Clear();
        foreach (var session in Sessions.ToArray())
            Close(session);
        Tunnels = 0;
        await fleet.ReportAsync(Next() with { IsLeaving = true }, cancellation);
        IsDead = true;
    }

    public NodeReport Next()
    {
        var now = clock();
        foreach (var over in _held.Where(lease => lease.Value <= now).Select(lease => lease.Key).ToArray())
            _held.Remove(over);
        _drain.Move(now);
        return new NodeReport
        {
            Node = name,
            Incarnation = Incarnation,
            Sequence = ++_sequence,
            State = State,
            NotReady = IsReady ? [] : ["it has no lease"],
            Version = Version,
            StartedAt = now,
            Addresses = [Address],
            StaticPrefixes = [.. StaticPrefixes],
            Warnings = [.. Warnings],
            IsOpenRelay = IsOpenRelay,
            Load = new NodeLoad { Sessions = Sessions.Count, Connections = Sessions.Count, TcpTunnels = Tunnels },
            Totals = Totals,
            Rtt = Rtt,
            Sessions = _sessions.Delta(),
            Pools = [.. Pools],
            Leases = [.. _held.Keys.Select(lease => new LeaseClaim(lease.Pool, lease.Block, lease.Epoch))],
            Released = [.. _released],
            Drain = _drain.Progress,
            Identities = [.. Identities],
            Answers = [.. _answers],
        };
    }

    public void Obey(NodeDirective directive, DateTimeOffset sentAt)
    {
        LastDirective = directive;
        _sessions.Acknowledge(directive);
        foreach (var session in directive.EndSessions)
            Close(session);
        _answers = [.. directive.Lookups.Select(question => new FlowAnswer(
            question.Id, Flows.TryGetValue((question.Address, question.Port), out var session) ? [session] : []))];
        _released.RemoveAll(claim => !directive.Leases.Any(grant => grant.Prefix == claim.Prefix));
        foreach (var grant in directive.Leases)
        {
            var lease = (grant.Pool, grant.Prefix, grant.Epoch);
            if (!grant.IsReleasing)
                _held[lease] = sentAt + TimeSpan.FromMilliseconds(grant.DurationMilliseconds);
            else if (_held.Remove(lease))
                _released.Add(new LeaseClaim(grant.Pool, grant.Prefix, grant.Epoch));
        }
        _drain.Obey(directive.Drain, clock());
    }
}
