using System.Reflection;
using Microsoft.Playwright;

namespace Relay.Dashboard.Tests.Browser;

/// <summary>Looks at a page as those do who cannot see it, or see it badly, or have no pointer.</summary>
internal static class Audit
{
    private static readonly string Script = Read();

    /// <summary>What is wrong with the page as it is now, one sentence each.</summary>
    public static Task<string[]> RunAsync(IPage page) => page.EvaluateAsync<string[]>(Script);

    private static string Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("audit.js")!;
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return text[text.IndexOf("() =>", StringComparison.Ordinal)..];
    }
}
