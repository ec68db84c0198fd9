using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Documents;

/// <summary>What documents point at is there: files, and headings in them.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Documents =>
        [.. Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.PathOf("."), "*.md"))
            .Select(static path => Path.GetRelativePath(Repository.PathOf("."), path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_WithinTheRepository_LeadSomewhere(string document)
    {
        var broken = Link().Matches(Repository.Read(document)).Select(static link => link.Groups[1].Value)
            .Where(static link => !link.Contains("://", StringComparison.Ordinal))
            .Where(link => !LeadsSomewhere(document, link));
        Assert.Empty(broken);
    }

    [Fact]
    public void Links_InSources_LeadSomewhere()
    {
        var sources = ((string[])["src", "tools", "tests", "deploy", "eng"]).SelectMany(static folder => Directory
            .EnumerateFiles(Repository.PathOf(folder), "*", SearchOption.AllDirectories)
            .Where(static path => Path.GetExtension(path) is ".cs" or ".sh" or ".yaml" or ".service" or ".js")
            .Where(static path => !path.Contains("/obj/", StringComparison.Ordinal)
                && !path.Contains("/bin/", StringComparison.Ordinal)));
        var links = sources.SelectMany(static path => Mention().Matches(File.ReadAllText(path))
            .Select(mention => (Path: Path.GetRelativePath(Repository.PathOf("."), path), Link: mention.Value))).ToList();
        Assert.NotEmpty(links);
        Assert.All(links, static one => Assert.True(LeadsSomewhere("README.md", one.Link), $"{one.Path}: {one.Link}"));
    }

    private static bool LeadsSomewhere(string document, string link)
    {
        var (path, anchor) = link.Split('#', 2) is [var before, var after] ? (before, after) : (link, null);
        var folder = Path.GetDirectoryName(document)!;
        var target = path.Length == 0 ? Repository.PathOf(document) : Repository.PathOf(Path.Combine(folder, path));
        return anchor is null
            ? File.Exists(target) || Directory.Exists(target)
            : File.Exists(target) && Heading().Matches(File.ReadAllText(target))
                .Any(heading => AnchorOf(heading.Groups[1].Value) == anchor);
    }

    /// <summary>As code hosts make it: lower case, without punctuation, hyphens for spaces.</summary>
    private static string AnchorOf(string heading) =>
        Punctuation().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"docs/[a-zA-Z0-9/_-]+\.md(#[a-z0-9-]+)?")]
    private static partial Regex Mention();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Punctuation();
}
