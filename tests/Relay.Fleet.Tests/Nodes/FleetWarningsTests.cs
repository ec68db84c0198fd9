using Relay.Fleet.Nodes;

namespace Relay.Fleet.Tests.Nodes;

public class FleetWarningsTests
{
    [Fact]
    public void Warnings_OfNodesThatSayMuch_HideNeitherPoolsNorWhoIsSilent()
    {
        NodeInfo[] nodes =
        [
            .. Enumerable.Range(0, 100).Select(static i => Node($"a{i:D3}") with
            {
                IsOpenRelay = true,
                Warnings = [.. Enumerable.Range(0, 64).Select(static number => $"warning {number}")],
                StaticPrefixes = [Prefix.Parse("2001:db8::/32")],
            }),
            Node("z") with { State = NodeState.Silent },
        ];
        PrefixPoolInfo[] pools =
        [
            new()
            {
                Pool = new PrefixPool { Name = "edge", Prefix = Prefix.Parse("2001:db8::/60"), BlockLength = 64 },
                Blocks = 16, Held = 16,
            },
        ];

        var warnings = FleetWarnings.Of(nodes, pools, [], isRecovering: true);

        Assert.Equal(["fleet-recovering", "pool-exhausted", "node-silent"], warnings.Take(3).Select(static one => one.Kind));
        Assert.All(warnings.CountBy(static one => one.Kind), static kind => Assert.InRange(kind.Value, 1, 33));
        Assert.InRange(warnings.Count(static one => one is { Kind: "node-warning", Node: "a000" }), 1, 4);
        Assert.Contains("68 more", warnings.Last(static one => one.Kind == "open-relay").Text, StringComparison.Ordinal);
    }

    private static NodeInfo Node(string name) => new()
    {
        Id = name,
        State = NodeState.Serving,
        Version = "1",
        StartedAt = DateTimeOffset.UnixEpoch,
        LastReportAt = DateTimeOffset.UnixEpoch,
    };
}
