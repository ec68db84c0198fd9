using System.Text.Json;
using Relay.Fleet.Json;
using Relay.Fleet.Nodes;
using Relay.Hosting.Fleet;

namespace Relay.Fleet.Tests.Reports;

/// <summary>What an older version sends lacks fields: they have their defaults, and not null.</summary>
public class AbsentFieldTests
{
    private const string Required =
        """{"node":"edge-1","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving"}""";

    [Fact]
    public void Report_WithTheRequiredFieldsOnly_HasNoFault()
    {
        var report = JsonSerializer.Deserialize(Required, FleetJson.Of<NodeReport>())!;
        Assert.Empty(ReportValidator.Faults(report));
        var made = new NodeReport
        {
            Node = report.Node,
            Incarnation = report.Incarnation,
            Sequence = 1,
            State = NodeState.Serving,
        };
        Assert.Equal(
            JsonSerializer.Serialize(made, FleetJson.Of<NodeReport>()),
            JsonSerializer.Serialize(report, FleetJson.Of<NodeReport>()));
    }

    [Fact]
    public void Report_PartsWithoutFields_AreWhole()
    {
        var report = JsonSerializer.Deserialize(
            Required[..^1] + ""","load":{},"sessions":{"changed":[{"id":"s","identity":"anonymous","startedAt":"2026-01-31T12:00:00Z"}]}}""",
            FleetJson.Of<NodeReport>())!;
        Assert.Empty(ReportValidator.Faults(report));
        Assert.Empty(report.Load.Loops);
        Assert.Empty(report.Sessions.Changed[0].EgressAddresses);
    }

    [Fact]
    public void Directive_WithTheRequiredFieldsOnly_IsWhole()
    {
        var directive = JsonSerializer.Deserialize("""{"sequence":1}""", FleetJson.Of<NodeDirective>())!;
        Assert.Equal(
            JsonSerializer.Serialize(new NodeDirective { Sequence = 1 }, FleetJson.Of<NodeDirective>()),
            JsonSerializer.Serialize(directive, FleetJson.Of<NodeDirective>()));
    }

    /// <summary>Nodes and coordinators are upgraded one after the other.</summary>
    [Fact]
    public void StandIns_AreUnknownToOlderNodesAndCoordinators()
    {
        // An older node does not say that it understands them, and is not answered so; a newer one does.
        var older = JsonSerializer.Deserialize(Required, FleetJson.Of<NodeReport>())!;
        Assert.Null(StandIns.WaitOf(older));
        var newer = JsonSerializer.Deserialize(
            Required[..^1] + ""","standInAfterMilliseconds":800,"ofTomorrow":{"a":1}}""", FleetJson.Of<NodeReport>())!;
        Assert.Equal(TimeSpan.FromMilliseconds(800), StandIns.WaitOf(newer));
        // What an older coordinator answers is the whole truth, as it was.
        var answer = JsonSerializer.Deserialize("""{"sequence":1,"drain":null}""", FleetJson.Of<NodeDirective>())!;
        Assert.False(answer.IsStandIn);
        answer = JsonSerializer.Deserialize(
            """{"sequence":1,"isStandIn":true,"knownSequence":7}""", FleetJson.Of<NodeDirective>())!;
        Assert.Equal((true, 7L), (answer.IsStandIn, answer.KnownSequence));
    }

    [Fact]
    public void Values_ThatAreAbsent_HaveTheirDefaultsToo()
    {
        var request = JsonSerializer.Deserialize("""{"id":"d1"}""", FleetJson.Of<DrainRequest>())!;
        Assert.Equal(new DrainRequest { Id = "d1" }, request);
        Assert.Equal((300, DrainBudget.Nodes(1), ""), (request.DeadlineSeconds, request.MaxConcurrent, request.Reason));
        Assert.Equal(1, JsonSerializer.Deserialize("""{"coordination":"local"}""", FleetJson.Of<FleetOverview>())!.Coordinators);
    }

    [Fact]
    public void Pool_OfAFileWithoutAVersion_HasAnEmptyOne() => Assert.Equal(
        "",
        Assert.Single(PoolsFile.Read(
            """[{"name":"v4","prefix":"192.0.2.0/24","blockLength":28}]"""u8.ToArray(), Assert.Fail)).Version);

    [Theory]
    [InlineData("\"notReady\":null")]
    [InlineData("\"load\":null")]
    [InlineData("\"sessions\":{\"changed\":null}")]
    public void Report_WithANullThatIsNone_IsRefused(string field) => Assert.Throws<JsonException>(() =>
        JsonSerializer.Deserialize($"{Required[..^1]},{field}}}", FleetJson.Of<NodeReport>()));
}
