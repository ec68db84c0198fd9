using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Relay.Hosting.Logging;

/// <summary>Sets up where a program's messages go: standard error, as text or as JSON.</summary>
public static class ProgramLogging
{
    /// <summary>Makes the loggers.</summary>
    /// <param name="level">The least severe lines.</param>
    /// <param name="format">How they look.</param>
    /// <remarks>Without services and configuration, which would be a tenth of a bare node's start.</remarks>
    public static ILoggerFactory Create(LogLevel level, LogFormat format)
    {
        var filter = new LoggerFilterOptions { MinLevel = level };
        // A silo in this process tells of every step at Information; what goes wrong it tells above.
        if (level == LogLevel.Information)
            filter.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        // The retries of Orleans' placement, which name what went well.
        filter.AddFilter("Polly", level > LogLevel.Warning ? level : LogLevel.Warning);
        ConsoleFormatter formatter = format == LogFormat.Json ? new JsonLogFormatter() : new TextLogFormatter();
        var options = new ConsoleLoggerOptions
        {
            FormatterName = formatter.Name,
            LogToStandardErrorThreshold = LogLevel.Trace,
            // A loop that logs must not wait for whoever reads; how many lines were lost is said once there is room.
            QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite,
        };
        var factory = new LoggerFactory([], filter);
        // Added so it ends with the factory, and writes what it has yet to write.
        factory.AddProvider(new ConsoleLoggerProvider(new Unchanging(options), [formatter]));
        return factory;
    }

    private sealed class Unchanging(ConsoleLoggerOptions options) : IOptionsMonitor<ConsoleLoggerOptions>
    {
        public ConsoleLoggerOptions CurrentValue => options;

        public ConsoleLoggerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<ConsoleLoggerOptions, string?> listener) => null;
    }
}
