namespace Relay.Node.Options;

/// <summary>Gathers options from the command line, the environment and the file, in this order of precedence.</summary>
internal static class NodeOptionsBinder
{
    /// <summary>Gathers them; what is not understood becomes an error.</summary>
    /// <param name="arguments">The command line, read already: it tells where the file is.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="openFile">Opens a file for reading.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="isComplete">Whether all sources could be read, so that what is missing is missing indeed.</param>
    public static NodeOptions Bind(
        NodeOptions arguments,
        IReadOnlyDictionary<string, string> environment,
        Func<string, Stream> openFile,
        OptionErrors errors,
        out bool isComplete)
    {
        var options = new NodeOptions();
        options.FillFrom(arguments);
        options.FillFrom(EnvironmentReader.Read(environment));
        isComplete = true;
        if (options.Find(OptionCatalog.Config) is not { } config)
            return options;

        var file = FileAccessCheck.TryUse(config.Texts[0], openFile,
            (path, stream) => ConfigFileReader.Read(path, stream, errors), out string? error);
        if (error is not null)
            errors.Add(OptionCatalog.Config, config, error);
        if (file is not null)
            options.FillFrom(file);
        isComplete = file is not null;
        return options;
    }
}
