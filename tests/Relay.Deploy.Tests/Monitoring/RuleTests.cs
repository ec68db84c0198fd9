using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Monitoring;

/// <summary>The alerts, judged by Prometheus's own tool.</summary>
[Trait("Needs", "Processes")]
public partial class RuleTests
{
    [Theory]
    [InlineData("check", "rules", "rules.yaml")]
    // Its secrets are another machine's.
    [InlineData("check", "config", "--syntax-only", "prometheus.yaml")]
    [InlineData("test", "rules", "rules.test.yaml")]
    public async Task Promtool_Files_AreRight(params string[] command)
    {
        var promtool = InstalledProgram.Require("promtool", "prometheus");
        var output = await Programs.OutputOfAsync(
            promtool, [.. command[..^1], Repository.PathOf($"deploy/prometheus/{command[^1]}")]);
        Assert.Contains("SUCCESS", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Alerts_Each_IsTestedAndExplained()
    {
        var rules = Repository.Read("deploy/prometheus/rules.yaml");
        var alerts = Alert().Matches(rules)
            .Select(static one => one.Groups[1].Value).ToList();
        var tests = Repository.Read("deploy/prometheus/rules.test.yaml");
        var guide = Repository.Read("docs/alerts.md");
        Assert.True(alerts.Count >= 20);
        Assert.All(alerts, one =>
        {
            Assert.Contains($"alertname: {one}\n        exp_alerts:\n", tests, StringComparison.Ordinal);
            Assert.Contains($"\n## {one}\n", guide, StringComparison.Ordinal);
            Assert.Contains($"runbook: docs/alerts.md#{one.ToLowerInvariant()}\n", rules, StringComparison.Ordinal);
        });
        Assert.Equal(alerts.Order(), Section().Matches(guide).Select(static one => one.Groups[1].Value).Order());
    }

    [Fact]
    public void Metrics_OfAlertsAndTheirGuide_AreDocumented()
    {
        var documented = Documented().Matches(Repository.Read("docs/metrics.md")).Select(static one => one.Groups[1].Value).ToHashSet();
        Assert.All((string[])["deploy/prometheus/rules.yaml", "docs/alerts.md"], path =>
        {
            var named = Metric().Matches(Repository.Read(path)).Select(static one => one.Value).Distinct().ToList();
            Assert.True(named.Count > 15);
            Assert.Empty(named.Except(documented));
        });
    }

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex("^## (\\w+)$", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"\b(?:relay|process)_[a-z0-9_]+\b")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^\| `((?:relay|process)_\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Documented();
}
