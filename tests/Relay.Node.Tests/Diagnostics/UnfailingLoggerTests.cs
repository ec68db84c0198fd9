using Microsoft.Extensions.Logging;
using Relay.Node.Diagnostics;

namespace Relay.Node.Tests.Diagnostics;

public class UnfailingLoggerTests
{
    [Fact]
    public void Log_ProviderThrows_IsLost()
    {
        var broken = new Logger(static () => throw new AggregateException(new OutOfMemoryException()));
        Log.Defect(new UnfailingLogger(broken), new InvalidOperationException());
        Assert.Equal(1, broken.Asked);
    }

    [Fact]
    public void Log_ProviderWrites_IsPassedOn()
    {
        var written = 0;
        var logger = new Logger(() => written++);
        Log.OutOfMemory(new UnfailingLogger(logger), 1, new OutOfMemoryException());
        Assert.Equal(1, written);
        Log.ConnectionEstablished(new UnfailingLogger(logger), 1);
        Assert.Equal(1, written); // below its level
    }

    private sealed class Logger(Action write) : ILogger
    {
        public int Asked { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            Asked++;
            write();
        }
    }
}
