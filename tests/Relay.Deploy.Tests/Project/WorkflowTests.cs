using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Relay.Deploy.Tests.Project;

/// <summary>The files under .github, as far as can be told without the host that reads them.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Files => [.. Directory
        .EnumerateFiles(Repository.PathOf(".github"), "*.yml", SearchOption.AllDirectories)
        .Select(static path => Path.GetRelativePath(Repository.PathOf("."), path)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Workflows =>
        [.. Files.Select(static row => row.Data).Where(static path => path.Contains("/workflows/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Files))]
    public void File_OfTheHost_IsAMappingWithWhatItsKindNeeds(string path)
    {
        string[] needed = path switch
        {
            _ when path.Contains("/workflows/", StringComparison.Ordinal) => ["name", "on", "permissions", "jobs"],
            _ when path.EndsWith("dependabot.yml", StringComparison.Ordinal) => ["version", "updates"],
            _ when path.EndsWith("config.yml", StringComparison.Ordinal) => ["blank_issues_enabled"],
            _ => ["name", "description", "body"],
        };
        Assert.Subset(Read(path).Children.Keys.Select(static key => key.ToString()).ToHashSet(), needed.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Workflow_Steps_RunWhatIsThere_ByPinnedActions(string path)
    {
        var jobs = ((YamlMappingNode)Read(path)["jobs"]).Children.Values.Cast<YamlMappingNode>().ToList();
        Assert.NotEmpty(jobs);
        Assert.All(jobs, static job => Assert.Contains("timeout-minutes", job.Children.Keys.Select(static key => key.ToString())));
        var steps = jobs.SelectMany(static job => (YamlSequenceNode)job["steps"]).Cast<YamlMappingNode>().ToList();
        Assert.All(Texts(steps, "uses"), static action => Assert.Matches("^[a-z-]+/[a-z-]+@[0-9a-f]{40}$", action));
        var commands = Texts(steps, "run").SelectMany(static text => Script().Matches(text)).ToList();
        Assert.NotEmpty(commands);
        Assert.All(commands, static script =>
        {
            var text = Repository.Read(script.Groups["path"].Value);
            Assert.StartsWith("#!", text, StringComparison.Ordinal);
            if (script.Groups["option"].Success)
                Assert.Contains(script.Groups["option"].Value, text, StringComparison.Ordinal);
        });
        Assert.Contains("global.json", Repository.Read(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Dependabot_Directories_HoldWhatItsKindUpdates()
    {
        var updates = ((YamlSequenceNode)Read(".github/dependabot.yml")["updates"])
            .ToDictionary(static one => one["package-ecosystem"].ToString(), static one => one["directory"].ToString());
        Assert.Equal(["docker", "github-actions", "nuget"], updates.Keys.Order());
        Assert.True(File.Exists(Repository.PathOf($".{updates["docker"]}/Dockerfile")));
        Assert.True(File.Exists(Repository.PathOf($".{updates["nuget"]}Directory.Packages.props")));
    }

    [Fact]
    public void Issues_OfPrograms_NameThoseThatThereAre()
    {
        var form = (YamlSequenceNode)Read(".github/ISSUE_TEMPLATE/bug.yml")["body"];
        var programs = form.First(static one => one["type"].ToString() == "dropdown")["attributes"]["options"];
        var assemblies = ((string[])["src", "tools"])
            .SelectMany(static folder => Directory.EnumerateFiles(
                Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .SelectMany(static path => AssemblyName().Matches(File.ReadAllText(path)))
            .Select(static name => name.Groups[1].Value).Where(static name => name.StartsWith("relay", StringComparison.Ordinal));
        Assert.Equal(
            assemblies.Order(StringComparer.Ordinal),
            ((YamlSequenceNode)programs).Select(static one => one.ToString())
                .Where(static one => one.StartsWith("relay", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Texts(IEnumerable<YamlMappingNode> steps, string key) => steps
        .Where(step => step.Children.ContainsKey(key)).Select(step => step[key].ToString());

    private static YamlMappingNode Read(string path)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Repository.Read(path)));
        return Assert.IsType<YamlMappingNode>(Assert.Single(stream.Documents).RootNode);
    }

    [GeneratedRegex(@"^\./(?<path>[\w./-]+)(?: (?<option>--[\w-]+))?$", RegexOptions.Multiline)]
    private static partial Regex Script();

    [GeneratedRegex("<AssemblyName>(.*)</AssemblyName>")]
    private static partial Regex AssemblyName();
}
