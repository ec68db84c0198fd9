using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Documents;

/// <summary>What documents about the code name is there: types, their members, and paths.</summary>
public sealed partial class NameTests
{
    private static readonly Lazy<ILookup<string, string>> Declarations = new(static () => Sources()
        .SelectMany(static text => Declaration().Matches(text).Select(type => (Type: type.Groups[1].Value, Text: text)))
        .ToLookup(static one => one.Type, static one => one.Text));

    [Theory]
    [InlineData("docs/architecture.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    public void Names_OfTypesAndPaths_AreThoseOfTheCode(string document)
    {
        var spans = Span().Matches(Fence().Replace(Repository.Read(document), ""))
            .Select(static span => span.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(spans);
        Assert.All(spans, static span => Assert.True(IsThere(span), span));
    }

    [Theory]
    [InlineData("EventLoop", true)]
    [InlineData("EventLoop.Post", true)]
    [InlineData("EventLoop.Await", false)]
    [InlineData("EventLop", false)]
    [InlineData("src/Relay.Nod", false)]
    [InlineData("--no-option", true)]
    public void Name_OfSomethingElse_IsTold(string span, bool isThere) => Assert.Equal(isThere, IsThere(span));

    [Fact]
    public void Folders_OfTheMap_AreThoseThatThereAre()
    {
        var rows = Row().Matches(Repository.Read("docs/architecture.md"));
        var projects = ((string[])["src", "tools"]).SelectMany(static folder => Directory
            .EnumerateFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .Select(static path => System.IO.Path.GetRelativePath(Repository.PathOf("."), System.IO.Path.GetDirectoryName(path)!));
        Assert.Equal(projects.Order(StringComparer.Ordinal), rows.Select(static row => row.Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.All(rows, static row => Assert.Equal(
            Directory.EnumerateDirectories(Repository.PathOf(row.Groups[1].Value))
                .Where(static folder => Directory.EnumerateFiles(folder, "*.cs").Any())
                .Select(static folder => System.IO.Path.GetFileName(folder)).Order(StringComparer.Ordinal),
            row.Groups[2].Value.Split(", ").Where(static folder => folder != "one").Order(StringComparer.Ordinal)));
    }

    private static bool IsThere(string span)
    {
        if (Path().IsMatch(span))
            return File.Exists(Repository.PathOf(span)) || Directory.Exists(Repository.PathOf(span));
        if (Name().Match(span) is not { Success: true } name)
            return true;
        var texts = Declarations.Value[name.Groups[1].Value].ToList();
        return name.Groups[2].Length == 0
            ? texts.Count > 0
            : texts.Exists(text => Regex.IsMatch(text, $@"\b{name.Groups[2].Value}\b"));
    }

    private static IEnumerable<string> Sources() => ((string[])["src", "tools", "tests"])
        .SelectMany(static folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories))
        .Where(static path => !path.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText);

    [GeneratedRegex(@"^\| `((?:src|tools)/[\w.]+)` \| ([\w, ]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Span();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^(src|tools|tests|docs|eng|deploy)(/[\w.-]+)+$")]
    private static partial Regex Path();

    /// <summary>A capital and a small letter: no constant of an RFC.</summary>
    [GeneratedRegex(@"^([A-Z]\w*[a-z]\w*)(?:\.([A-Z]\w*))?$")]
    private static partial Regex Name();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?! struct| class)) (\w+)")]
    private static partial Regex Declaration();
}
