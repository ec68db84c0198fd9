using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Relay.Interop.Tests.Deployment;

/// <summary>What the dashboards and the alerts ask Prometheus.</summary>
internal static partial class Queries
{
    /// <summary>How wide the columns of a dashboard that shows an hour are, in points of a panel's graph.</summary>
    private const int Points = 720;

    /// <summary>The queries of every panel, with variables in the places that Grafana fills in.</summary>
    /// <returns>Where the query is, and what it is.</returns>
    public static IEnumerable<(string Where, string Query)> OfDashboard(string name)
    {
        using var dashboard = JsonDocument.Parse(Repository.Read($"deploy/grafana/dashboards/{name}.json"));
        return
        [
            .. Panels(dashboard.RootElement).SelectMany(static panel => panel.GetProperty("targets").EnumerateArray().Select(
                target => (panel.GetProperty("title").GetString()!, target.GetProperty("expr").GetString()!)))
                .Select(one => ($"{name}, {one.Item1}", one.Item2)),
        ];
    }

    /// <summary>The queries of a dashboard's own variables.</summary>
    public static IEnumerable<(string Metric, string Label, string Variable)> VariablesOf(string name)
    {
        using var dashboard = JsonDocument.Parse(Repository.Read($"deploy/grafana/dashboards/{name}.json"));
        return
        [
            .. dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray()
                .Where(static one => one.GetProperty("type").GetString() == "query")
                .Select(static one => (Parts: LabelValues().Match(one.GetProperty("query").GetProperty("query").GetString()!),
                    Name: one.GetProperty("name").GetString()!))
                .Select(static one => (one.Parts.Groups[1].Value, one.Parts.Groups[2].Value, one.Name)),
        ];
    }

    /// <summary>
    /// The alerts' expressions, with comparisons that give 0 or 1 in place of those that leave series out: so a healthy node
    /// shows that all of it is there, both sides with the same labels.
    /// </summary>
    public static IEnumerable<(string Where, string Query)> OfAlerts()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Repository.Read("deploy/prometheus/rules.yaml")));
        return ((YamlSequenceNode)stream.Documents[0].RootNode["groups"]).SelectMany(static group => (YamlSequenceNode)group["rules"])
            .Select(static rule => (rule["alert"].ToString(), WithoutFilters(rule["expr"].ToString())));
    }

    /// <summary>Fills in variables as Grafana does.</summary>
    /// <param name="query">What the dashboard has.</param>
    /// <param name="scrape">How often Prometheus scrapes, which is set at Grafana's data source.</param>
    /// <param name="variables">The values of the dashboard's own variables.</param>
    public static string Fill(string query, TimeSpan scrape, IReadOnlyDictionary<string, string> variables)
    {
        // Of Grafana's manual: max($__interval + scrape interval, 4 * scrape interval).
        var interval = TimeSpan.FromHours(1) / Points;
        var rate = TimeSpan.FromTicks(Math.Max((interval + scrape).Ticks, (4 * scrape).Ticks));
        query = query.Replace(
            "$__rate_interval", $"{(long)rate.TotalMilliseconds}ms",
            StringComparison.Ordinal);
        foreach (var (name, value) in variables)
            query = query.Replace($"${name}", value, StringComparison.Ordinal);
        Assert.DoesNotContain('$', query);
        return query;
    }

    /// <summary>An expression whose comparisons leave no series out, nor what it has of others after "unless".</summary>
    public static string WithoutFilters(string expression) => Comparison().Replace(
        expression.Split(" unless ")[0], static match => match.Groups[1].Success ? $"{match.Value} bool" : match.Value);

    private static IEnumerable<JsonElement> Panels(JsonElement parent) => parent.GetProperty("panels").EnumerateArray()
        .SelectMany(static panel => panel.TryGetProperty("panels", out _) ? Panels(panel) : [panel])
        .Where(static panel => panel.GetProperty("type").GetString() != "row");

    // Not those of selectors, which are in braces.
    [GeneratedRegex(@"\{[^}]*\}|([=!<>]=|[<>])")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"^label_values\((\w+), (\w+)\)$")]
    private static partial Regex LabelValues();
}
