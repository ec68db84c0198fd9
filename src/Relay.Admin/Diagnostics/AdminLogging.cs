using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Relay.Admin.Diagnostics;

/// <summary>Sets up where the program's messages go: standard error, as text or as JSON.</summary>
internal static class AdminLogging
{
    /// <summary>Makes the loggers.</summary>
    /// <param name="level">The least severe lines.</param>
    /// <param name="isJson">Whether lines are JSON.</param>
    public static ILoggerFactory Create(LogLevel level, bool isJson) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(level);
        // The silo tells of every step of its start at this level; what goes wrong it tells above.
        builder.AddFilter("Orleans", Max(level, LogLevel.Warning)).AddFilter("Microsoft", Max(level, LogLevel.Warning));
        // The retries of Orleans' placement, which name what went well.
        builder.AddFilter("Polly", level > LogLevel.Warning ? level : LogLevel.Warning);
        if (isJson)
        {
            builder.Services.AddSingleton<ConsoleFormatter, JsonLogFormatter>();
            builder.AddConsole(static options => options.FormatterName = JsonLogFormatter.FormatName);
        }
        else
        {
            builder.AddSimpleConsole(static options =>
            {
                options.SingleLine = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                options.UseUtcTimestamp = true;
            });
        }
        builder.Services.Configure<ConsoleLoggerOptions>(
            static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    });

    private static LogLevel Max(LogLevel one, LogLevel other) =>
        one <= LogLevel.Debug ? one : one > other ? one : other;
}
