using Microsoft.Extensions.Logging;

namespace Relay.Grains.Hosting;

/// <summary>
/// Sends a silo's lines to the process's own log. Orleans is talkative at Information about what is normal: of its own
/// lines only warnings pass.
/// </summary>
internal sealed class ForwardingLoggerProvider(ILoggerFactory loggers) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => loggers.CreateLogger(categoryName);

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
}
