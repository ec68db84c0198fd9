using System.Reflection;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Relay.Dashboard.Tests.Browser;

/// <summary>Looks at a page as those do who cannot see it, or see it badly, or have no pointer.</summary>
internal static class Audit
{
    /// <summary>All of axe-core's rules but the experimental ones, and these two, which are off unless asked for.</summary>
    private static readonly AxeRunOptions Options = new()
    {
        // Of what is right, an example is enough: to tell of each element costs as much as the search.
        ResultTypes = [ResultType.Violations, ResultType.Incomplete],
        Rules = new Dictionary<string, RuleOptions>
        {
            ["target-size"] = new RuleOptions { Enabled = true },
            ["duplicate-id"] = new RuleOptions { Enabled = true },
        },
    };

    /// <summary>Where axe cannot tell the ground of a text, <see cref="Layout"/> reckons it.</summary>
    private const string Contrast = "color-contrast";

    private static readonly string Layout = Read();

    /// <summary>What is wrong with the page as it is now, one sentence each.</summary>
    public static async Task<string[]> RunAsync(IPage page)
    {
        var result = await page.RunAxe(Options);
        Assert.NotEmpty(result.Passes);
        return
        [
            .. result.Violations.Concat(result.Incomplete.Where(static rule => rule.Id != Contrast))
                .SelectMany(static rule => rule.Nodes, static (rule, node) => $"{rule.Id}: {node.Html}: {Why(node)}"),
            .. await page.EvaluateAsync<string[]>(Layout),
        ];
    }

    private static string Why(AxeResultNode node) =>
        string.Join("; ", node.Any.Concat(node.All).Concat(node.None).Select(static check => check.Message));

    private static string Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("layout.js")!;
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return text[text.IndexOf("() =>", StringComparison.Ordinal)..];
    }
}
