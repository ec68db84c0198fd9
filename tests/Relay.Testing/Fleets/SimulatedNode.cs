using Relay.Fleet.Contract;

namespace Relay.Testing.Fleets;

/// <summary>
/// A node without a data plane: reports what the test lets happen, and does what it is ordered, one step a report. Its
/// tunnels end only when a test says so.
/// </summary>
public sealed class SimulatedNode(IFleetReports fleet, string name)
{
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly List<SessionRecord> _changed = [];
    private readonly List<string> _ended = [];
    private readonly Dictionary<string, SessionRecord> _sessions = [];
    private readonly List<LeaseClaim> _leases = [];
    private readonly List<LeaseClaim> _released = [];
    private List<FlowAnswer> _answers = [];
    private DrainOrder? _order;
    private NodeDrainProgress? _progress;
    private NodeTotals _totals = new();
    private long _sequence;
    private long _sessionNumber;

    public string Name { get; } = name;

    public NodeState State { get; private set; } = NodeState.Serving;

    public string Version { get; init; } = "0.9.2+4f1c2d7";

    public DateTimeOffset StartedAt { get; init; } = DateTimeOffset.UtcNow - TimeSpan.FromHours(31);

    public IReadOnlyList<string> Addresses { get; init; } = ["203.0.113.7:443"];

    public IReadOnlyList<string> Egress { get; init; } = ["host"];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public IReadOnlyList<string> NotReady { get; init; } = [];

    public bool IsOpenRelay { get; init; }

    public IReadOnlyList<string> Pools { get; init; } = [];

    public long TcpTunnels { get; set; }

    public long UdpTunnels { get; set; }

    public int Workers { get; init; } = 4;

    /// <summary>How busy its loops are, 0 to 1.</summary>
    public double Busy { get; set; } = 0.3;

    /// <summary>Which session uses an egress address and port; answers lookups.</summary>
    public Dictionary<(string Address, int Port), string> Flows { get; } = [];

    public IReadOnlyCollection<SessionRecord> Sessions => _sessions.Values;

    /// <summary>The blocks that it uses.</summary>
    public IReadOnlyList<LeaseClaim> Leases => _leases;

    /// <summary>A node that begins not ready.</summary>
    public SimulatedNode NotServing()
    {
        State = NodeState.Starting;
        return this;
    }

    public void Open(SessionRecord session)
    {
        _sessions[session.Id] = session;
        _changed.Add(session);
        _sessionNumber++;
    }

    /// <summary>Carries something since the last report.</summary>
    public void Carry(long downstreamBytes, long upstreamBytes, long tunnels = 0) => _totals += new NodeTotals
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

    /// <summary>Tunnels end of themselves.</summary>
    public void Finish(long tunnels) => End(tunnels, isForced: false);

    /// <summary>The deadline ends tunnels.</summary>
    public void ForceClose(long tunnels) => End(tunnels, isForced: true);

    /// <summary>Reports, and does what the directive says.</summary>
    public async Task ReportAsync()
    {
        var directive = await fleet.ReportAsync(ToReport(), CancellationToken.None);
        _changed.Clear();
        _ended.Clear();
        _released.Clear();
        _answers = [.. directive.Lookups.Select(question => new FlowAnswer(
            question.Id, Flows.TryGetValue((question.Address, question.Port), out var session) ? [session] : []))];
        foreach (var session in directive.EndSessions.Where(_sessions.ContainsKey))
        {
            _sessions.Remove(session);
            _ended.Add(session);
            _sessionNumber++;
        }
        Lease(directive.Leases);
        Obey(directive.Drain);
    }

    private void End(long tunnels, bool isForced)
    {
        var udp = Math.Min(tunnels, UdpTunnels);
        UdpTunnels -= udp;
        TcpTunnels -= tunnels - udp;
        if (_progress is { } progress)
            _progress = progress with
            {
                TunnelsLeft = TcpTunnels + UdpTunnels,
                Finished = progress.Finished + (isForced ? 0 : tunnels),
                ForceClosed = progress.ForceClosed + (isForced ? tunnels : 0),
            };
        if (State == NodeState.Draining && TcpTunnels + UdpTunnels == 0)
            State = NodeState.Drained;
    }

    private void Lease(IReadOnlyList<LeaseGrant> grants)
    {
        foreach (var grant in grants)
        {
            var claim = new LeaseClaim(grant.Pool, grant.Prefix, grant.Epoch);
            if (!grant.IsReleasing && !_leases.Contains(claim))
                _leases.Add(claim);
            else if (grant.IsReleasing && _leases.Remove(claim))
                _released.Add(claim);
        }
    }

    private void Obey(DrainOrder? order)
    {
        if (order is null)
        {
            if (_order is not null)
                State = NodeState.Serving;
            (_order, _progress) = (null, null);
            return;
        }
        if (_order?.Id != order.Id)
            _progress = null;
        _order = order;
        if (order.LameMilliseconds > 0)
        {
            State = NodeState.Lame;
            return;
        }
        if (_progress is null)
        {
            var open = TcpTunnels + UdpTunnels;
            _progress = new NodeDrainProgress(order.Id, open, open, 0, 0);
            State = open == 0 ? NodeState.Drained : NodeState.Draining;
        }
    }

    private NodeReport ToReport() => new()
    {
        Node = Name,
        Incarnation = _incarnation,
        Sequence = ++_sequence,
        State = State,
        NotReady = NotReady,
        Version = Version,
        StartedAt = StartedAt,
        Addresses = Addresses,
        Egress = Egress,
        Warnings = Warnings,
        IsOpenRelay = IsOpenRelay,
        Capacity = new NodeCapacity { Workers = Workers, MaxConnections = 100_000, MaxTunnels = 400_000 },
        Load = new NodeLoad
        {
            Connections = _sessions.Count,
            Sessions = _sessions.Count,
            TcpTunnels = TcpTunnels,
            UdpTunnels = UdpTunnels,
            Loops = [.. Enumerable.Range(0, Workers).Select(i => new LoopLoad
            {
                Loop = i,
                Busy = Math.Clamp(Busy * (0.7 + 0.2 * i), 0, 1),
                Connections = _sessions.Count / Workers,
                Tunnels = (TcpTunnels + UdpTunnels) / Workers,
            })],
        },
        Totals = _totals,
        Rtt = new Distribution([.. Enumerable.Repeat(0L, 34), 3, 9, 4, 1]),
        Sessions = new SessionDelta
        {
            From = _sessionNumber - _changed.Count - _ended.Count,
            To = _sessionNumber,
            Changed = [.. _changed],
            Ended = [.. _ended],
        },
        Pools = Pools,
        Leases = [.. _leases],
        Released = [.. _released],
        Drain = _progress,
        Answers = _answers,
    };
}
