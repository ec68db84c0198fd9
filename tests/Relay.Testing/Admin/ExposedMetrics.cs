using System.Text.RegularExpressions;

namespace Relay.Testing.Admin;

/// <summary>Metrics by name and labels: those of a scrape, and those of docs/metrics.md.</summary>
public static partial class ExposedMetrics
{
    /// <summary>What a scrape shows; a histogram's series are one.</summary>
    /// <param name="text">Prometheus's text.</param>
    public static IReadOnlyList<(string Name, string Labels)> Of(string text)
    {
        var histograms = Type().Matches(text).Select(static one => one.Groups[1].Value).ToHashSet();
        return
        [
            .. Sample().Matches(text).Select(sample => (
                histograms.FirstOrDefault(name => sample.Groups[1].Value.StartsWith($"{name}_", StringComparison.Ordinal))
                    ?? sample.Groups[1].Value,
                Joined(Label().Matches(sample.Groups[2].Value).Select(static one => one.Groups[1].Value)))).Distinct(),
        ];
    }

    /// <summary>What the rows of tables document.</summary>
    /// <param name="markdown">The part of the document.</param>
    public static IReadOnlyList<(string Name, string Labels)> Rows(string markdown) =>
    [
        .. Row().Matches(markdown).Select(static row => (row.Groups[1].Value, Joined(row.Groups[2].Value.Split(';').SelectMany(
            static part => part.Contains(':', StringComparison.Ordinal)
                ? [Name().Match(part).Groups[1].Value] : Name().Matches(part).Select(static name => name.Groups[1].Value))))),
    ];

    private static string Joined(IEnumerable<string> labels) =>
        string.Join(", ", labels.Where(static label => label != "le").Order(StringComparer.Ordinal));

    [GeneratedRegex(@"^# TYPE (\w+) histogram$", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^((?:relay|process)_\w+)(?:\{(.*)\})? \S+", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"(?:^|,)(\w+)=""")]
    private static partial Regex Label();

    [GeneratedRegex(@"^\| `((?:relay|process)_\w+)` \| \w+ \|[^|]*\|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
