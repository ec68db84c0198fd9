using Microsoft.Extensions.Logging.Abstractions;
using Relay.Node.Fleet;
using Relay.Node.Options;

namespace Relay.Testing.Nodes;

/// <summary>One process of a simulated node: its link to the fleet, and what that link ties together.</summary>
internal sealed class NodeRun
{
    private readonly NodeDrain _drain;

    public NodeRun(SimulatedNode node, SimulatedLoad load, TimeProvider clock)
    {
        var config = new NodeConfig
        {
            Addresses = [],
            TlsCertPath = "",
            TlsPrivateKeyPath = "",
            Workers = 4,
            MaxConnections = 100_000,
            MaxTunnels = 400_000,
            Fleet = new FleetConfig { Mode = FleetMode.Local, NodeId = node.Name, Pools = [.. node.Pools] },
        };
        Wire = new NodeWire(node, this);
        Sessions = new SimulatedSessions(clock);
        _drain = new NodeDrain(load, clock, NullLogger.Instance);
        Leases = new LeaseHolder(config.Fleet, config.Egress, load, hook: null, clock, NullLogger.Instance)
        {
            IsUsed = static _ => false,
        };
        Link = new FleetLink(Wire, new FleetParts
        {
            Writer = new ReportWriter(config, load, node.Version, clock),
            Sessions = Sessions.Journal,
            Drain = _drain,
            Leases = Leases,
            Allowances = new IdentityAllowances(load.Identities, clock),
            Quotas = new MonthQuotas(load.Identities, clock),
        }, clock, new Random(1), NullLogger.Instance);
    }

    public Guid Incarnation { get; } = Guid.NewGuid();

    public NodeWire Wire { get; }

    public FleetLink Link { get; }

    public LeaseHolder Leases { get; }

    public SimulatedSessions Sessions { get; }

    public NodeState State =>
        _drain.State == NodeState.Serving && Leases.NotReady is not null ? NodeState.Starting : _drain.State;

    /// <summary>Reports, and comes back when everything is done that the answer asked for.</summary>
    public async Task<bool> ReportAsync(bool isLeaving)
    {
        var isAnswered = await Link.ReportAsync(isLeaving, default);
        // What is taken back ends with the look at deadlines after the one that stopped its use.
        await Leases.SettledAsync();
        Link.Tick();
        await Leases.SettledAsync();
        return isAnswered;
    }
}
