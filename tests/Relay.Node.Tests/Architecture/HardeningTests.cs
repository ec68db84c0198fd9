using System.Text.RegularExpressions;

namespace Relay.Node.Tests.Architecture;

/// <summary>docs/hardening.md names a test of each attack, and every test that it names is there.</summary>
public sealed partial class HardeningTests
{
    private static readonly string[] Rows =
    [
        .. Repository.Read("docs/hardening.md").Split("## Messages that break a rule")[0].Split("### Soak")[0].Split('\n').Where(
            static line => line.StartsWith("| ", StringComparison.Ordinal)
                && !line.StartsWith("| attack |", StringComparison.Ordinal)
                && !line.StartsWith("| fault |", StringComparison.Ordinal)),
    ];

    [Fact]
    public void EveryRow_NamesATestThatIsThere()
    {
        Assert.True(Rows.Length > 10);
        Assert.All(Rows, static row =>
        {
            var tests = TestName().Matches(row);
            Assert.True(tests.Count > 0, row);
            Assert.All(tests, static test => Assert.True(
                Exists(test.Groups[1].Value, test.Groups[2].Value, test.Groups[3].Value), test.Value));
        });
    }

    /// <summary>The folder below one of the projects of tests, the class, and the method.</summary>
    private static bool Exists(string folder, string type, string method) =>
        Directory.EnumerateDirectories(Repository.PathOf("tests"))
            .Select(project => Path.Combine(project, folder))
            .Where(Directory.Exists)
            .SelectMany(path => Directory.EnumerateFiles(path, $"{type}*.cs"))
            .Any(file => File.ReadAllText(file).Contains($" {method}(", StringComparison.Ordinal));

    [GeneratedRegex(@"`([A-Za-z0-9/]+)/([A-Za-z0-9]+Tests)\.([A-Za-z0-9_]+)`")]
    private static partial Regex TestName();
}
