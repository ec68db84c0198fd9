using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Relay.Testing.Admin;

/// <summary>Keeps what is logged.</summary>
public sealed class RecordingLogs : ILoggerFactory
{
    private readonly ConcurrentQueue<(string Category, int Id, LogLevel Level, string Text)> _lines = new();

    public IReadOnlyList<(string Category, int Id, LogLevel Level, string Text)> Lines => [.. _lines];

    public IEnumerable<string> Audit => Lines.Where(static line => line.Category == "relay-admin.audit")
        .Select(static line => $"{line.Id} {line.Text}");

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Recorder(RecordingLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                logs._lines.Enqueue(
                    (category, eventId.Id, logLevel, $"{formatter(state, exception)} {exception?.Message}".Trim()));
        }
    }
}
