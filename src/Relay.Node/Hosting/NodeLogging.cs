using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Relay.Node.Diagnostics;
using Relay.Node.Options;

namespace Relay.Node.Hosting;

/// <summary>Sets up where the node's messages go: standard error, as text or as JSON.</summary>
internal static class NodeLogging
{
    /// <summary>Makes the loggers that a configuration asks for.</summary>
    internal static ILoggerFactory Create(NodeConfig config) =>
        LoggerFactory.Create(builder => Configure(builder, config.LogLevel, config.LogFormat));

    private static void Configure(ILoggingBuilder builder, NodeLogLevel level, NodeLogFormat format)
    {
        builder.SetMinimumLevel(level switch
        {
            NodeLogLevel.Trace => LogLevel.Trace,
            NodeLogLevel.Debug => LogLevel.Debug,
            NodeLogLevel.Info => LogLevel.Information,
            NodeLogLevel.Warn => LogLevel.Warning,
            NodeLogLevel.Error => LogLevel.Error,
            _ => LogLevel.None,
        });
        // A silo in this process tells of every step at Information; what goes wrong it tells above.
        if (level == NodeLogLevel.Info)
            builder.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        // The retries of Orleans' placement, which name what went well.
        builder.AddFilter("Polly", level is NodeLogLevel.Error or NodeLogLevel.Off ? LogLevel.Error : LogLevel.Warning);
        if (format == NodeLogFormat.Json)
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
    }
}
