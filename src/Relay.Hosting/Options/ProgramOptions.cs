namespace Relay.Hosting.Options;

/// <summary>The options of a program, and what its help says of them as a whole.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="All">The options, in the order of help and of error messages.</param>
/// <param name="Usage">What help begins with: what the program is, and how it is called.</param>
/// <param name="Notes">What help ends with.</param>
public sealed record ProgramOptions(
    string Program, IReadOnlyList<OptionDefinition> All, string Usage, string Notes)
{
    /// <summary>Words that may stand in place of options: each does something else, and ends.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>The file of options; a file cannot name another.</summary>
    public static readonly OptionDefinition Config = new(
        OptionGroup.Process, "--config", OptionKind.Single, "PATH", "JSON file of options")
    {
        Places = OptionPlaces.Environment,
    };

    /// <summary>Validate, say so, exit.</summary>
    public static readonly OptionDefinition CheckConfig =
        OptionDefinition.Flag(OptionGroup.Process, "--check-config", "Validate the configuration and exit");

    /// <summary>Print the version and exit.</summary>
    public static readonly OptionDefinition Version =
        OptionDefinition.Flag(OptionGroup.Process, "--version", "Print the version and exit") with
        {
            Places = OptionPlaces.CommandLine,
        };

    /// <summary>Print help and exit.</summary>
    public static readonly OptionDefinition Help =
        OptionDefinition.Flag(OptionGroup.Process, "--help", "Print this and exit") with
        {
            Alias = "-h",
            Places = OptionPlaces.CommandLine,
        };

    /// <summary>The exit status of a wrong configuration.</summary>
    public const int ConfigurationError = 2;

    /// <summary>The exit status of all else that ends a program, and may not be there the next time.</summary>
    public const int Failure = 1;

    /// <summary>The exit status of a start that failed: the units have no other try where somebody is to mend something first.</summary>
    public static int StatusOf(StartException exception) => exception.MayPass ? Failure : ConfigurationError;

    /// <summary>Reads the command line.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="output">Receives help or the version, where one of them is asked for.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="describe">What follows the version, in one line; null for nothing.</param>
    /// <returns>What was given; null where the program has said all that was asked for.</returns>
    public GivenOptions? ReadArguments(
        IReadOnlyList<string> arguments, TextWriter output, OptionErrors errors, Func<string>? describe = null)
    {
        var given = ArgumentReader.Read(this, arguments, errors);
        if (given.Find(Help) is not null)
            HelpText.Write(this, output);
        else if (given.Find(Version) is null)
            return given;
        else
            output.WriteLine($"{Program} {ProgramVersion.Text}{(describe is null ? "" : '\n' + describe())}");
        return null;
    }

    /// <summary>Whether the program is to run; otherwise says what is wrong, or that nothing is.</summary>
    /// <param name="options">All that was given.</param>
    /// <param name="errors">What was found wrong.</param>
    /// <param name="output">Receives "configuration ok", where that is asked for.</param>
    /// <param name="error">Receives all errors, one a line, and where nothing is to run all warnings.</param>
    /// <param name="exitCode">The status to exit with, if it is not to run.</param>
    public bool IsToRun(
        GivenOptions options, OptionErrors errors, TextWriter output, TextWriter error, out int exitCode)
    {
        var checkOnly = new OptionReader(options, errors).Flag(CheckConfig);
        foreach (var line in errors.Lines)
            error.WriteLine($"{Program}: {line}");
        // Whoever starts finds them in the log.
        foreach (var line in checkOnly ? errors.Warnings : [])
            error.WriteLine($"{Program}: warning: {line}");
        exitCode = errors.Lines.Count > 0 ? ConfigurationError : 0;
        if (exitCode == 0 && checkOnly)
            output.WriteLine("configuration ok");
        return exitCode == 0 && !checkOnly;
    }
}
