using System.Text.Json;
using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Monitoring;

/// <summary>Grafana's dashboards as files; what their queries return is tested against a live node.</summary>
public partial class DashboardTests
{
    [Theory]
    [InlineData("fleet")]
    [InlineData("node")]
    [InlineData("coordinators")]
    public void Panels_Places_DoNotOverlapAndIdsAreUnique(string name)
    {
        var panels = Panels(name);
        Assert.Equal(panels.Count, panels.Select(static one => one.GetProperty("id").GetInt32()).Distinct().Count());
        var cells = new HashSet<(int, int)>();
        foreach (var place in panels.Select(static one => one.GetProperty("gridPos")))
        {
            var (x, y) = (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32());
            var (w, h) = (place.GetProperty("w").GetInt32(), place.GetProperty("h").GetInt32());
            Assert.InRange(x + w, 1, 24);
            for (var i = 0; i < w * h; i++)
                Assert.True(cells.Add((x + (i % w), y + (i / w))), $"{x}, {y}");
        }
    }

    [Theory]
    [InlineData("fleet")]
    [InlineData("node")]
    [InlineData("coordinators")]
    public void Panels_Each_HasAQueryOfTheChosenSource(string name)
    {
        var panels = Panels(name).Where(static one => one.GetProperty("type").GetString() != "row").ToList();
        Assert.True(panels.Count > 10);
        Assert.All(panels, static one =>
        {
            Assert.Equal("${datasource}", one.GetProperty("datasource").GetProperty("uid").GetString());
            Assert.NotEmpty(one.GetProperty("title").GetString()!);
            Assert.All(
                one.GetProperty("targets").EnumerateArray(),
                static target =>
                    Assert.Contains("relay_", target.GetProperty("expr").GetString(), StringComparison.Ordinal));
        });
    }

    [Fact]
    public void DataSource_Interval_IsThatOfTheScrapes()
    {
        var source = Repository.Read("deploy/grafana/provisioning/datasources/prometheus.yaml");
        var scrape = Interval().Match(Repository.Read("deploy/prometheus/prometheus.yaml")).Groups[1].Value;
        Assert.NotEmpty(scrape);
        Assert.Contains($"timeInterval: {scrape} }}", source, StringComparison.Ordinal);
    }

    private static List<JsonElement> Panels(string name) =>
        [.. JsonDocument.Parse(Repository.Read($"deploy/grafana/dashboards/{name}.json"))
            .RootElement.GetProperty("panels").EnumerateArray()];

    [GeneratedRegex(@"scrape_interval: (\w+)")]
    private static partial Regex Interval();
}
