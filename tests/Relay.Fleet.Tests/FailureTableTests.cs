using System.Text.RegularExpressions;

namespace Relay.Fleet.Tests;

/// <summary>What docs/fleet.md promises under which failure: each row names tests, and they exist.</summary>
public sealed partial class FailureTableTests
{
    public static TheoryData<string> Rows => [.. Table().Match(File.ReadAllText(Repository.PathOf("docs/fleet.md"))).Value.Split('\n')
        .Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_NamesTestsThatExist(string row)
    {
        var named = Test().Matches(row).Select(static match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(named);
        var sources = Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)
            .ToArray();
        Assert.All(named, name => Assert.Contains(sources, source => Regex.IsMatch(source, $@"class {name}\b")));
    }

    [GeneratedRegex(@"## What is promised under which failure.*?(?=\n## )", RegexOptions.Singleline)]
    private static partial Regex Table();

    [GeneratedRegex(@"`(\w+(?:Tests|Behaviour))`")]
    private static partial Regex Test();
}
