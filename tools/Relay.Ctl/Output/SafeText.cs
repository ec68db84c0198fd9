using System.Globalization;
using System.Text;

namespace Relay.Ctl.Output;

/// <summary>
/// Makes text from elsewhere fit for a terminal: nodes and clients choose some of it, and a control sequence in it
/// could move the cursor, change the window's title, or hide a line.
/// </summary>
internal static class SafeText
{
    /// <summary>The text with every control and direction-changing character written as <c>\u001b</c>.</summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        StringBuilder? safe = null;
        for (var i = 0; i < text.Length; i++)
        {
            var isSafe = !IsUnsafe(text[i]) && !IsLone(text, i);
            if (isSafe)
            {
                safe?.Append(text[i]);
                continue;
            }
            safe ??= new StringBuilder(text, 0, i, text.Length + 16);
            safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
        }
        return safe?.ToString() ?? text;
    }

    // Format covers what turns the direction of writing and what has no width.
    private static bool IsUnsafe(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static bool IsLone(string text, int i) => char.IsSurrogate(text[i])
        && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
        && !(i > 0 && char.IsSurrogatePair(text[i - 1], text[i]));
}
