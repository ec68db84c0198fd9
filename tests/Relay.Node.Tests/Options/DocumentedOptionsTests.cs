using System.Text.RegularExpressions;
using Relay.Node.Options;

namespace Relay.Node.Tests.Options;

/// <summary>docs/reference.md has every option of relay-node, with its default where that is a number, and no other.</summary>
public sealed partial class DocumentedOptionsTests
{
    private static readonly string[] Rows =
        [.. Repository.Read("docs/reference.md").Split('\n').Where(static line => line.StartsWith("| `-", StringComparison.Ordinal))];

    [Fact]
    public void Reference_HasEveryOptionAndNoOther()
    {
        var documented = Rows.SelectMany(static row => Option().Matches(row)).Select(static match => match.Value).Distinct();
        Assert.Equal(
            OptionCatalog.All.Select(static option => option.Name).Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Reference_EveryNumberByDefault_IsTheOneThatHolds()
    {
        var numbers = OptionCatalog.All.Where(static option => long.TryParse(option.DefaultText, out _)).ToList();
        Assert.True(numbers.Count > 10);
        Assert.All(numbers, static option => Assert.Single(Rows, row =>
            row.StartsWith($"| `{option.Name}` | {option.DefaultText} |", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"(?<=`)--[a-z][a-z0-9-]*(?=[` ])|(?<=`-a`, `)--address")]
    private static partial Regex Option();
}
