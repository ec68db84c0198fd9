using System.Text.RegularExpressions;

namespace Relay.Interop.Tests.Documents;

/// <summary>Every command that a document gives is run by a test, or it is said why it cannot be.</summary>
public sealed partial class CommandTests
{
    [Fact]
    public void Commands_Each_HasATestOrAReason()
    {
        var all = DocumentedCommand.All().ToList();
        Assert.All(all, static command => Assert.NotNull(CommandClaims.Of(command)));
        Assert.All(CommandClaims.All, claim => Assert.Contains(all, command => CommandClaims.Of(command) == claim));
        Assert.All(CommandClaims.All, static claim => Assert.True(claim.Test is null != claim.Reason is null, claim.Pattern));
    }

    [Theory]
    [InlineData("```sh\na b\n\nc \\\n  d\n```", "a b", "c \\\n  d")]
    [InlineData("```\n│ drawing │\nkubectl get pods\n```", "kubectl get pods")]
    [InlineData("text\n\n    for i in 1 2; do\n      one $i\n    done\n    two # it's\n\ntext", "for i in 1 2; do\n  one $i\ndone", "two # it's")]
    [InlineData("    $ api /v1/x -d '{\n        \"a\":1}'\n    {\"b\":2}", "api /v1/x -d '{\n    \"a\":1}'")]
    [InlineData("see `relay-node --help`, `relay-node` and `./run.sh`", "relay-node --help", "./run.sh")]
    public void Commands_OfAText_AreFound(string text, params string[] expected) =>
        Assert.Equal(expected, DocumentedCommand.Of("a.md", text).Select(static command => command.Text));

    /// <summary>Of what is not run: the files that it names are there, and scripts are ones.</summary>
    [Fact]
    public async Task Commands_ThatAreNotRun_NameWhatIsThere()
    {
        var bash = InstalledProgram.Require("bash", "bash");
        var paths = DocumentedCommand.All().Where(static command => CommandClaims.Of(command)?.Test is null)
            .SelectMany(static command => Path().Matches(command.Text)).Select(static path => path.Value).Distinct().ToList();
        Assert.NotEmpty(paths);
        foreach (var path in paths.Where(static path => !path.Contains("/bin/", StringComparison.Ordinal)))
        {
            Assert.True(File.Exists(Repository.PathOf(path)), path);
            if (!path.EndsWith(".sh", StringComparison.Ordinal))
                continue;
            await using var check = ChildProcess.Start(bash, ["-n", Repository.PathOf(path)]);
            Assert.True(await check.WaitForExitAsync(Limits.Start) == 0, check.Log.Describe());
        }
    }

    [GeneratedRegex(@"(?<= |^)(?:\./|eng/|deploy/|tests/)[\w./-]+\.(?:sh|yaml|dll)|deploy/docker/Dockerfile")]
    private static partial Regex Path();
}
