using Microsoft.Extensions.Logging;

namespace Relay.Node.Tests.Identity;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordingLog : ILogger
{
    public List<(LogLevel Level, string Text)> Lines { get; } = [];

    public IEnumerable<string> Texts => Lines.Select(static line => line.Text);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => Lines.Add((logLevel, formatter(state, exception)));
}
