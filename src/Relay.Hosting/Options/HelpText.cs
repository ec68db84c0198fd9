namespace Relay.Hosting.Options;

/// <summary>What <c>--help</c> prints.</summary>
public static class HelpText
{
    private const int DescriptionColumn = 44;
    private const int Width = 100;

    /// <summary>Where else options may be given.</summary>
    public const string Sources = """
        Every option is also a variable of the environment (--log-level is RELAY_LOG_LEVEL, several
        values separated by commas) and a key of the JSON file ("log-level": "info", several values
        as an array), but for --help and --version, and --config in the file itself. The command
        line wins over the environment, and that over the file.
        """;

    /// <summary>Writes all options by group.</summary>
    public static void Write(ProgramOptions program, TextWriter output)
    {
        output.WriteLine(program.Usage);
        foreach (var (heading, group) in Groups(program))
        {
            output.WriteLine();
            output.WriteLine($"{heading}:");
            foreach (var option in group)
                output.WriteLine(Line(option));
        }

        output.WriteLine();
        output.WriteLine(Sources);
        output.WriteLine();
        output.WriteLine(program.Notes);
    }

    /// <summary>The options under their headings.</summary>
    public static IEnumerable<(string Heading, IEnumerable<OptionDefinition> Options)> Groups(ProgramOptions program) =>
        program.All.GroupBy(static option => option.Group).OrderBy(static group => group.Key).Select(static group =>
            (group.Key == OptionGroup.Tls ? "TLS" : group.Key.ToString(), group.AsEnumerable()));

    /// <summary>What an option does, and its default.</summary>
    public static string Describe(OptionDefinition option) => option.Description + option switch
    {
        { Required: true, Kind: OptionKind.Repeatable } => " (required, repeatable)",
        { Required: true } => " (required)",
        { Kind: OptionKind.Repeatable, DefaultText: { } text } => $" (repeatable) (default: {text})",
        { Kind: OptionKind.Repeatable } => " (repeatable)",
        { DefaultText: { } text } => $" (default: {text})",
        _ => "",
    };

    private static string Line(OptionDefinition option)
    {
        string alias = option.Alias is null ? "    " : $"{option.Alias}, ";
        string names = $"  {alias}{option.Name} {option.ValueName}".TrimEnd();
        var lines = Wrap(Describe(option), Width - DescriptionColumn);
        string indent = new(' ', DescriptionColumn);
        return names.Length < DescriptionColumn
            ? names.PadRight(DescriptionColumn) + string.Join(Environment.NewLine + indent, lines)
            : names + Environment.NewLine + indent + string.Join(Environment.NewLine + indent, lines);
    }

    private static List<string> Wrap(string text, int width)
    {
        List<string> lines = [""];
        foreach (string word in text.Split(' '))
        {
            if (lines[^1].Length == 0)
                lines[^1] = word;
            else if (lines[^1].Length + 1 + word.Length <= width)
                lines[^1] += " " + word;
            else
                lines.Add(word);
        }

        return lines;
    }
}
