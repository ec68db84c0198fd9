using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Relay.Deploy.Tests.Project;

/// <summary>There is one version, and what each project is said to be.</summary>
public sealed class VersionTests
{
    /// <summary>Where the version has to stand once more, since these files cannot ask MSBuild.</summary>
    [Theory]
    [InlineData("deploy/docker/Dockerfile", @"^ARG VERSION=(\S+)$", 1)]
    [InlineData("deploy/k8s/components/version/kustomization.yaml", @"(?:name: relayfleet\n    newTag|value): (\S+)$", 2)]
    [InlineData("docs/deploying.md", @"relayfleet:(\d\S*)", 2)]
    [InlineData("docs/deploying.md", @"relayfleet_(\d[^_]*)_|relayfleet-(\d[^-]*)-", 4)]
    public void Version_WhereverItStands_IsTheBuilds(string file, string pattern, int count)
    {
        var version = Common("VersionPrefix");
        var found = Regex.Matches(Repository.Read(file), pattern, RegexOptions.Multiline)
            .Select(static one => one.Groups[1].Value + one.Groups[2].Value).ToList();
        Assert.Equal(Enumerable.Repeat(version, count), found);
    }

    [Fact]
    public void Projects_Each_SaysWhatItIs_AndNoneHasAVersionOfItsOwn()
    {
        var projects = ((string[])["src", "tools"])
            .SelectMany(static folder => Directory.EnumerateFiles(
                Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .Select(static path => (Path: path, Properties: XDocument.Load(path).Descendants("PropertyGroup").Elements()))
            .ToList();
        Assert.NotEmpty(projects);
        Assert.All(projects, static project =>
        {
            Assert.Single(project.Properties, static one => one.Name == "Description" && one.Value.EndsWith('.'));
            Assert.DoesNotContain(project.Properties, static one => one.Name.LocalName.Contains("Version", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Licence_OfPackages_IsThatOfTheRepository()
    {
        Assert.StartsWith($"{Common("PackageLicenseExpression")} License", Repository.Read("LICENSE"), StringComparison.Ordinal);
        Assert.Contains(Common("Copyright"), Repository.Read("LICENSE"), StringComparison.Ordinal);
    }

    private static string Common(string property) => Assert.Single(
        XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants(property)).Value;
}
