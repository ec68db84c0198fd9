using Microsoft.Extensions.Logging;
using Relay.Hosting.Options;

namespace Relay.Hosting.Logging;

/// <summary>The options of the log.</summary>
public static class LogOptions
{
    /// <summary>The least severe lines that are logged.</summary>
    public static readonly OptionDefinition Level = OptionDefinition.Single(
        OptionGroup.Process, "--log-level", "LEVEL", "trace, debug, info, warn, error or off") with
    {
        DefaultText = "info",
    };

    /// <summary>How lines look.</summary>
    public static readonly OptionDefinition Format = OptionDefinition.Single(
        OptionGroup.Process, "--log-format", "FORMAT", "text or json: how the logs are written") with
    {
        DefaultText = "text",
    };

    /// <summary>Reads the one.</summary>
    public static LogLevel ReadLevel(OptionReader read) =>
        read.Choice(Level, "trace", "debug", "info", "warn", "error", "off") switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "info" => LogLevel.Information,
            "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.None,
        };

    /// <summary>Reads the other.</summary>
    public static LogFormat ReadFormat(OptionReader read) =>
        read.Choice(Format, "text", "json") == "json" ? LogFormat.Json : LogFormat.Text;
}
