using System.Reflection;
using Relay.Fleet.Nodes;

namespace Relay.Fleet.Tests.Nodes;

public class NodeNewsTests
{
    // What every report says anew.
    private static readonly string[] Measured =
        [nameof(NodeInfo.Load), nameof(NodeInfo.Totals), nameof(NodeInfo.Rates), nameof(NodeInfo.Rtt), nameof(NodeInfo.LastReportAt)];

    private static readonly LeaseInfo Lease = new()
    {
        Pool = "edge",
        Prefix = Prefix.Parse("2001:db8::/64"),
        Node = "a",
        Epoch = 1,
        State = LeaseState.Held,
        ExpiresAt = DateTimeOffset.UnixEpoch,
    };

    private static readonly NodeContender Contender = new(["192.0.2.1:443"], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    // Another value for each property.
    private static readonly NodeInfo Other = new()
    {
        Id = "b",
        State = NodeState.Draining,
        DesiredState = NodeState.Drained,
        DrainId = "d",
        NotReady = ["no lease"],
        Incarnation = Guid.NewGuid(),
        Version = "2",
        StartedAt = DateTimeOffset.UnixEpoch,
        LastReportAt = DateTimeOffset.UnixEpoch,
        Addresses = ["192.0.2.1:443"],
        Capacity = new NodeCapacity { Workers = 2 },
        Load = new NodeLoad { Sessions = 1 },
        SessionsNotKept = 1,
        Totals = new NodeTotals { Connections = 1 },
        Rates = new NodeRates { Tunnels = 1 },
        Rtt = new Percentiles { Count = 1 },
        Leases = [Lease],
        Egress = ["host"],
        StaticPrefixes = [Prefix.Parse("2001:db8::/64")],
        Drain = new NodeDrainProgress("d", 1, 1, 0, 0),
        IsOpenRelay = true,
        Contender = Contender,
        Users = UserPosition.Nothing,
        Sender = new ReportSender("t", "192.0.2.1"),
        Quarantine = new NodeQuarantine { Node = "a" },
        Warnings = ["a certificate expires"],
    };

    public static TheoryData<string> Properties =>
        [.. typeof(NodeInfo).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(static property => property.Name)];

    [Theory]
    [MemberData(nameof(Properties))]
    public void IsBetween_NodesWithAnotherValue_UnlessThatIsMeasured(string name)
    {
        var (before, now) = (Node(), Node());
        Assert.False(NodeNews.IsBetween(before, now));
        var property = typeof(NodeInfo).GetProperty(name)!;
        Assert.NotEqual(property.GetValue(before), property.GetValue(Other));

        property.SetValue(now, property.GetValue(Other));

        Assert.Equal(!Measured.Contains(name), NodeNews.IsBetween(before, now));
        Assert.Equal(!Measured.Contains(name), NodeNews.IsBetween(now, before));
    }

    [Fact]
    public void IsBetween_OfTheSameInOtherObjects_IsFalse()
    {
        var (before, now) = (Other, Other with
        {
            NotReady = [.. Other.NotReady],
            Addresses = [.. Other.Addresses],
            Egress = [.. Other.Egress],
            StaticPrefixes = [.. Other.StaticPrefixes],
            Warnings = [.. Other.Warnings],
            // Renewed, asked for again, and one more that is not kept.
            Leases = [Lease with { ExpiresAt = DateTimeOffset.UnixEpoch.AddHours(1) }],
            Contender = Contender with { Addresses = [.. Contender.Addresses], AskedAt = DateTimeOffset.UnixEpoch.AddHours(1) },
            SessionsNotKept = 2,
        });

        Assert.False(NodeNews.IsBetween(before, now));
        Assert.True(NodeNews.IsBetween(before, now with { Leases = [Lease with { Epoch = 2 }] }));
        Assert.True(NodeNews.IsBetween(before, now with { Contender = null }));
    }

    private static NodeInfo Node() => new() { Id = "a", State = NodeState.Serving, Version = "1", StartedAt = default, LastReportAt = default };
}
