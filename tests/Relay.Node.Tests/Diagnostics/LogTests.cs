using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Relay.Hosting.Logging;
using Relay.Node.Counters;

namespace Relay.Node.Tests.Diagnostics;

/// <summary>Ids and names of messages are for scripts: what is here may be added to, not changed.</summary>
public class LogTests
{
    private static readonly (int Id, string Name)[] Known =
    [
        (1, "Started"), (2, "Listening"), (3, "SteeringRefused"), (4, "OpenRelay"), (5, "Draining"), (6, "Drained"),
        (7, "LoopFailed"), (8, "Hurried"), (9, "Ended"), (30, "AccessLogFailed"), (31, "AccessLinesDropped"),
        (32, "HangUp"), (100, "ConnectionEstablished"), (101, "ConnectionEnded"), (102, "Defect"), (200, "TunnelEnded"),
    ];

    [Fact]
    public void Messages_HaveStableIdsOfTheirOwn()
    {
        var messages = typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Select(static method => (method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId, method.Name))
            .Where(static message => message.EventId is not null)
            .Select(static message => (message.EventId!.Value, message.Name))
            .ToList();
        Assert.All(Known, known => Assert.Contains(known, messages));
        Assert.Equal(messages.Count, messages.Select(static message => message.Value).Distinct().Count());
    }

    [Fact]
    public void Json_IsOneObjectALineWithIdNameAndValues()
    {
        using var text = new StringWriter();
        var log = new FormattingLogger(new JsonLogFormatter(), text);
        Log.TunnelEnded(log, "UDP", TunnelOutcome.Completed, 12, 34);
        Log.Defect(log, new InvalidOperationException("two\nlines"));
        Log.ConnectionEnded(log, "Application", 0x100, -5);
        var lines = text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);

        var tunnel = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal((200, "TunnelEnded", "debug"), (tunnel.GetProperty("id").GetInt32(),
            tunnel.GetProperty("event").GetString(), tunnel.GetProperty("level").GetString()));
        Assert.Equal("UDP tunnel ended: Completed, 12 bytes up, 34 bytes down", tunnel.GetProperty("message")
            .GetString());
        Assert.Equal((12, 34, "Completed"), (tunnel.GetProperty("values").GetProperty("upstream").GetInt64(),
            tunnel.GetProperty("values").GetProperty("downstream").GetInt64(),
            tunnel.GetProperty("values").GetProperty("outcome").GetString()));
        Assert.True(tunnel.GetProperty("time").TryGetDateTimeOffset(out _));
        Assert.Contains("two\nlines", JsonDocument.Parse(lines[1]).RootElement.GetProperty("exception").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(256, JsonDocument.Parse(lines[2]).RootElement.GetProperty("values").GetProperty("code")
            .GetInt32());
    }

    [Fact]
    public void Text_IsOneLineAMessage_WhateverItSays()
    {
        using var text = new StringWriter();
        var log = new FormattingLogger(new TextLogFormatter(), text);
        Log.HangUp(log);
        Log.Defect(log, new InvalidOperationException("two\nlines"));
        var lines = text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        // Where the tests write to a terminal the level is coloured.
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S*info\S*: relay-node\[32\] \S", lines[0]);
        Assert.Matches(@" \S*fail\S*: relay-node\[102\] \S.* System\.InvalidOperationException: two lines", lines[1]);
    }

    private sealed class FormattingLogger(ConsoleFormatter formatting, TextWriter text) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            formatting.Write(
                new LogEntry<TState>(logLevel, "relay-node", eventId, state, exception, formatter), null, text);
    }
}
