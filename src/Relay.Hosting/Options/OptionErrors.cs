using System.Text;

namespace Relay.Hosting.Options;

/// <summary>All that is wrong with a configuration, in the order found.</summary>
public sealed class OptionErrors
{
    private readonly List<string> _lines = [];
    private readonly List<string> _warnings = [];

    /// <summary>One line for each error, without the program's name; no line holds a control character.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>What keeps the program from nothing, but will; lines as those of errors.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Something will be wrong, or is wrong for others. What has been said is not said again.</summary>
    public void Warn(string line) => AddOnce(_warnings, line);

    /// <summary>Something is wrong that names its option itself. What has been said is not said again.</summary>
    public void Add(string line) => AddOnce(_lines, line);

    /// <summary>Something is wrong that is no value of a known option.</summary>
    /// <param name="subject">The offending option, argument, key or file.</param>
    /// <param name="message">What is wrong with it.</param>
    public void Add(string subject, string message) => Add($"{subject}: {message}");

    /// <summary>Something is wrong with an option.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">What was given, for its source, or <see langword="null"/> if nothing was.</param>
    /// <param name="message">What is wrong with it.</param>
    public void Add(OptionDefinition option, OptionValue? value, string message) =>
        Add(option.Name + value?.Source, message);

    /// <summary>A text in one line: messages quote what was given, and one line is one error.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (char c in text)
            clean.Append(char.IsControl(c) ? '?' : c);
        return clean.ToString();
    }

    private static void AddOnce(List<string> lines, string line)
    {
        line = Clean(line);
        if (!lines.Contains(line))
            lines.Add(line);
    }
}
