using Microsoft.Extensions.Logging;

namespace Relay.Admin.Hosting;

/// <summary>Gives the server's lines to the process's log.</summary>
internal sealed class ForwardedLogs(ILoggerFactory logs) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => logs.CreateLogger(categoryName);

    /// <summary>Leaves the factory alone: it is its maker's.</summary>
    public void Dispose()
    {
    }
}
