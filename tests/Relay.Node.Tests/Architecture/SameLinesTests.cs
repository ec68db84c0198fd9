namespace Relay.Node.Tests.Architecture;

/// <summary>What both programs need is the library's: it does not stand in both.</summary>
public class SameLinesTests
{
    private const int Run = 6;

    [Fact]
    public void NodeAndAdmin_HaveNoSixLinesInCommon()
    {
        var known = Runs("src/Relay.Node").GroupBy(static run => run.Text, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.First().File, StringComparer.Ordinal);
        Assert.NotEmpty(known);
        var twice = Runs("src/Relay.Admin").Where(run => known.ContainsKey(run.Text))
            .Select(run => $"{known[run.Text]} and {run.File} both have:\n{run.Text}");
        Assert.Empty(twice);
    }

    private static IEnumerable<(string File, string Text)> Runs(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal)))
        {
            var lines = File.ReadLines(file).Select(static line => line.Trim()).Where(IsCode).ToArray();
            for (var i = 0; i + Run <= lines.Length; i++)
                yield return (file, string.Join('\n', lines[i..(i + Run)]));
        }
    }

    private static bool IsCode(string line) =>
        line.Any(char.IsLetterOrDigit) && !line.StartsWith("using ", StringComparison.Ordinal)
        && !line.StartsWith("namespace ", StringComparison.Ordinal) && !line.StartsWith("//", StringComparison.Ordinal);
}
