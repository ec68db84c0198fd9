using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Documents;

/// <summary>What docs/security.md says bounds somebody: each row names tests, and they exist.</summary>
public sealed partial class SecurityTableTests
{
    public static TheoryData<string> Rows =>
    [
        .. Repository.Read("docs/security.md").Split("\n## ").Single(static part => part.StartsWith("What each tries", StringComparison.Ordinal)).Split('\n').Where(static line =>
            line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| it tries |", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_NamesTestsThatExist(string row)
    {
        var named = Test().Matches(row[row.TrimEnd('|', ' ').LastIndexOf('|')..]).Select(static match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(named);
        var sources = Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)
            .ToArray();
        Assert.All(named, name => Assert.Contains(sources, source => Regex.IsMatch(source, $@"class {name}\b")));
    }

    [Fact]
    public void Tables_SayItOfEachOfThem() => Assert.All(
        (string[])["A stranger", "A viewer, or an operator", "A node", "A coordinator"],
        static who => Assert.Contains($"**{who}.**\n\n| it tries |", Repository.Read("docs/security.md"), StringComparison.Ordinal));

    [GeneratedRegex(@"`(\w+(?:Tests|Behaviour))`")]
    private static partial Regex Test();
}
