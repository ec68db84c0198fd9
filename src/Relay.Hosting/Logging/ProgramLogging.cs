using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Relay.Hosting.Logging;

/// <summary>Sets up where a program's messages go: standard error, as text or as JSON.</summary>
public static class ProgramLogging
{
    /// <summary>Makes the loggers.</summary>
    /// <param name="level">The least severe lines.</param>
    /// <param name="format">How they look.</param>
    public static ILoggerFactory Create(LogLevel level, LogFormat format) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(level);
        // A silo in this process tells of every step at Information; what goes wrong it tells above.
        if (level == LogLevel.Information)
            builder.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        // The retries of Orleans' placement, which name what went well.
        builder.AddFilter("Polly", level > LogLevel.Warning ? level : LogLevel.Warning);
        if (format == LogFormat.Json)
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
        builder.Services.Configure<ConsoleLoggerOptions>(static options =>
        {
            options.LogToStandardErrorThreshold = LogLevel.Trace;
            // A loop that logs must not wait for whoever reads; how many lines were lost is said once there is room.
            options.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
    });
}
