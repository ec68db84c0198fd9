using System.Text.RegularExpressions;

namespace Relay.Interop.Tests.Documents;

/// <summary>A command that a document gives its reader.</summary>
/// <param name="Document">The document, from the repository's folder on.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Text">What is typed, over as many lines as it has there.</param>
internal sealed partial record DocumentedCommand(string Document, int Line, string Text)
{
    /// <summary>The languages of blocks in which every line is a command.</summary>
    private static readonly string[] Shells = ["sh", "bash", "console"];

    /// <summary>
    /// All of them: each line of a block marked <c>sh</c> and of an indented block (where one begins with <c>$ </c>, only
    /// such lines), and each program with its arguments within a text.
    /// </summary>
    public static IEnumerable<DocumentedCommand> All() =>
        Documents().SelectMany(static document => Of(document, Repository.Read(document)));

    /// <summary>Those of one document.</summary>
    public static IEnumerable<DocumentedCommand> Of(string document, string content)
    {
        var lines = content.Split('\n');
        for (var i = 0; i < lines.Length;)
        {
            if (lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                var end = Array.IndexOf(lines, "```", i + 1);
                foreach (var command in Commands(document, i + 1, lines[(i + 1)..end], Shells.Contains(lines[i][3..])))
                    yield return command;
                i = end + 1;
            }
            else if (lines[i].StartsWith("    ", StringComparison.Ordinal))
            {
                var end = Array.FindIndex(lines, i, static line => !line.StartsWith("    ", StringComparison.Ordinal) && line.Length > 0);
                string[] block =
                [
                    .. lines[i..(end < 0 ? lines.Length : end)].Select(static line => line.Length > 4 ? line[4..] : ""),
                ];
                foreach (var command in Commands(document, i, block, isShell: true))
                    yield return command;
                i += block.Length;
            }
            else
            {
                // What was, and why, tells nobody what to type.
                foreach (Match span in Span().Matches(IsHistory(document) ? "" : lines[i]))
                    yield return new DocumentedCommand(document, i + 1, span.Groups[1].Value);
                i++;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Document}:{Line}: {Text}";

    private static bool IsHistory(string document) =>
        document == "CHANGELOG.md" || document.StartsWith("docs/adr/", StringComparison.Ordinal);

    private static IEnumerable<string> Documents() => Directory
        .EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
        .Concat(Directory.EnumerateFiles(Repository.PathOf("."), "*.md"))
        .Select(static path => Path.GetRelativePath(Repository.PathOf("."), path)).Order(StringComparer.Ordinal);

    private static IEnumerable<DocumentedCommand> Commands(string document, int first, string[] lines, bool isShell)
    {
        var isPrompted = Array.Exists(lines, static line => line.StartsWith("$ ", StringComparison.Ordinal));
        for (var i = 0; i < lines.Length; i++)
        {
            if (isPrompted ? !lines[i].StartsWith("$ ", StringComparison.Ordinal) : lines[i].Length == 0)
                continue;
            var start = i;
            while (i + 1 < lines.Length && GoesOn(string.Join('\n', lines[start..(i + 1)])))
                i++;
            var text = string.Join('\n', lines[start..(i + 1)]);
            text = isPrompted ? text[2..] : text;
            if (isShell || Program().IsMatch(text))
                yield return new DocumentedCommand(document, first + start + 1, text);
        }
    }

    /// <summary>A backslash, a quote or a loop is not at its end.</summary>
    private static bool GoesOn(string text) => text.EndsWith('\\')
        || Comment().Replace(text, "").Count(static c => c == '\'') % 2 == 1
        || Regex.Count(text, @"(^|[;&] ?|\n *)for ") > Regex.Count(text, @"\bdone\b");

    private const string Programs =
        @"(?:relay-node|relay-admin|relay-load|relayctl|dotnet|docker|kubectl|kustomize|systemctl|openssl|curl|ip|sysctl|api|\./\w+\.sh|eng/\w+\.sh)";

    [GeneratedRegex($"`({Programs} [^`]+|\\./\\w+\\.sh|(?:eng|deploy)/[\\w/.-]+\\.sh)`")]
    private static partial Regex Span();

    [GeneratedRegex($"^{Programs}( |$)")]
    private static partial Regex Program();

    [GeneratedRegex(@" # .*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
