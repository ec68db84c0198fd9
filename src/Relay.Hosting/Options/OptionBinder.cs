namespace Relay.Hosting.Options;

/// <summary>Gathers options from the command line, the environment and the file, in this order of precedence.</summary>
public static class OptionBinder
{
    /// <summary>Gathers them; what is not understood becomes an error.</summary>
    /// <param name="program">Whose options they are.</param>
    /// <param name="arguments">The command line, read already: it tells where the file is.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="openFile">Opens a file for reading.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="isComplete">Whether all sources could be read, so that what is missing is missing indeed.</param>
    public static GivenOptions Bind(
        ProgramOptions program,
        GivenOptions arguments,
        IReadOnlyDictionary<string, string> environment,
        Func<string, Stream> openFile,
        OptionErrors errors,
        out bool isComplete)
    {
        var options = new GivenOptions();
        options.FillFrom(arguments);
        options.FillFrom(EnvironmentReader.Read(program, environment));
        foreach (var line in UnknownVariables.Find(program, environment))
            errors.Warn(line);
        isComplete = true;
        if (options.Find(ProgramOptions.Config) is not { } config)
            return options;

        var file = FileAccessCheck.TryUse(config.Texts[0], openFile,
            (path, stream) => ConfigFileReader.Read(program, path, stream, errors), out string? error);
        if (error is not null)
            errors.Add(ProgramOptions.Config, config, error);
        if (file is not null)
            options.FillFrom(file);
        isComplete = file is not null;
        return options;
    }
}
