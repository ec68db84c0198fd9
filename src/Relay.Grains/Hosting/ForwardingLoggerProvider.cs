using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Relay.Grains.Hosting;

/// <summary>
/// Sends a silo's lines to the process's own log. Orleans is talkative at Information about what is normal: of its own
/// lines only warnings pass, and of those not what it says of every start.
/// </summary>
internal sealed class ForwardingLoggerProvider(ILoggerFactory loggers) : ILoggerProvider
{
    // That the server's garbage collector is not used, which is what we chose.
    private const int Collector = 100405;
    // That nobody was looked at since the machine began, by a watchdog that looks for the first time.
    private const int NeverLooked = 100150;

    private static readonly TimeSpan Start = TimeSpan.FromMinutes(1);

    private readonly long _begun = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
    {
        var logger = loggers.CreateLogger(categoryName);
        return categoryName is "Orleans.Runtime.Silo" or "Orleans.Runtime.Watchdog" ? new WithoutStart(logger, _begun) : logger;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The factory is the process's, and outlives the silo.
    }

    /// <summary>The least level that a category passes.</summary>
    internal static LogLevel LeastOf(string? category) =>
        category?.StartsWith("Orleans", StringComparison.Ordinal) == true
        || category?.StartsWith("Microsoft", StringComparison.Ordinal) == true
            ? LogLevel.Warning
            : LogLevel.Trace;

    private sealed class WithoutStart(ILogger logger, long begun) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == Collector || (eventId.Id == NeverLooked && Stopwatch.GetElapsedTime(begun) < Start))
                return;
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
