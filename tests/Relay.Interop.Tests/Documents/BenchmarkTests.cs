using System.Text.RegularExpressions;

namespace Relay.Interop.Tests.Documents;

/// <summary>The benchmarks of single pieces, as CONTRIBUTING.md has them.</summary>
public sealed class BenchmarkTests
{
    [Fact]
    public async Task Benchmarks_EachOnce_HaveAFigure()
    {
        var command = Assert.Single(DocumentedCommand.All(),
            static command => CommandClaims.Of(command)?.Test == nameof(BenchmarkTests)).Text;
        command = command.Replace(" tests/", $" {Repository.PathOf("tests/")}", StringComparison.Ordinal);
        using var folder = new ReadersFolder();
        var all = (await folder.RunAsync($"{command} --list flat")).Split('\n');
        Assert.NotEmpty(all);
        var output = await folder.RunAsync($"{command} --job Dry --join");
        Assert.All(all, benchmark =>
        {
            var parts = benchmark.Split('.');
            Assert.Matches(new Regex($@"\| {parts[^2]} +\| {parts[^1]} +\|.* \d[\d,.]* [num]s \|"), output);
        });
    }
}
