using System.Text.Json;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Fleet.Tests.Reports;

/// <summary>What an older version sends lacks fields: they have their defaults, and not null.</summary>
public class AbsentFieldTests
{
    private const string Required =
        """{"node":"edge-1","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving"}""";

    [Fact]
    public void Report_WithTheRequiredFieldsOnly_HasNoFault()
    {
        var report = JsonSerializer.Deserialize(Required, FleetJson.Default.NodeReport)!;
        Assert.Empty(ReportValidator.Faults(report));
        var made = new NodeReport
        {
            Node = report.Node,
            Incarnation = report.Incarnation,
            Sequence = 1,
            State = NodeState.Serving,
        };
        Assert.Equal(
            JsonSerializer.Serialize(made, FleetJson.Default.NodeReport),
            JsonSerializer.Serialize(report, FleetJson.Default.NodeReport));
    }

    [Fact]
    public void Report_PartsWithoutFields_AreWhole()
    {
        var report = JsonSerializer.Deserialize(
            Required[..^1] + ""","load":{},"sessions":{"changed":[{"id":"s","identity":"anonymous","startedAt":"2026-01-31T12:00:00Z"}]}}""",
            FleetJson.Default.NodeReport)!;
        Assert.Empty(ReportValidator.Faults(report));
        Assert.Empty(report.Load.Loops);
        Assert.Empty(report.Sessions.Changed[0].EgressAddresses);
    }

    [Fact]
    public void Directive_WithTheRequiredFieldsOnly_IsWhole()
    {
        var directive = JsonSerializer.Deserialize("""{"sequence":1}""", FleetJson.Default.NodeDirective)!;
        Assert.Equal(
            JsonSerializer.Serialize(new NodeDirective { Sequence = 1 }, FleetJson.Default.NodeDirective),
            JsonSerializer.Serialize(directive, FleetJson.Default.NodeDirective));
    }
}
