using System.Globalization;

namespace Relay.Testing.Nodes;

/// <summary>
/// A node that was taken over: it reports by the real records, and says by chance whatever a report can say. It knows all of the others
/// that an operator may see, but for which process each is.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="random">What it says.</param>
/// <param name="honest">The others.</param>
/// <param name="pool">The pool that all lease from.</param>
public sealed class LyingNode(string name, Random random, IReadOnlyList<SimulatedNode> honest, Prefix pool)
{
    private const long Most = 1L << 53;

    private Guid _incarnation = Guid.NewGuid();
    private long _sequence;
    private NodeDirective? _last;

    /// <summary>How many of its reports were answered, and how many were refused.</summary>
    public (int Taken, int Refused) Count { get; private set; }

    /// <summary>Reports some lies at once.</summary>
    public async Task LieAsync(IFleetReports to, DateTimeOffset now)
    {
        var report = new NodeReport
        {
            Node = name,
            Incarnation = _incarnation,
            Sequence = _sequence + 1,
            State = NodeState.Serving,
            StartedAt = now,
            Pools = ["v6"],
            Leases = [.. (_last?.Leases ?? []).Select(static grant => new LeaseClaim(grant.Pool, grant.Prefix, grant.Epoch))],
        };
        for (var lies = random.Next(1, 5); lies > 0; lies--)
            report = Lies[random.Next(Lies.Length)](this, report);
        try
        {
            var directive = await to.ReportAsync(report, TestContext.Current.CancellationToken);
            // What is refused leaves it as it was.
            if (report.Node == name)
                (_last, _incarnation, _sequence) = (directive, report.Incarnation, report.Sequence);
            Count = Count with { Taken = Count.Taken + 1 };
        }
        catch (Exception exception) when (exception is FleetRejectedException or NodeNameTakenException or FleetUnavailableException)
        {
            Count = Count with { Refused = Count.Refused + 1 };
        }
    }

    private static readonly Func<LyingNode, NodeReport, NodeReport>[] Lies =
    [
        static (_, report) => report,
        static (self, report) => report with { StaticPrefixes = [.. self.Some(4, self.AnyPrefix)] },
        static (self, report) => report with { Leases = [.. self.Some(64, self.AnyClaim)] },
        static (self, report) => report with { Released = [.. self.Some(64, self.AnyClaim)] },
        static (self, report) => report with { Pools = [.. self.Some(16, self.AnyPool)] },
        static (self, report) => report with { Identities = [.. self.Some(2000, self.AnyUsage)] },
        static (self, report) => report with { Sessions = self.AnyDelta(report) },
        static (self, report) => report with { Sessions = self.AnyDelta(report), Identities = [.. self.Some(20, self.AnyUsage)] },
        static (self, report) => report with { Load = new NodeLoad { Connections = self.Any(), Sessions = self.Any(), TcpTunnels = self.Any(), UdpTunnels = self.Any() } },
        static (self, report) => report with { Capacity = new NodeCapacity { Workers = 1, MaxConnections = self.Any(), MaxTunnels = self.Any() } },
        static (self, report) => report with { Totals = self.AnyTotals() },
        static (self, report) => report with { Rtt = self.AnyDistribution(), TunnelSetup = self.AnyDistribution() },
        static (self, report) => report with { State = (NodeState)self.Pick(5), NotReady = ["a lie"] },
        static (self, report) => report with { Drain = new NodeDrainProgress("d1", self.Any(), self.Any(), self.Any(), self.Any()) },
        static (self, report) => report with { Answers = [.. self.Some(64, () => new FlowAnswer($"f{self.Pick(9)}", [self.OthersSession()]))] },
        static (self, report) => report with { Addresses = self.Other().Addresses, IsOpenRelay = true, Warnings = [new string('w', 500)] },
        static (self, report) => report with { Incarnation = Guid.NewGuid(), Sequence = 1 },
        static (self, report) => report with { Sequence = 1 + self.Any() / 2 },
        static (self, report) => report with { Sequence = 0 },
        static (_, report) => report with { IsLeaving = true },
        // By a token of many nodes, from elsewhere.
        static (self, report) => report with { Node = self.Other().Name, Sender = new ReportSender("*", "192.0.2.66") },
        static (self, report) => report with { Node = self.Other().Name, Incarnation = Guid.NewGuid(), Sequence = 1, IsLeaving = true },
        static (self, report) => report with
        {
            Node = string.Create(CultureInfo.InvariantCulture, $"name-{self.Pick(2000)}"),
            Incarnation = Guid.NewGuid(),
            Sender = new ReportSender("*", "192.0.2.66"),
            StaticPrefixes = [.. self.Some(4, self.AnyPrefix)],
        },
    ];

    private int Pick(int count) => random.Next(count);

    private long Any() => random.Next(4) switch { 0 => Most, 1 => 0, 2 => random.NextInt64(Most), _ => random.Next(1000) };

    private IEnumerable<T> Some<T>(int most, Func<T> one) => Enumerable.Range(0, random.Next(most + 1)).Select(_ => one());

    private SimulatedNode Other() => honest[random.Next(honest.Count)];

    private string OthersSession() => Other().Sessions.FirstOrDefault() ?? "none";

    private string AnyPool() => random.Next(3) == 0 ? "v6" : string.Create(CultureInfo.InvariantCulture, $"ghost-{random.Next(100)}");

    // A block, one of another's, or more than the pool.
    private Prefix AnyPrefix() => random.Next(4) switch
    {
        0 => Other().UsedBlocks.FirstOrDefault(pool),
        1 => pool,
        2 => Prefix.Parse("2001::/16"),
        _ => Prefix.Parse($"2001:db8:0:{random.Next(256):x}::/64"),
    };

    private LeaseClaim AnyClaim() => new(AnyPool(), AnyPrefix(), random.Next(3) switch
    {
        0 => Most,
        1 => 1 + random.Next(1000),
        _ => Other().Grants is [var grant, ..] ? grant.Epoch : 1,
    });

    private IdentityUsage AnyUsage() => new(AnyIdentity(), Any(), Any(), Any(), random.Next(2) == 0);

    private string AnyIdentity() => random.Next(2) == 0 ? "credential:alice"
        : string.Create(CultureInfo.InvariantCulture, $"credential:invented-{random.Next(5000)}");

    private SessionDelta AnyDelta(NodeReport report)
    {
        var from = _last?.AcknowledgedSessions ?? 0;
        SessionRecord[] changed = [.. Some(300, () => new SessionRecord
        {
            Id = random.Next(4) == 0 ? OthersSession() : string.Create(CultureInfo.InvariantCulture, $"invented-{random.Next(100_000)}"),
            Identity = AnyIdentity(),
            StartedAt = report.StartedAt,
            EgressAddresses = [.. Some(8, () => "192.0.2.1")],
        })];
        return random.Next(4) switch
        {
            0 => new SessionDelta { IsRestart = true, To = Any(), Changed = changed },
            1 => new SessionDelta { From = Any(), To = Most, Changed = changed },
            _ => new SessionDelta { From = from, To = from + 1, Changed = changed, Ended = [.. Some(64, OthersSession)] },
        };
    }

    private NodeTotals AnyTotals() => new()
    {
        UpstreamBytes = Any(),
        DownstreamBytes = Any(),
        Connections = Any(),
        TcpTunnels = Any(),
        TunnelsFailed = Any(),
        PacketsSent = Any(),
    };

    private Distribution AnyDistribution() => new([.. Some(Distribution.BucketCount, Any)]);
}
