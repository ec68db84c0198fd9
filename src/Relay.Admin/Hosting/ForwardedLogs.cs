using Microsoft.Extensions.Logging;

namespace Relay.Admin.Hosting;

/// <summary>
/// Gives the server's lines to the process's log; but not those of a failure to start, which the framework tells twice with a stack
/// each, and whose one line the program writes.
/// </summary>
internal sealed class ForwardedLogs(ILoggerFactory logs) : ILoggerProvider
{
    private volatile bool _hasStarted;

    /// <summary>The server serves: from now on every failure is told.</summary>
    public void Start() => _hasStarted = true;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new FromStart(this, logs.CreateLogger(categoryName));

    /// <summary>Leaves the factory alone: it is its maker's.</summary>
    public void Dispose()
    {
    }

    private sealed class FromStart(ForwardedLogs provider, ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is null || provider._hasStarted)
                logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
