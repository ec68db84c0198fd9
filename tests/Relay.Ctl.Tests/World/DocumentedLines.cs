using System.Text;
using System.Text.RegularExpressions;

namespace Relay.Ctl.Tests.World;

/// <summary>The command lines of relayctl that the documentation gives.</summary>
internal static partial class DocumentedLines
{
    /// <summary>Each with where it is: lines of code that begin with relayctl, and such words within a text.</summary>
    public static IEnumerable<(string Where, string Line)> All()
    {
        var files = Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Append(Repository.PathOf("README.md")).Append(Repository.PathOf("CHANGELOG.md"));
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            var number = 0;
            foreach (var text in File.ReadLines(file))
            {
                number++;
                foreach (Match match in Command().Matches(text))
                    yield return (
                        $"{Path.GetFileName(file)}:{number}", match.Groups["code"].Value + match.Groups["span"].Value);
            }
        }
    }

    /// <summary>The words after <c>relayctl</c> as a shell makes them of a line: with quotes, to its comment.</summary>
    public static List<string> Words(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        char? quote = null;
        foreach (var c in line)
        {
            if (quote is null && c == '#' && word is null)
                break;
            if (quote == c)
                quote = null;
            else if (quote is null && c is '\'' or '"')
                (quote, word) = (c, word ?? new StringBuilder());
            else if (quote is not null || c != ' ')
                (word ??= new StringBuilder()).Append(c);
            else if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
        if (word is not null)
            words.Add(word.ToString());
        return words[1..];
    }

    [GeneratedRegex(@"^(?:    |\$ )?(?<code>relayctl .+)$|`(?<span>relayctl [^`]+)`")]
    private static partial Regex Command();
}
