using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;

namespace Relay.Grains.Tests.Scale;

/// <summary>
/// One of many nodes: it reports once in an interval, and some of its sessions change between two reports, each with an address of its
/// own: of five one has ended, and one has begun. It keeps none of them: what it costs beside the coordinator is little, and is measured
/// by itself.
/// </summary>
internal sealed class ScaleNode(int number, int sessions, int changes)
{
    private const int Named = 16;

    // So many of its changes are a session that ends, and as many one that begins.
    private readonly int _moving = Math.Min(changes / 5, sessions / 4);

    private static readonly IReadOnlyList<IdentityUsage> Usages =
        [.. Enumerable.Range(0, Named).Select(static i => new IdentityUsage(IdentityOf(i), 1, 1, 1000))];

    private static readonly IReadOnlyList<string> Addresses = ["[2001:db8:ffff::1]:443"];
    private static readonly Distribution Rtt = new([0, 0, 0, 0, 12, 40, 7]);
    private static readonly Distribution TunnelSetup = new([0, 0, 3, 9, 1]);

    private readonly string _name = NameOf(number);
    private readonly string _mark = MarkOf(NameOf(number));
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly Random _random = new(number);
    private readonly TaskCompletionSource<TimeSpan> _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TimeSpan> _ordered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IReadOnlyList<LeaseGrant> _leases = [];
    private string? _pool;
    private Stopwatch? _watch;
    private DrainOrder? _order;
    private int _oldest;
    private int _failed;
    private long _sequence;
    private long _told;
    private bool _resync = true;

    internal string Name => _name;

    internal List<TimeSpan> Latencies { get; } = [];

    /// <summary>One that is there, and stays for a while.</summary>
    internal string AnySession => IdOf(AnyIndex);

    /// <summary>Whose that is.</summary>
    internal string AnyIdentity => IdentityOf(AnyIndex);

    private int AnyIndex => Volatile.Read(ref _oldest) + (sessions / 2);

    /// <summary>How many reports nobody answered, or somebody who stood in, since this was last asked.</summary>
    internal int TakeFailed() => Interlocked.Exchange(ref _failed, 0);

    /// <summary>How long the report took whose answer granted a block.</summary>
    internal Task<TimeSpan> Granted => _granted.Task;

    /// <summary>How long it took from the drain's beginning until its order was here.</summary>
    internal Task<TimeSpan> Ordered => _ordered.Task;

    internal Prefix Block => _leases[0].Prefix;

    internal void WantPool(string pool) => Volatile.Write(ref _pool, pool);

    internal void AwaitOrder(Stopwatch watch) => Volatile.Write(ref _watch, watch);

    /// <summary>Reports until all sessions have arrived.</summary>
    internal Task<NodeDirective> ReportUntilKnownAsync(IFleetReports fleet) => Eventually.HoldsAsync(
        $"{_name} is known", () => TryReportAsync(fleet), directive =>
            directive is { Resync: false } && directive.AcknowledgedSessions == _told)!;

    /// <summary>Reports once in an interval.</summary>
    internal async Task RunAsync(IFleetReports fleet, TimeSpan interval, TimeSpan offset, CancellationToken stop)
    {
        try
        {
            // The shortest that a timer takes.
            if (offset >= TimeSpan.FromMilliseconds(1))
            {
                using var first = new PeriodicTimer(offset);
                await first.WaitForNextTickAsync(stop);
            }
            using var timer = new PeriodicTimer(interval);
            do
            {
                var began = Stopwatch.GetTimestamp();
                if (await TryReportAsync(fleet) is not null)
                    Latencies.Add(Stopwatch.GetElapsedTime(began));
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>The report that it would send next.</summary>
    internal NodeReport Next()
    {
        var ended = Enumerable.Range(_oldest, _moving).Select(IdOf).ToArray();
        Volatile.Write(ref _oldest, _oldest + _moving);
        IReadOnlyList<SessionRecord> changed = _resync
            ? [.. Enumerable.Range(_oldest, sessions).Select(RecordOf)]
            : [.. Enumerable.Range(0, Math.Max(0, Math.Min(changes, sessions) - (2 * _moving))).Select(_ => RecordOf(_oldest + _random.Next(sessions - _moving))),
                .. Enumerable.Range(_oldest + sessions - _moving, _moving).Select(RecordOf)];
        var delta = new SessionDelta { From = _told, To = ++_told, IsRestart = _resync, Changed = changed, Ended = _resync ? [] : ended };
        _resync = false;
        return new NodeReport
        {
            Node = _name,
            Incarnation = _incarnation,
            Sequence = ++_sequence,
            State = _order is null ? NodeState.Serving : NodeState.Draining,
            Version = "1.0.0",
            Addresses = Addresses,
            Load = new NodeLoad { Connections = sessions, Sessions = sessions, TcpTunnels = sessions },
            Totals = new NodeTotals { Connections = sessions, UpstreamBytes = _sequence * 1_000_000 },
            Rtt = Rtt,
            TunnelSetup = TunnelSetup,
            Sessions = delta,
            Pools = Volatile.Read(ref _pool) is { } pool ? [pool] : [],
            Leases = [.. _leases.Select(static lease => new LeaseClaim(lease.Pool, lease.Prefix, lease.Epoch))],
            Drain = _order is { } order ? new NodeDrainProgress(order.Id, sessions, sessions, 0, 0) : null,
            Identities = Usages,
            StandInAfterMilliseconds = 800,
        };
    }

    // Null where nobody answered in time: it tells of it with the next.
    private async Task<NodeDirective?> TryReportAsync(IFleetReports fleet)
    {
        var report = Next();
        var began = Stopwatch.GetTimestamp();
        NodeDirective directive;
        try
        {
            directive = await fleet.ReportAsync(report, default);
        }
        catch (FleetUnavailableException)
        {
            _resync = true;
            Interlocked.Increment(ref _failed);
            return null;
        }
        if (directive.IsStandIn)
        {
            Interlocked.Increment(ref _failed);
            return null;
        }
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

    private SessionRecord RecordOf(int index) => new()
    {
        Id = IdOf(index),
        Identity = IdentityOf(index),
        StartedAt = DateTimeOffset.UnixEpoch,
        TunnelsOpen = 1,
        TunnelsTotal = 1,
        UpstreamBytes = 1000 * _sequence,
        EgressAddresses = [string.Create(CultureInfo.InvariantCulture, $"2001:db8:{number:x}:1::{index:x}")],
    };

    // As nodes make them; written out, since a build that is measured beside this one may know nothing of it.
    private string IdOf(int index) => string.Create(CultureInfo.InvariantCulture, $"{index:d17}{_mark}1");

    private static string MarkOf(string name)
    {
        var hash = name.Aggregate(2166136261u, static (hash, character) => (hash ^ character) * 16777619u);
        hash = (hash >> 24) ^ (hash & 0xffffff);
        return Base64Url.EncodeToString([(byte)(hash >> 16), (byte)(hash >> 8), (byte)hash]);
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"edge-{number:d4}");

    private static string IdentityOf(int index) => string.Create(CultureInfo.InvariantCulture, $"credential:user-{index}");
}
