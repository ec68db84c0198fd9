using System.Diagnostics.CodeAnalysis;
using Relay.Fleet.Contract;

namespace Relay.Hosting.Fleet;

/// <summary>The names that a fleet has for nodes, pools and clusters.</summary>
public static class FleetName
{
    /// <summary>Reads the name of a node or cluster.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? error) =>
        TryParse(text, Names.IsNode(text), "a-z 0-9 - ., with a letter or digit at both ends and no two dots in a row",
            out name, out error);

    /// <summary>Reads the name of a pool.</summary>
    public static bool TryParsePool(
        string text, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? error) =>
        TryParse(
            text, Names.IsPool(text), "a-z 0-9 -, with a letter or digit at both ends", out name, out error);

    /// <summary>A node's name after its host's.</summary>
    public static string Sanitize(string hostName)
    {
        var text = string.Concat(hostName.ToLowerInvariant().Select(static c => Names.IsOfNode(c) ? c : '-'))
            .Replace("..", "--", StringComparison.Ordinal);
        text = text[..Math.Min(text.Length, Names.MaxLength)].Trim('-', '.');
        return text.Length > 0 ? text : "node";
    }

    private static bool TryParse(
        string text, bool isName, string rule, [NotNullWhen(true)] out string? name,
        [NotNullWhen(false)] out string? error)
    {
        name = text;
        error = isName ? null : $"'{text}' is not a name of 1 to {Names.MaxLength} of {rule}";
        return isName;
    }
}
