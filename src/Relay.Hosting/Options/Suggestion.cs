namespace Relay.Hosting.Options;

/// <summary>What somebody may have meant who wrote a name that is none.</summary>
internal static class Suggestion
{
    private const int MostEdits = 2;

    /// <summary>An addition to a message: the nearest name, where one is near; otherwise empty.</summary>
    public static string For(string text, IEnumerable<string> names)
    {
        var (name, edits) = names.Select(name => (name, Edits(text, name))).MinBy(static pair => pair.Item2);
        return edits <= MostEdits ? $": did you mean {name}?" : "";
    }

    // Levenshtein's distance, by rows.
    private static int Edits(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (var i = 1; i <= from.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = corner + (from[i - 1] == to[j - 1] ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
