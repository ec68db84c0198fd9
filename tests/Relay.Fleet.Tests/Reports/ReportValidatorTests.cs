using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Relay.Fleet.Json;
using Relay.Fleet.Nodes;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Reports;

public class ReportValidatorTests
{
    private static NodeReport Good()
    {
        var node = new SimulatedNode("edge-1.example") { Pools = ["v6"] };
        node.Open("session_1-a");
        node.Identities = [new IdentityUsage("certificate:abc", 1, 1, 1)];
        return node.Next() with
        {
            Leases = [new LeaseClaim("v6", Prefix.Parse("2001:db8::/64"), 1)],
            Answers = [new FlowAnswer("q1", ["session_1-a"])],
            Drain = new NodeDrainProgress("d1", 1, 1, 0, 0),
        };
    }

    [Fact]
    public void Faults_OfAGoodReport_AreNone() => Assert.Empty(ReportValidator.Faults(Good()));

    public static TheoryData<string, NodeReport> BadReports => new()
    {
        { "node", Good() with { Node = "Edge" } },
        { "node", Good() with { Node = "" } },
        { "node", Good() with { Node = new string('a', 64) } },
        { "node", Good() with { Node = "../x" } },
        { "node", Good() with { Node = "a..b" } },
        { "incarnation", Good() with { Incarnation = Guid.Empty } },
        { "sequence", Good() with { Sequence = 0 } },
        { "sequence", Good() with { Sequence = long.MaxValue } },
        { "standInAfterMilliseconds", Good() with { StandInAfterMilliseconds = -1 } },
        { "standInAfterMilliseconds", Good() with { StandInAfterMilliseconds = 60_001 } },
        { "state", Good() with { State = NodeState.Silent } },
        { "state", Good() with { State = (NodeState)77 } },
        { "version", Good() with { Version = new string('1', 65) } },
        { "warnings", Good() with { Warnings = ["line\nbreak"] } },
        { "notReady", Good() with { NotReady = [null!] } },
        { "addresses", Good() with { Addresses = [.. Enumerable.Repeat("a", 65)] } },
        { "staticPrefixes", Good() with { StaticPrefixes = [Prefix.Parse("::/0")] } },
        { "staticPrefixes", Good() with { StaticPrefixes = [Prefix.Parse("0.0.0.0/4")] } },
        { "capacity", Good() with { Capacity = new NodeCapacity { MaxTunnels = -1 } } },
        { "load", Good() with { Load = new NodeLoad { UdpTunnels = -1 } } },
        { "load", Good() with { Load = new NodeLoad { Loops = [new LoopLoad { Busy = double.NaN }] } } },
        { "totals", Good() with { Totals = new NodeTotals { PacketsLost = -1 } } },
        { "rtt", Good() with { Rtt = new Distribution(new long[Distribution.BucketCount + 1]) } },
        { "tunnelSetup", Good() with { TunnelSetup = new Distribution([-1]) } },
        { "drain", Good() with { Drain = new NodeDrainProgress("no id", 1, 1, 1, 1) } },
        { "sessions", Good() with { Sessions = new SessionDelta { From = 3, To = 2 } } },
        { "sessions",
            Good() with { Sessions = new SessionDelta { To = 1, Ended = [.. Enumerable.Repeat("s", 5000)] } } },
        { "sessions.ended", Good() with { Sessions = new SessionDelta { To = 1, Ended = ["s/1"] } } },
        { "sessions.changed",
            Good() with { Sessions = new SessionDelta { To = 1, Changed = [Session() with { Identity = "" }] } } },
        { "sessions.changed", Good() with { Sessions = new SessionDelta { To = 1,
            Changed = [Session() with { EgressAddresses = ["x"] }] } } },
        { "pools", Good() with { Pools = ["v_6"] } },
        { "leases", Good() with { Leases = [new LeaseClaim("v6", default, 0)] } },
        { "released", Good() with { Released = [.. Enumerable.Repeat(new LeaseClaim("v6", default, 1), 65)] } },
        { "identities", Good() with { Identities = [new IdentityUsage("x", -1, 0, 0)] } },
        { "use", Good() with { Use = new UserUseBatch { Number = 0 } } },
        { "use", Good() with { Use = new UserUseBatch { Number = 1, Users = [new UserUse("alice", -1, 0, 0)] } } },
        { "use", Good() with { Use = new UserUseBatch { Number = 1,
            Users = [new UserUse("alice", 1, 0, 0), new UserUse("bob", 1, 0, 0), new UserUse("alice", 1, 0, 0)] } } },
        { "answers", Good() with { Answers = [new FlowAnswer("q", [.. Enumerable.Repeat("s", 65)])] } },
    };

    [Theory]
    [MemberData(nameof(BadReports), DisableDiscoveryEnumeration = true)]
    public void Faults_OfABadReport_NameTheField(string field, NodeReport report)
    {
        Assert.Contains(
            ReportValidator.Faults(report), fault => fault.StartsWith(field + ":", StringComparison.Ordinal));
        var refusal = Assert.Throws<FleetRejectedException>(() => ReportValidator.Check(report));
        Assert.Contains(field, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// Whatever the network makes of a report, it is refused by the reader, by a fault, or taken: nothing else
    /// happens.
    /// </summary>
    [Fact]
    public void Report_WithAnyPartReplaced_IsReadOrRefused()
    {
        var text = JsonSerializer.Serialize(Good(), FleetJson.Of<NodeReport>());
        string[] values = ["null", "-1", "1e30", "\"\"", "\"x\"", "[]", "[null]", "{}", "[{}]", "[[]]",
            "9223372036854775807", "true"];
        var change =
            from seed in Gen.Choose(0, int.MaxValue)
            from value in Gen.Elements(values)
            select (Seed: seed, Value: value);
        var taken = 0;
        Properties.Check(
            change,
            step =>
            {
                var report = JsonNode.Parse(text)!;
                Replace(report, new Random(step.Seed), step.Value);
                try
                {
                    var read = JsonSerializer.Deserialize(report.ToJsonString(), FleetJson.Of<NodeReport>())!;
                    ReportValidator.Check(read);
                    var tracker = new NodeTracker(read.Node, new FleetTimings());
                    tracker.Apply(read, DateTimeOffset.UnixEpoch);
                    tracker.Answer(read, DateTimeOffset.UnixEpoch);
                    tracker.ToInfo();
                    taken++;
                }
                catch (Exception e) when (e is JsonException or FleetRejectedException)
                {
                    // Refused.
                }
            },
            cases: 3000);
        Assert.InRange(taken, 1, 2999);
    }

    private static void Replace(JsonNode node, Random random, string value)
    {
        var children = node switch
        {
            JsonObject o => o.Select(field => (Key: (object)field.Key, field.Value)).ToArray(),
            JsonArray a => [.. a.Select((item, index) => (Key: (object)index, Value: item))],
            _ => [],
        };
        if (children.Length == 0)
            return;
        var (key, child) = children[random.Next(children.Length)];
        if (child is JsonObject or JsonArray { Count: > 0 } && random.Next(3) > 0)
            Replace(child, random, value);
        else if (key is string name)
            node[name] = JsonNode.Parse(value);
        else
            node[(int)key] = JsonNode.Parse(value);
    }

    private static SessionRecord Session() => new() { Id = "s1", Identity = "anonymous", StartedAt = default };
}
