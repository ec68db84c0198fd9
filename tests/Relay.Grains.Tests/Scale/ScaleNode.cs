using System.Diagnostics;

namespace Relay.Grains.Tests.Scale;

/// <summary>One of many nodes: it reports once a second, and some of its sessions change between two reports.</summary>
internal sealed class ScaleNode(string name, int sessions, int changes)
{
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly Random _random = new(name.GetHashCode(StringComparison.Ordinal));
    private readonly TaskCompletionSource<TimeSpan> _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TimeSpan> _ordered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SessionRecord[] _sessions = [.. Enumerable.Range(0, sessions).Select(i => new SessionRecord
    {
        Id = $"{name}-{i:d6}".PadRight(22, '_'),
        Identity = $"credential:user-{i}",
        StartedAt = DateTimeOffset.UnixEpoch,
        TunnelsOpen = 1,
        TunnelsTotal = 1,
        EgressAddresses = ["2001:db8::1"],
    })];

    private IReadOnlyList<LeaseGrant> _leases = [];
    private string? _pool;
    private Stopwatch? _watch;
    private DrainOrder? _order;
    private long _sequence;
    private long _number;
    private bool _resync = true;

    internal List<TimeSpan> Latencies { get; } = [];

    internal string AnySession => _sessions[^1].Id;

    /// <summary>How long the report took whose answer granted a block.</summary>
    internal Task<TimeSpan> Granted => _granted.Task;

    /// <summary>How long it took from the drain's beginning until its order was here.</summary>
    internal Task<TimeSpan> Ordered => _ordered.Task;

    internal Prefix Block => _leases[0].Prefix;

    internal void WantPool(string pool) => Volatile.Write(ref _pool, pool);

    internal void AwaitOrder(Stopwatch watch) => Volatile.Write(ref _watch, watch);

    /// <summary>Reports until all sessions have arrived.</summary>
    internal Task<NodeDirective> ReportUntilKnownAsync(IFleet fleet) => Eventually.HoldsAsync(
        $"{name} is known", () => ReportAsync(fleet), directive =>
            !directive.Resync && directive.AcknowledgedSessions == _number);

    /// <summary>Reports once a second.</summary>
    internal async Task RunAsync(IFleet fleet, TimeSpan offset, CancellationToken stop)
    {
        try
        {
            if (offset > TimeSpan.Zero)
            {
                using var first = new PeriodicTimer(offset);
                await first.WaitForNextTickAsync(stop);
            }
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            do
            {
                var began = Stopwatch.GetTimestamp();
                await ReportAsync(fleet);
                Latencies.Add(Stopwatch.GetElapsedTime(began));
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task<NodeDirective> ReportAsync(IFleet fleet)
    {
        var report = Next();
        var began = Stopwatch.GetTimestamp();
        var directive = await fleet.ReportAsync(report, default);
        _resync |= directive.Resync;
        var isFirst = _leases.Count == 0 && directive.Leases.Count > 0;
        _leases = directive.Leases;
        if (isFirst)
            _granted.TrySetResult(Stopwatch.GetElapsedTime(began));
        _order = directive.Drain;
        if (_order is not null && Volatile.Read(ref _watch) is { } watch)
            _ordered.TrySetResult(watch.Elapsed);
        return directive;
    }

    private NodeReport Next()
    {
        for (var i = 0; i < changes && i < _sessions.Length; i++)
        {
            var index = _random.Next(_sessions.Length);
            _sessions[index] = _sessions[index] with { UpstreamBytes = _sessions[index].UpstreamBytes + 1000 };
        }
        IReadOnlyList<SessionRecord> changed = _resync ? _sessions[..] : _random.GetItems(_sessions, changes);
        var delta = new SessionDelta { From = _number, To = ++_number, IsRestart = _resync, Changed = changed };
        _resync = false;
        return new NodeReport
        {
            Node = name,
            Incarnation = _incarnation,
            Sequence = ++_sequence,
            State = _order is null ? NodeState.Serving : NodeState.Draining,
            Version = "1.0.0",
            Addresses = ["[2001:db8:ffff::1]:443"],
            Load = new NodeLoad { Connections = sessions, Sessions = sessions, TcpTunnels = sessions },
            Totals = new NodeTotals { Connections = sessions, UpstreamBytes = _sequence * 1_000_000 },
            Rtt = new Distribution([0, 0, 0, 0, 12, 40, 7]),
            TunnelSetup = new Distribution([0, 0, 3, 9, 1]),
            Sessions = delta,
            Pools = Volatile.Read(ref _pool) is { } pool ? [pool] : [],
            Leases = [.. _leases.Select(static lease => new LeaseClaim(lease.Pool, lease.Prefix, lease.Epoch))],
            Drain = _order is { } order ? new NodeDrainProgress(order.Id, sessions, sessions, 0, 0) : null,
            Identities =
                [.. _sessions.Take(16).Select(static session => new IdentityUsage(session.Identity, 1, 1, 1000))],
        };
    }
}
