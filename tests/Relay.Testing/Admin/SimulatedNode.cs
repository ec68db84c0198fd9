using System.Net.Http.Json;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Testing.Admin;

/// <summary>A node that reports when a test says so, and does what it is told.</summary>
public sealed class SimulatedNode(HttpClient client, string name)
{
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly List<SessionRecord> _changed = [];
    private readonly List<string> _ended = [];
    private readonly List<LeaseClaim> _released = [];
    private List<FlowAnswer> _answers = [];
    private long _sequence;
    private long _told;

    public string Name => name;

    public NodeState State { get; private set; } = NodeState.Serving;

    public NodeDirective? Directive { get; private set; }

    public NodeDrainProgress? Drain { get; private set; }

    public List<LeaseClaim> Leases { get; } = [];

    public Dictionary<string, SessionRecord> Sessions { get; } = [];

    /// <summary>Which session has the flow with a source address and port.</summary>
    public Dictionary<(string, int), string> Flows { get; } = [];

    public string[] Pools { get; set; } = [];

    public string Version { get; set; } = "1.0.0";

    /// <summary>Tunnels that are open.</summary>
    public long Tunnels { get; set; }

    public long UpstreamBytes { get; set; }

    public string Open(string identity, params string[] egress)
    {
        var session = new SessionRecord
        {
            Id = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray())[..22],
            Identity = identity,
            StartedAt = DateTimeOffset.UtcNow,
            EgressAddresses = egress,
        };
        Sessions[session.Id] = session;
        _changed.Add(session);
        return session.Id;
    }

    /// <summary>Ends an open tunnel of its own accord.</summary>
    public void FinishTunnel()
    {
        Tunnels--;
        if (Drain is { } drain)
            Drain = drain with { TunnelsLeft = Tunnels, Finished = drain.Finished + 1 };
    }

    /// <summary>Reports, and does what the answer says.</summary>
    public async Task<NodeDirective> ReportAsync()
    {
        var report = ToReport();
        using var answer = await client.PostAsJsonAsync(
            $"/v1/nodes/{name}/reports", report, FleetJson.Default.NodeReport);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Directive = (await answer.Content.ReadFromJsonAsync(FleetJson.Default.NodeDirective))!;
        Assert.Equal(report.Sequence, Directive.Sequence);
        _changed.Clear();
        _ended.Clear();
        _released.Clear();
        Obey(Directive);
        return Directive;
    }

    /// <summary>Reports until something holds.</summary>
    public Task ReportUntilAsync(Func<Task<bool>> condition, string what) => Eventually.HoldsAsync(async () =>
    {
        await ReportAsync();
        return await condition();
    }, what);

    private NodeReport ToReport()
    {
        var from = _told;
        _told += _changed.Count + _ended.Count;
        return new NodeReport
        {
            Node = name,
            Incarnation = _incarnation,
            Sequence = ++_sequence,
            State = State,
            Version = Version,
            StartedAt = DateTimeOffset.UnixEpoch,
            Addresses = ["192.0.2.1:443"],
            Load = new NodeLoad { Sessions = Sessions.Count, TcpTunnels = Tunnels },
            Totals = new NodeTotals { UpstreamBytes = UpstreamBytes },
            Sessions = new SessionDelta
            {
                From = from,
                To = _told,
                IsRestart = _sequence == 1,
                Changed = [.. _changed],
                Ended = [.. _ended],
            },
            Pools = Pools,
            Leases = [.. Leases],
            Released = [.. _released],
            Drain = Drain,
            Answers = _answers,
        };
    }

    private void Obey(NodeDirective directive)
    {
        if (directive.Drain is not { } order)
            (State, Drain) = (NodeState.Serving, null);
        else if (Drain?.Id != order.Id)
            (State, Drain) = (NodeState.Draining, new NodeDrainProgress(order.Id, Tunnels, Tunnels, 0, 0));
        else if (Tunnels == 0)
            State = NodeState.Drained;
        foreach (var session in directive.EndSessions)
        {
            if (Sessions.Remove(session))
                _ended.Add(session);
        }
        foreach (var grant in directive.Leases)
        {
            var claim = new LeaseClaim(grant.Pool, grant.Prefix, grant.Epoch);
            if (grant.IsReleasing && Leases.Remove(claim))
                _released.Add(claim);
            else if (!grant.IsReleasing && !Leases.Contains(claim))
                Leases.Add(claim);
        }
        _answers = [.. directive.Lookups.Select(lookup => new FlowAnswer(
            lookup.Id, Flows.TryGetValue((lookup.Address, lookup.Port), out var session) ? [session] : []))];
    }
}
