using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Relay.Hosting.Logging;

/// <summary>One line for people: time, level, category, the message's stable id, its text; the level in colour on a terminal.</summary>
public sealed class TextLogFormatter() : ConsoleFormatter(FormatName)
{
    /// <summary>The name under which the console knows it.</summary>
    internal const string FormatName = "relay-text";

    private static readonly bool IsColoured =
        !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    // The little that there is for each type of state is compiled at each start.
    /// <inheritdoc/>
    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter) =>
        Write(
            textWriter, logEntry.LogLevel, logEntry.Category, logEntry.EventId.Id,
            logEntry.Formatter(logEntry.State, logEntry.Exception), logEntry.Exception);

    private static void Write(TextWriter writer, LogLevel level, string category, int id, string message, Exception? exception)
    {
        writer.Write(DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture));
        var (name, colour) = Look(level);
        writer.Write(IsColoured ? $"\u001b[{colour}m{name}\u001b[0m" : name);
        writer.Write($": {category}[{id.ToString(CultureInfo.InvariantCulture)}]");
        WriteInLine(writer, message);
        if (exception is not null)
            WriteInLine(writer, exception.ToString());
        writer.WriteLine();
    }

    private static void WriteInLine(TextWriter writer, string text)
    {
        if (text.Length == 0)
            return;
        writer.Write(' ');
        writer.Write(text.Replace(Environment.NewLine, " ", StringComparison.Ordinal));
    }

    private static (string Name, int Colour) Look(LogLevel level) => level switch
    {
        LogLevel.Trace => ("trce", 37),
        LogLevel.Debug => ("dbug", 37),
        LogLevel.Information => ("info", 32),
        LogLevel.Warning => ("warn", 33),
        LogLevel.Error => ("fail", 31),
        _ => ("crit", 31),
    };
}
