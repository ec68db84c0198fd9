using System.Diagnostics.CodeAnalysis;
using Relay.Fleet.Contract;

namespace Relay.Hosting.Fleet;

/// <summary>The names that a fleet has for nodes, pools and clusters.</summary>
public static class FleetName
{
    /// <summary>Reads the name of a node or cluster.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? error) =>
        TryParse(text, "a-z 0-9 - .", IsCharacter, out name, out error);

    /// <summary>Reads the name of a pool.</summary>
    public static bool TryParsePool(
        string text, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? error) =>
        TryParse(text, "a-z 0-9 -", static c => c != '.' && IsCharacter(c), out name, out error);

    /// <summary>A node's name after its host's.</summary>
    public static string Sanitize(string hostName)
    {
        var text = string.Concat(hostName.ToLowerInvariant().Select(static c => IsCharacter(c) ? c : '-'));
        text = text[..Math.Min(text.Length, Names.MaxLength)].Trim('-', '.');
        return text.Length > 0 ? text : "node";
    }

    private static bool TryParse(
        string text, string characters, Func<char, bool> isCharacter, [NotNullWhen(true)] out string? name,
        [NotNullWhen(false)] out string? error)
    {
        name = text;
        error = text.Length is >= 1 and <= Names.MaxLength && text.All(isCharacter)
            && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
            ? null
            : $"'{text}' is not a name of 1 to {Names.MaxLength} of {characters}, with a letter or digit at both ends";
        return error is null;
    }

    private static bool IsCharacter(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.';
}
