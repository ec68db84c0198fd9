using System.Net.Http.Json;
using Relay.Fleet.Json;

namespace Relay.Testing.Admin;

/// <summary>Sends reports as a client sees them go: over HTTP, with each answer looked at.</summary>
public sealed class HttpReports(HttpClient client) : IFleetReports
{
    public async ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation)
    {
        using var answer = await client.PostAsJsonAsync(
            $"/v1/nodes/{report.Node}/reports", report, FleetJson.Of<NodeReport>(), cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellation));
        var directive = await answer.Content.ReadFromJsonAsync(FleetJson.Of<NodeDirective>(), cancellation);
        Assert.Equal(report.Sequence, directive!.Sequence);
        return directive;
    }
}
