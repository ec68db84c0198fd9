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
        var alerts = Alert().Matches(Repository.Read("deploy/prometheus/rules.yaml"))
            .Select(static one => one.Groups[1].Value).ToList();
        var tests = Repository.Read("deploy/prometheus/rules.test.yaml");
        var guide = Repository.Read("docs/deploying.md");
        Assert.True(alerts.Count >= 6);
        Assert.All(alerts, one =>
        {
            Assert.Contains($"alertname: {one}\n        exp_alerts:\n", tests, StringComparison.Ordinal);
            Assert.Contains($"`{one}`", guide, StringComparison.Ordinal);
        });
    }

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();
}
