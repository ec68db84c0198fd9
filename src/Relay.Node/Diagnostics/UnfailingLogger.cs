using Microsoft.Extensions.Logging;

namespace Relay.Node.Diagnostics;

/// <summary>
/// A logger that loses what it cannot write. An event loop must not end since there is no memory for a message, or a
/// provider throws: there is nobody whom it could tell.
/// </summary>
/// <param name="inner">Writes.</param>
internal sealed class UnfailingLogger(ILogger inner) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // Lost.
        }
    }
}
