using Relay.Hosting.Options;

namespace Relay.Node.Options;

/// <summary>The entry to all options: from arguments, environment and file to a configuration or an exit status.
/// </summary>
internal static class CommandLine
{
    /// <summary>Reads the options of this process.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="examine">
    /// Looks into the files of a certificate and its key that could be read, and says what is wrong with them, or will be.
    /// </param>
    /// <param name="describeEngine">What <c>--version</c> says besides.</param>
    public static CommandLineResult Parse(
        string[] arguments, Action<NodeConfig, OptionErrors>? examine = null, Func<string>? describeEngine = null) => Parse(
            arguments, EnvironmentReader.OfProcess(), File.OpenRead, Console.Out, Console.Error, examine, describeEngine);

    /// <summary>Reads options. Opens files for reading, and nothing else.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="openFile">Opens a file for reading; throws as <see cref="File.OpenRead"/> does.</param>
    /// <param name="output">Receives help, the version, or "configuration ok".</param>
    /// <param name="error">Receives all errors, one a line.</param>
    /// <param name="examine">As above.</param>
    /// <param name="describeEngine">As above.</param>
    public static CommandLineResult Parse(
        string[] arguments,
        IReadOnlyDictionary<string, string> environment,
        Func<string, Stream> openFile,
        TextWriter output,
        TextWriter error,
        Action<NodeConfig, OptionErrors>? examine = null,
        Func<string>? describeEngine = null)
    {
        var errors = new OptionErrors();
        if (OptionCatalog.Program.ReadArguments(arguments, output, errors, describeEngine) is not { } given)
            return CommandLineResult.Exit(CommandLineResult.Success);
        var source = new ConfigSource(given, environment, openFile);
        var config = source.Read(errors, out var options);
        if (config.TlsCertPath.Length > 0 && config.TlsPrivateKeyPath.Length > 0)
            examine?.Invoke(config, errors);
        return OptionCatalog.Program.IsToRun(options, errors, output, error, out var exitCode)
            ? CommandLineResult.Run(config, source) : CommandLineResult.Exit(exitCode);
    }
}
