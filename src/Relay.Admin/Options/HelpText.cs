namespace Relay.Admin.Options;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    private const int Column = 34;
    private const int Width = 110;

    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output)
    {
        output.WriteLine("""
            relay-admin: coordinates a fleet of relays; REST API, event stream and dashboard

            Usage: relay-admin [options]
                   relay-admin hash-token NAME viewer|operator|node [--generate]

            Options:
            """);
        foreach (var option in AdminOptions.All)
            output.WriteLine(Line(option));
        output.WriteLine();
        output.WriteLine("""
            Every option but --check-config, --version and --help is also a variable of the environment (--log-level is
            RELAY_LOG_LEVEL) and, but for --config, a key of the JSON file ("log-level": "info"). The command line wins
            over the environment, and that over the file.

            hash-token reads a token from standard input, or makes one with --generate, and writes a line for the file of
            --admin-token-file. A node's NAME is its id, or a pattern that ends in *.

            SIGHUP reads the token file and the certificate again; SIGTERM and SIGINT end the program in order.

            Exit status: 0 after a clean end, 1 if the fleet's host failed, 2 if the configuration is wrong.
            """);
    }

    private static string Line(AdminOption option)
    {
        var names = $"  {(option.Alias is null ? "" : $"{option.Alias}, ")}{option.Name} {option.ValueName}".TrimEnd();
        var text = option.DefaultText is null
            ? option.Description
            : $"{option.Description} (default: {option.DefaultText})";
        var lines = new List<string> { "" };
        foreach (var word in text.Split(' '))
        {
            if (lines[^1].Length + 1 + word.Length > Width - Column)
                lines.Add(word);
            else
                lines[^1] = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
        }
        var indent = Environment.NewLine + new string(' ', Column);
        return (names.Length < Column ? names.PadRight(Column) : names + indent) + string.Join(indent, lines);
    }
}
