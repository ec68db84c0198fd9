using System.Globalization;
using System.Text;

namespace Relay.Packaging;

/// <summary>A manual page, as man(7) has it.</summary>
internal sealed class ManPage
{
    private readonly StringBuilder _text = new();

    /// <param name="name">The program.</param>
    /// <param name="section">Of the manual.</param>
    /// <param name="version">The program's.</param>
    /// <param name="date">When that was made.</param>
    public ManPage(string name, int section, string version, DateOnly date)
    {
        Name = name;
        _text.Append(CultureInfo.InvariantCulture,
            $".TH {name.ToUpperInvariant()} {section} {date:yyyy-MM-dd} \"RelayFleet {version}\" RelayFleet\n");
        // Commands are typed as they stand: no hyphenation, left-aligned.
        _text.Append(".nh\n.ad l\n");
    }

    /// <summary>The program.</summary>
    public string Name { get; }

    /// <summary>Begins a section.</summary>
    public ManPage Section(string heading) => Macro("SH", heading.ToUpperInvariant());

    /// <summary>Begins a part of a section.</summary>
    public ManPage Subsection(string heading) => Macro("SS", heading);

    /// <summary>The one line that whatis(1) shows.</summary>
    public ManPage Title(string summary) => Text($"{Name} \\- ", summary.TrimEnd('.'));

    /// <summary>A line that is not filled.</summary>
    public ManPage Line(string text)
    {
        Text("", text);
        _text.Append(".br\n");
        return this;
    }

    /// <summary>A paragraph.</summary>
    public ManPage Paragraph(string text)
    {
        _text.Append(".PP\n");
        return Text("", text);
    }

    /// <summary>Paragraphs that blank lines part.</summary>
    public ManPage Paragraphs(string text)
    {
        foreach (var paragraph in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            Paragraph(paragraph.Replace('\n', ' '));
        return this;
    }

    /// <summary>An option or argument.</summary>
    /// <param name="names">What is typed.</param>
    /// <param name="value">What stands for its value; empty for none.</param>
    /// <param name="description">What it does.</param>
    public ManPage Tagged(IEnumerable<string> names, string value, string description)
    {
        _text.Append(".TP\n").Append(string.Join(", ", names.Select(static name => $"\\fB{Escape(name)}\\fR")));
        if (value.Length > 0)
            _text.Append(" \\fI").Append(Escape(value)).Append("\\fR");
        _text.Append('\n');
        return Text("", description);
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private ManPage Macro(string name, string heading)
    {
        _text.Append(CultureInfo.InvariantCulture, $".{name} \"{Escape(heading).Replace("\"", "\\(dq", StringComparison.Ordinal)}\"\n");
        return this;
    }

    private ManPage Text(string before, string text)
    {
        text = Escape(text);
        // What begins a line with one of these would be a request.
        if (before.Length == 0 && text.Length > 0 && text[0] is '.' or '\'')
            _text.Append("\\&");
        _text.Append(before).Append(text.Length > 0 ? text : "\\&").Append('\n');
        return this;
    }

    // A hyphen that is typed is a minus; ' and ` would become quotes, ^ and ~ accents.
    private static string Escape(string text) => string.Concat(text
        .Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
        .Replace("'", "\\(aq", StringComparison.Ordinal).Replace("`", "\\(ga", StringComparison.Ordinal)
        .Replace("^", "\\(ha", StringComparison.Ordinal).Replace("~", "\\(ti", StringComparison.Ordinal)
        .Replace('\n', ' ').Select(static c => char.IsAscii(c) ? $"{c}" : $"\\[u{(int)c:X4}]"));
}
