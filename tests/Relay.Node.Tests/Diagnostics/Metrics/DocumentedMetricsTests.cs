using System.Text.RegularExpressions;

namespace Relay.Node.Tests.Diagnostics.Metrics;

/// <summary>docs/metrics.md has every metric that a node shows, with its type and labels, and no other.</summary>
public sealed partial class DocumentedMetricsTests
{
    [Fact]
    public void Documentation_HasEveryMetricAndNoOther()
    {
        using var node = new WatchedNode();
        using var export = new ScrapedExport(node.Meter.Name);
        node.Fill();
        var shown = export.Scrape();

        var documented = Row().Matches(Repository.Read("docs/metrics.md").Split("## Of a coordinator")[0]).ToDictionary(
            static row => row.Groups[1].Value, static row => (Type: row.Groups[2].Value, Labels: row.Groups[3].Value.Trim()));

        Assert.Equal(
            shown.Types, documented.Select(static row => KeyValuePair.Create(row.Key, row.Value.Type))
                .OrderBy(static row => row.Key, StringComparer.Ordinal));
        foreach (var (name, (_, labels)) in documented)
        {
            Assert.All(shown.LabelsOf(name), label => Assert.Contains($"`{label}`", labels, StringComparison.Ordinal));
            Assert.Equal(shown.LabelsOf(name).Any(), labels.Length > 0);
        }
    }

    [GeneratedRegex(@"^\| `((?:relay|process)_\w+)` \| (\w+) \|[^|]*\|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
