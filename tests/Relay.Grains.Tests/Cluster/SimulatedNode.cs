using Relay.Fleet.Contract;
using Relay.Testing;

namespace Relay.Grains.Tests.Cluster;

/// <summary>A node as the fleet sees one: it reports, and does as it is told.</summary>
internal sealed class SimulatedNode(string name)
{
    private readonly Dictionary<string, SessionRecord> _sessions = new(StringComparer.Ordinal);
    private Dictionary<string, SessionRecord>? _unsent;
    private long _sequence;
    private long _sessionNumber;
    private bool _resync = true;

    internal string Name => name;

    internal Guid Incarnation { get; private set; } = Guid.NewGuid();

    internal NodeState State { get; set; } = NodeState.Serving;

    internal NodeLoad Load { get; set; } = new();

    internal NodeTotals Totals { get; set; } = new();

    internal IReadOnlyList<string> Pools { get; set; } = [];

    internal IReadOnlyList<LeaseGrant> Leases { get; private set; } = [];

    internal IReadOnlyList<IdentityUsage> Identities { get; set; } = [];

    internal NodeDirective? Last { get; private set; }

    internal int Resyncs { get; private set; }

    /// <summary>Opens or changes a session.</summary>
    internal void Put(SessionRecord session) => (_unsent ??= [])[session.Id] = _sessions[session.Id] = session;

    /// <summary>Another process of the same name.</summary>
    internal void Restart()
    {
        Incarnation = Guid.NewGuid();
        (_sequence, _sessionNumber, _resync, Leases, State, Last) = (0, 0, true, [], NodeState.Serving, null);
        _sessions.Clear();
        _unsent = null;
    }

    /// <summary>The next report.</summary>
    internal NodeReport Next(bool isLeaving = false)
    {
        IReadOnlyList<SessionRecord> changed = _resync ? [.. _sessions.Values] : _unsent is null
            ? [] : [.. _unsent.Values];
        var from = _sessionNumber;
        if (changed.Count > 0 || _resync)
            _sessionNumber++;
        var delta = new SessionDelta { From = from, To = _sessionNumber, IsRestart = _resync, Changed = changed };
        (_unsent, _resync) = (null, false);
        return new NodeReport
        {
            Node = name,
            Incarnation = Incarnation,
            Sequence = ++_sequence,
            State = State,
            Version = "1.0.0",
            Load = Load with { Sessions = _sessions.Count },
            Totals = Totals,
            Sessions = delta,
            Pools = Pools,
            Leases = [.. Leases.Select(static lease => new LeaseClaim(lease.Pool, lease.Prefix, lease.Epoch))],
            Drain = Last?.Drain is { } order ? new NodeDrainProgress(order.Id, 0, 0, 0, 0) : null,
            Identities = Identities,
            IsLeaving = isLeaving,
        };
    }

    /// <summary>Reports, and takes the answer.</summary>
    internal async Task<NodeDirective> ReportAsync(IFleet fleet, bool isLeaving = false)
    {
        var directive = await fleet.ReportAsync(Next(isLeaving), default);
        Take(directive);
        return directive;
    }

    /// <summary>Reports, where another process of the name may still be taken for the node.</summary>
    internal async Task AskAsync(IFleet fleet)
    {
        try
        {
            await ReportAsync(fleet);
        }
        catch (NodeNameTakenException)
        {
            // It asks again.
        }
    }

    /// <summary>Reports until the fleet answers: what is unavailable is tried again, as a node does.</summary>
    internal Task<NodeDirective> ReportPersistentlyAsync(IFleet fleet) =>
        Eventually.HoldsAsync($"an answer to {name}", () => ReportAsync(fleet), static _ => true);

    private void Take(NodeDirective directive)
    {
        Last = directive;
        Leases = directive.Leases;
        _resync |= directive.Resync;
        if (directive.Resync)
            Resyncs++;
        State = directive.Drain switch
        {
            null => NodeState.Serving,
            { LameMilliseconds: > 0 } => NodeState.Lame,
            _ => NodeState.Drained,
        };
    }
}
