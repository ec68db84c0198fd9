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

    public ILogger CreateLogger(string categoryName) => new CallbackLog(
        (level, id, text, exception) =>
        {
            if (level >= LogLevel.Information)
                _lines.Enqueue((categoryName, id.Id, level, $"{text} {exception?.Message}".Trim()));
        },
        LogLevel.Information);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
