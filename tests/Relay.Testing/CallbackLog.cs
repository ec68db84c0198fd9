using Microsoft.Extensions.Logging;

namespace Relay.Testing;

/// <summary>A log whose lines are the test's to deal with; whoever asks is told that it wants those from a level up.</summary>
public sealed class CallbackLog(Action<LogLevel, EventId, string, Exception?> write, LogLevel from = LogLevel.Trace)
    : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= from;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        write(logLevel, eventId, formatter(state, exception), exception);
}
