using Relay.Hosting.Options;

namespace Relay.Node.Options;

/// <summary>
/// Where a configuration comes from, so that it can be read again: arguments and environment as they were at the start,
/// and the file as it is.
/// </summary>
/// <param name="arguments">The command line.</param>
/// <param name="environment">Environment variables.</param>
/// <param name="openFile">Opens a file for reading; throws as <see cref="File.OpenRead"/> does.</param>
internal sealed class ConfigSource(
    GivenOptions arguments, IReadOnlyDictionary<string, string> environment, Func<string, Stream> openFile)
{
    /// <summary>Options that take effect while the node runs.</summary>
    private static readonly OptionDefinition[] Live = [OptionCatalog.AllowTarget, OptionCatalog.DenyTarget];

    private GivenOptions _first = new();

    /// <summary>The file of <c>--config</c>; null without one. Known once the configuration has been read.</summary>
    internal string? FilePath => _first.Find(ProgramOptions.Config)?.Texts[0];

    /// <summary>What was in the file when it was read at the start.</summary>
    internal byte[]? FileContent { get; private set; }

    /// <summary>Reads it for the start.</summary>
    /// <param name="errors">Receives all that is wrong.</param>
    /// <param name="options">The options as they were given.</param>
    /// <returns>The configuration; of no use if there are errors.</returns>
    internal NodeConfig Read(OptionErrors errors, out GivenOptions options)
    {
        var config = Read(Keep, errors, out options);
        _first = options;
        return config;

        Stream Keep(string path)
        {
            using var stream = openFile(path);
            FileContent = ReadUpTo(stream, ConfigFileReader.MaxLength + 1);
            return new MemoryStream(FileContent, writable: false);
        }
    }

    /// <summary>Reads it again, with this in the file.</summary>
    /// <param name="content">What is in the file now.</param>
    /// <param name="errors">Receives all that is wrong.</param>
    /// <param name="restart">Options that say something else now, and of which only a restart takes notice.</param>
    /// <returns>The configuration; of no use if there are errors.</returns>
    internal NodeConfig ReadAgain(byte[] content, OptionErrors errors, out IReadOnlyList<OptionDefinition> restart)
    {
        var config = Read(_ => new MemoryStream(content, writable: false), errors, out var options);
        restart = [.. OptionCatalog.All.Except(Live).Where(option => !Same(option, options))];
        return config;
    }

    private NodeConfig Read(Func<string, Stream> openConfig, OptionErrors errors, out GivenOptions options)
    {
        options = OptionBinder.Bind(OptionCatalog.Program, arguments, environment, openConfig, errors, out var isComplete);
        return new NodeConfigValidator(options, openFile, errors).Validate(reportMissing: isComplete);
    }

    private bool Same(OptionDefinition option, GivenOptions options)
    {
        var (before, now) = (_first.Find(option), options.Find(option));
        return before is null || now is null ? before == now : before.Texts.SequenceEqual(now.Texts);
    }

    private static byte[] ReadUpTo(Stream stream, int length)
    {
        var buffer = new byte[length];
        return buffer[..stream.ReadAtLeast(buffer, length, throwOnEndOfStream: false)];
    }
}
