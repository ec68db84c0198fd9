using System.Text.RegularExpressions;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>What Prometheus learns of the fleet.</summary>
public sealed partial class MetricsTests
{
    private static readonly ScriptedFleet Fleet = new()
    {
        IsMember = true,
        OnOverview = static () => new FleetOverview
        {
            Coordination = "orleans",
            Coordinators = 3,
            Nodes = new Dictionary<NodeState, int> { [NodeState.Serving] = 7, [NodeState.Silent] = 1 },
            DrainsRunning = 2,
            Warnings =
            [
                new FleetWarning("pool-found", "one"), new FleetWarning("pool-found", "another"),
                new FleetWarning("store-not-durable", "a third"),
            ],
        },
    };

    [Fact]
    public async Task Metrics_ShowTheFleet()
    {
        await using var app = await AdminApp.StartAsync(Fleet);

        var lines = await ScrapeAsync(app);

        Assert.Contains("relay_coordinator_ready 1", lines);
        Assert.Contains("relay_coordinator_degraded 0", lines);
        Assert.Contains("relay_fleet_coordinators 3", lines);
        Assert.Contains("relay_fleet_nodes{state=\"serving\"} 7", lines);
        Assert.Contains("relay_fleet_nodes{state=\"drained\"} 0", lines);
        Assert.Contains("relay_fleet_drains_running 2", lines);
        Assert.Contains("relay_fleet_warnings{kind=\"pool-found\"} 2", lines);
        Assert.Contains("relay_fleet_warnings{kind=\"store-not-durable\"} 1", lines);
    }

    [Fact]
    public async Task Metrics_OfAFleetThatIsAway_SayOnlyThat()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());

        var lines = await ScrapeAsync(app);

        Assert.Contains("relay_coordinator_ready 0", lines);
        Assert.Contains("relay_coordinator_degraded 1", lines);
        Assert.DoesNotContain(lines, static line => line.StartsWith("relay_fleet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_AreDocumented()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        var shown = (await ScrapeAsync(app)).Select(static line => Sample().Match(line)).Where(static line => line.Success)
            .Select(static line => (line.Groups[1].Value, line.Groups[2].Value)).Distinct().Order();

        var documented = Row().Matches(Repository.Read("docs/metrics.md").Split("## Of a coordinator")[1])
            .Select(static row => (row.Groups[1].Value, row.Groups[2].Value)).Order();

        Assert.Equal(documented, shown);
    }

    private static async Task<string[]> ScrapeAsync(AdminApp app)
    {
        using var answer = await app.Viewer.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync()).Replace("{}", "", StringComparison.Ordinal).Split('\n');
    }

    [GeneratedRegex(@"^(relay_\w+)(?:\{(\w+)=[^}]*\})? ")]
    private static partial Regex Sample();

    [GeneratedRegex(@"^\| `(relay_\w+)` \| (?:gauge|counter) \|[^|]*\| (?:`(\w+)`)?[^|]*\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
