using System.Text.RegularExpressions;

namespace Relay.Node.Tests.Diagnostics.Metrics;

/// <summary>
/// A scrape's text, read: about families by their name, and values by the series, which is its name and its labels in
/// the order of their names.
/// </summary>
internal sealed record Exposition(
    SortedDictionary<string, string> Types, SortedDictionary<string, string> Units,
    SortedDictionary<string, string> Descriptions, SortedDictionary<string, double> Values)
{
    public static Exposition Parse(string text)
    {
        var result = new Exposition([], [], [], []);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => line != "# EOF"))
        {
            if (Regex.Match(line, @"^# (TYPE|UNIT|HELP) (\w+) (.*)$") is { Success: true } header)
            {
                var about = header.Groups[1].Value switch
                {
                    "TYPE" => result.Types,
                    "UNIT" => result.Units,
                    _ => result.Descriptions,
                };
                about.Add(header.Groups[2].Value, header.Groups[3].Value);
                continue;
            }
            var sample = Regex.Match(line, @"^(\w+)(?:\{(.*)\})? (\S+)$");
            Assert.True(sample.Success, line);
            var labels = Regex.Matches(sample.Groups[2].Value, @"\w+=""(?:[^""\\]|\\.)*""").Select(static label => label.Value);
            result.Values.Add(
                $"{sample.Groups[1].Value}{{{string.Join(',', labels.Order(StringComparer.Ordinal))}}}",
                double.Parse(sample.Groups[3].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal)));
        }
        return result;
    }

    /// <summary>The names of a family's labels, but for that of buckets.</summary>
    public IEnumerable<string> LabelsOf(string family) => Values.Keys
        .Where(key => Regex.IsMatch(key, $@"^{family}(_bucket|_sum|_count)?\{{"))
        .SelectMany(static key => Regex.Matches(key, @"[{,](\w+)=""").Select(static match => match.Groups[1].Value))
        .Where(static label => label != "le").Distinct();
}
