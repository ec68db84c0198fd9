using System.Diagnostics.CodeAnalysis;
using Relay.Hosting.Options;

namespace Relay.Node.Options;

/// <summary>What to do after the options were read: run, or exit.</summary>
internal sealed class CommandLineResult
{
    /// <summary>The exit status of help, version and a configuration that was checked and found good.</summary>
    public const int Success = 0;

    /// <summary>The exit status of a wrong configuration.</summary>
    public const int ConfigurationError = ProgramOptions.ConfigurationError;

    private readonly NodeConfig? _config;

    private CommandLineResult(NodeConfig? config, ConfigSource? source, int exitCode) =>
        (_config, Source, ExitCode) = (config, source, exitCode);

    /// <summary>The status to exit with, if there is nothing to run.</summary>
    public int ExitCode { get; }

    /// <summary>Where the configuration came from, if there is one to run with.</summary>
    public ConfigSource? Source { get; }

    /// <summary>Run with a configuration.</summary>
    public static CommandLineResult Run(NodeConfig config, ConfigSource source) => new(config, source, Success);

    /// <summary>Exit; all there is to say was printed.</summary>
    public static CommandLineResult Exit(int exitCode) => new(null, null, exitCode);

    /// <summary>The configuration to run with; without one, exit with <see cref="ExitCode"/>.</summary>
    public bool TryGetConfig([NotNullWhen(true)] out NodeConfig? config)
    {
        config = _config;
        return config is not null;
    }
}
