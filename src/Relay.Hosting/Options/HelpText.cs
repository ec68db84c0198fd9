namespace Relay.Hosting.Options;

/// <summary>What <c>--help</c> prints.</summary>
public static class HelpText
{
    private const int DescriptionColumn = 44;
    private const int Width = 100;

    /// <summary>Writes all options by group.</summary>
    public static void Write(ProgramOptions program, TextWriter output)
    {
        output.WriteLine(program.Usage);
        foreach (var group in program.All.GroupBy(option => option.Group).OrderBy(group => group.Key))
        {
            output.WriteLine();
            output.WriteLine($"{Heading(group.Key)}:");
            foreach (var option in group)
                output.WriteLine(Line(option));
        }

        output.WriteLine();
        output.WriteLine("""
            Every option is also a variable of the environment (--log-level is RELAY_LOG_LEVEL, several
            values separated by commas) and a key of the JSON file ("log-level": "info", several values
            as an array), but for --help and --version, and --config in the file itself. The command
            line wins over the environment, and that over the file.
            """);
        output.WriteLine();
        output.WriteLine(program.Notes);
    }

    private static string Heading(OptionGroup group) => group == OptionGroup.Tls ? "TLS" : group.ToString();

    private static string Line(OptionDefinition option)
    {
        string alias = option.Alias is null ? "    " : $"{option.Alias}, ";
        string names = $"  {alias}{option.Name} {option.ValueName}".TrimEnd();
        string notes = option switch
        {
            { Required: true, Kind: OptionKind.Repeatable } => " (required, repeatable)",
            { Required: true } => " (required)",
            { Kind: OptionKind.Repeatable, DefaultText: { } text } => $" (repeatable) (default: {text})",
            { Kind: OptionKind.Repeatable } => " (repeatable)",
            { DefaultText: { } text } => $" (default: {text})",
            _ => "",
        };
        var lines = Wrap(option.Description + notes, Width - DescriptionColumn);
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
